"""The client copy: one message as its person may read it, verified to the last link and opened with their own key.

What the relay does wrong is an error, and nothing is shown: a notice without its receipt, a section left out, keys from
elsewhere. What the sender did wrong is a problem of that section alone, and the rest is read (attacks 10, 13, 19
to 25). Never here: words for people.
"""

import asyncio
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from zegel.content.files import check_format, check_format_of
from zegel.content.notes import Note, text_fields
from zegel.errors import RelayProblem
from zegel.large_section import Large, is_large
from zegel.receive import read_section, section_context, sender_key
from zegel.section import Section
from zegel_demo.over_broad import first_notice, found_sections
from zegel_demo.phone import Family, Phone
from zegel_keys import opening
from zegel_keys.casefile import CaseFile, read_entries
from zegel_keys.exhibit import read
from zegel_keys.keystore.spool import Spool
from zegel_keys.receipts import check_receipt
from zegel_keys.verification import verify
from zegel_protocol import encoding
from zegel_protocol.api import Bundle, Delivery, given
from zegel_protocol.errors import ChainError, MalformedError, ProtocolError
from zegel_protocol.objects import Entry, Manifest, Notice, Receipt, Wraps
from zegel_protocol.objects.notice import WITHOUT_DEVICE
from zegel_protocol.objects.parties import Party
from zegel_protocol.sealing import SectionContext, WrapContext, wrap_info
from zegel_protocol.signed import Place, Signed

HIDDEN = "section.hidden"
"""Problem: a section about this person that they neither read nor are given a reason for (attack 23)."""


@dataclass(frozen=True)
class CopySection:
    """One section that this person is told of.

    Exactly one of these: `content`, if it was opened; `withheld`, a reason of the rulebook's list; `problem`, the code
    of what is wrong with it; or none, for a part that the rulebook gives to others only.
    """

    entry: Signed[Entry]
    content: Section | None = None
    withheld: str | None = None
    problem: str | None = None


@dataclass(frozen=True)
class ClientCopy:
    """A message in one person's own copy. `place`: where and when it was accepted; `wraps`: `D` of their keys."""

    manifest: Signed[Manifest]
    place: Place
    receipt: Signed[Receipt]
    wraps: str | None
    sections: tuple[CopySection, ...]
    case: CaseFile = field(repr=False)

    @property
    def problems(self) -> tuple[str, ...]:
        """The codes of all that is wrong with it, each once."""
        return tuple(dict.fromkeys(item.problem for item in self.sections if item.problem is not None))

    def readable(self) -> list[tuple[str, str]]:
        """Return what was opened, in its order: a note's type with its text, a file's name with its type and size."""
        opened = [item.content for item in self.sections if item.content is not None]
        return [
            (content.type, note_text(content.note))
            if content.note is not None
            else (content.name or content.type, f"{content.media}, {content.size} bytes")
            for content in opened
        ]


def note_text(note: Note) -> str:
    """Return a note's fields as text, in declared order, parted by slashes; an answer or an amount as it stands."""
    words = [text for _, text in text_fields(note)]
    return " / ".join(words) or encoding.encode(note).decode("utf-8")


async def open_copy(phone: Phone, notice: Signed[Notice], family: Family, beside: Bundle) -> ClientCopy:
    """Have the message of a notice handed out, and return this person's copy of it.

    `beside`: what the relay showed of the message before, of which the keys and records are read with it. A notice that
    something was over-broad came later than the message: the steward's finding is what it rests on, and it shows the
    sections that it names.

    Raises `ProtocolError`: `notice.receipt` (the receipt does not name this notice), `notice.finding` (no finding of
    the steward says so), `notice.entry-missing` (the relay left out a section that the notice names),
    `entry.not-yours`, `delivery.foreign`, `wraps.receipt`, `wraps.foreign`,
    `wraps.sealer`, and what verification raises; `RelayProblem`, `RelayUnreachable`.
    """
    delivery = await phone.relay.deliver(notice.payload.manifest)
    case = await phone.believe(_together(delivery.evidence, beside))
    # The setting came with the message, and the keys of another person who wrote it. This family was verified
    # before, and no other keys are taken for theirs.
    case = replace(case, trust=case.trust.with_clients({**case.clients, **family.case.clients}))
    first = first_notice(notice, delivery, case)
    receipt, place = await _receipt(phone, first, delivery, case)
    manifest = verify(bytes(delivery.manifest), Manifest, case.trust, place)
    if manifest.d != notice.payload.manifest:
        raise ChainError("delivery.foreign", "the relay handed out another message than was asked for")
    await phone.view.compare_seen(manifest.payload.seen, manifest.payload.created, case)
    phone.parties[manifest.d] = (manifest.payload.sender.party, manifest.payload.to)
    reader = Party(person=phone.person)
    entries = _entries(manifest.payload, delivery, first.payload, reader)
    if first is not notice:
        entries = found_sections(case, manifest, entries, notice.payload)
    wraps: Signed[Wraps] | None = None
    keys: Mapping[int, bytes] = {}
    problem: str | None = WITHOUT_DEVICE if WITHOUT_DEVICE in notice.payload.codes else None
    if any(reader in held.payload.readers for held in entries):
        wraps = verify(bytes(delivery.wraps), Wraps, case.trust, place)
        _check_wraps(wraps, receipt, manifest, reader)
        keys, problem = _unwrap(phone, wraps.payload, manifest, reader)
    sections = [await _section(phone, held, manifest, case, keys, problem) for held in entries]
    return ClientCopy(manifest, place, receipt, wraps.d if wraps is not None else None, tuple(sections), case)


def _together(evidence: Bundle, beside: Bundle) -> Bundle:
    """Return both as one, each object once."""
    shown = {bytes(item.object): item for item in (*evidence.items, *beside.items)}
    return Bundle(items=tuple(shown.values()))


async def _receipt(
    phone: Phone, notice: Signed[Notice], delivery: Delivery, case: CaseFile
) -> tuple[Signed[Receipt], Place]:
    log_key = case.setting.directory.payload.log_key
    receipt, place, seen = check_receipt(bytes(delivery.receipt), notice.payload.manifest, case.trust, log_key)
    await phone.view.compare_log(seen, case)
    own = given(delivery.notice)
    handed = read(own).d if own is not None else notice.d
    if notice.d not in receipt.payload.notices or handed != notice.d:
        raise ChainError("notice.receipt", "not the notice that was stored with this message")
    return receipt, place


def _entries(manifest: Manifest, delivery: Delivery, notice: Notice, reader: Party) -> tuple[Signed[Entry], ...]:
    """Return the sections that this person is told of: all that the notice names, and none of somebody else's."""
    entries = read_entries(manifest, delivery.entries, whole=False)
    if set(notice.entries) - {held.d for held in entries}:
        raise MalformedError("notice.entry-missing", "the relay left out a section that the notice names")
    if any(held.d not in notice.entries and reader not in held.payload.readers for held in entries):
        raise MalformedError("entry.not-yours", "the relay handed out a section that is no concern of this person")
    return entries


def _check_wraps(wraps: Signed[Wraps], receipt: Signed[Receipt], manifest: Signed[Manifest], reader: Party) -> None:
    if wraps.d not in receipt.payload.wraps:
        raise ChainError("wraps.receipt", "not the keys that the relay gave a receipt for")
    if wraps.payload.manifest != manifest.d or wraps.payload.reader != reader:
        raise ChainError("wraps.foreign", "keys that were wrapped for another message or reader")
    if wraps.payload.sealer != manifest.payload.sender:
        raise ChainError("wraps.sealer", "keys that somebody else than the sender wrapped")


def _unwrap(
    phone: Phone, wraps: Wraps, manifest: Signed[Manifest], reader: Party
) -> tuple[Mapping[int, bytes], str | None]:
    """Return this person's section keys by entry number; or none, and the code of what is wrong with them."""
    wrap = next((item for item in wraps.wraps if item.key == phone.seal_key.public.digest), None)
    if wrap is None:
        return {}, "wraps.no-key"
    context = WrapContext(
        manifest=manifest.d,
        sealer=sender_key(manifest),
        reader=reader,
        keys=wrap.source,
        key=wrap.key,
        entries=wrap.entries,
    )
    try:
        keys = opening.unwrap(wrap.box, phone.seal_key, wrap_info(context), len(wrap.entries))
    except ProtocolError as error:
        return {}, error.code
    return dict(zip(wrap.entries, keys, strict=True)), None


async def _section(
    phone: Phone,
    held: Signed[Entry],
    manifest: Signed[Manifest],
    case: CaseFile,
    keys: Mapping[int, bytes],
    problem: str | None,
) -> CopySection:
    entry = held.payload
    if Party(person=phone.person) not in entry.readers:
        reason = next((item.reason for item in entry.withheld if item.person == phone.person), None)
        part = next((rule for rule in case.setting.rulebook.payload.parts if rule.id == entry.type), None)
        for_others = part is not None and "client" not in part.readers
        unseen = None if reason is not None or for_others else problem or HIDDEN
        return CopySection(held, withheld=reason, problem=unseen)
    key = keys.get(entry.n)
    if key is None:
        return CopySection(held, problem=problem or "wraps.entries")
    try:
        return CopySection(held, content=await _open(phone, manifest, entry, key))
    except ProtocolError as error:
        return CopySection(held, problem=error.code)
    except RelayProblem as gone:
        # What was read long ago is not kept for ever; the page still says what it was.
        if gone.code not in {"blob.unknown", "message.erased"}:
            raise
        return CopySection(held, problem=gone.code)


async def _open(phone: Phone, manifest: Signed[Manifest], entry: Entry, key: bytes) -> Section:
    """Return a section's content. The key is held against the entry first: no blob is fetched for a wrong one."""
    context = section_context(manifest.payload, entry, sender_key(manifest))
    opening.check_key(context, key, entry.kc)
    if is_large(entry):
        return await _open_large(phone, context, entry, key)
    blob = await phone.relay.download(entry.ct)
    content = read_section(entry, opening.open_section(context, key, blob, entry.ct, entry.kc, entry.padded))
    if content.note is None:
        check_format(content.media, content.data)
    return content


async def _open_large(phone: Phone, context: SectionContext, entry: Entry, key: bytes) -> Section:
    """Return a large file's section: fetched and opened in a folder of its own, which goes with the section."""
    folder = Path(tempfile.mkdtemp(prefix="zegel-copy-"))
    try:
        with await Large(Spool(folder), phone.relay, [entry], None).fetched() as files:
            content = await files.open(context, entry, key)
        if content.file is not None:
            weakref.finalize(content.file, shutil.rmtree, folder, ignore_errors=True)
            await asyncio.to_thread(check_format_of, content.media, content.file.path)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return content
