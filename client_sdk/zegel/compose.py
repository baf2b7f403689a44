"""From a draft to a message: who reads which section, on which consents, sealed for whom."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

import uuid_utils
from msgspec import Raw

from zegel.content.disk_file import changed
from zegel.content.errors import ContentCode, ContentError
from zegel.draft import Draft
from zegel.section import Section
from zegel_keys.casefile import CaseFile
from zegel_keys.envelopes import digest_of_envelope, new_nonce, sign_payload
from zegel_keys.hybrid import SealPublicKey
from zegel_keys.keystore.identity import Identity
from zegel_keys.keystore.spool import Spool, sync
from zegel_keys.sections import SectionSeal, seal_pieces, seal_section
from zegel_keys.wrapping import wrap
from zegel_protocol import b64, dsse, encoding
from zegel_protocol.api import InlineSection, Submission
from zegel_protocol.decision.age import told_together
from zegel_protocol.errors import MalformedError, SealError
from zegel_protocol.evidence import Evidence
from zegel_protocol.objects import Consent, Entry, Manifest, Payload, Prekeys, Revocation, Wraps
from zegel_protocol.objects.entry import Withheld
from zegel_protocol.objects.manifest import OnConsent, Seen
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.objects.wraps import Wrap
from zegel_protocol.padme import ciphertext_size, padded_size
from zegel_protocol.sealing import SectionContext, WrapContext, wrap_info
from zegel_protocol.signed import Signed, Signer

INLINE_BYTES = 65_536
"""Ciphertexts above this are uploaded before the message (`docs/spec/sealing.md`)."""
UNSEALED = b64.encode(bytes(32))
"""Stands for a digest that is not known before sealing; `decide()` looks at no digest of a section."""


def _uncounted(_size: int) -> None:
    """Take no notice of how far it is."""


@dataclass(frozen=True, repr=False)
class Composed:
    """A sealed message: what is submitted, the ciphertexts to upload first (`ct` to bytes), and who is to be told.

    Where it was sealed into a spool, `uploads` is empty and `sealed` says which spool files the ciphertexts are; the
    files stay held until `release`, so that no sweep takes one that no row names yet.
    """

    id: str
    manifest: str
    submission: Submission
    uploads: Mapping[str, bytes]
    wraps: tuple[str, ...]
    told: frozenset[str]
    sealed: tuple["Sealed", ...] = ()
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For each of `told`, the `D` of the entries that concern them."""

    def release(self) -> None:
        """Let go of the spool files."""
        for item in self.sealed:
            if item.held is not None:
                item.held.close()


@dataclass(frozen=True, repr=False)
class Sealed:
    """One sealed section: as what, with which key, and where its ciphertext is: in memory or in the spool."""

    context: SectionContext
    seal: SectionSeal
    blob: bytes | None = None
    name: str | None = None
    held: BinaryIO | None = None


class Composer:
    """Makes messages of one device, under the case that was fetched for them, at time `now` (seconds)."""

    def __init__(self, identity: Identity, case: CaseFile, seen: Seen, now: int) -> None:
        self._identity, self._case, self._seen, self._now = identity, case, seen, now
        self._sender = Sender(partner=identity.partner, device=identity.device)

    def preview(self, draft: Draft) -> Evidence:
        """Return the evidence that `decide()` judges before anything is sealed: all but digests is as it will be.

        Raises `ContentError` (`content.schema`) for a draft that is empty, or holds values of no type of the wire's.
        """
        if not draft.sections:
            raise ContentError(ContentCode.SCHEMA, "nothing is in this draft yet: add a note or a file")
        message = self._new_id()
        entries = tuple(
            Signed(_unsealed(index), self._preview_entry(draft.recipient, section, index), frozenset())
            for index, section in enumerate(draft.sections)
        )
        manifest = self._checked(self._manifest(draft, message, tuple(held.d for held in entries)))
        own = Signer(
            "device", self._identity.signing_key.public, partner=self._identity.partner,
            device=self._identity.device, worker=self._identity.worker,
        )  # fmt: skip
        return self._case.evidence(Signed(UNSEALED, manifest, frozenset({own})), entries)

    def compose(
        self,
        draft: Draft,
        prekeys: Sequence[Signed[Prekeys]],
        spool: Spool | None = None,
        count: Callable[[int], None] = _uncounted,
    ) -> Composed:
        """Seal a draft: sections, manifest, wraps, since each binds the one before (`docs/spec/sealing.md`).

        With a `spool`, what is too large to travel inline is sealed into files there, in constant memory; `count` is
        told bytes as they are sealed, and may raise to stop it. Nothing stays in the spool after an error. Blocking.
        """
        message = self._new_id()
        sealed: list[Sealed] = []
        try:
            for index, section in enumerate(draft.sections):
                sealed.append(self._seal(self._context(draft, message, section, index), section, spool, count))
            return self._composed(draft, message, sealed, prekeys)
        except BaseException:
            discard(sealed, spool)
            raise

    def _seal(
        self, context: SectionContext, section: Section, spool: Spool | None, count: Callable[[int], None]
    ) -> Sealed:
        size = section.content_size()
        if spool is None or ciphertext_size(padded_size(size)) <= INLINE_BYTES:
            whole = seal_section(context, section.content())
            count(size)
            return Sealed(context, whole, blob=whole.blob)
        name, file = spool.create()
        try:
            seal = seal_pieces(context, _counted(section.pieces(), count), size, file)
            sync(file)
        except BaseException as error:
            file.close()
            spool.discard(name)
            if isinstance(error, SealError) and error.code == "section.length":
                raise changed() from error
            raise
        return Sealed(context, seal, name=name, held=file)

    def _composed(
        self, draft: Draft, message: str, sealed: Sequence[Sealed], prekeys: Sequence[Signed[Prekeys]]
    ) -> Composed:
        entries = [
            self._entry(draft.recipient, section, index, item.seal.padded, item.seal)
            for index, (section, item) in enumerate(zip(draft.sections, sealed, strict=True))
        ]
        payloads = [encoding.encode(entry) for entry in entries]
        digests = tuple(dsse.digest(dsse.payload_type(Entry.KIND), payload) for payload in payloads)
        manifest = self._sign(self._manifest(draft, message, digests))
        d = digest_of_envelope(manifest)
        keys = [item.seal for item in sealed]
        wraps = [
            self._sign(self._wraps(d, reader, entries, keys, prekeys))
            for reader in sorted({reader for entry in entries for reader in entry.readers}, key=lambda item: item.key)
        ]
        in_memory = [(item.seal.ct, item.blob) for item in sealed if item.blob is not None]
        submission = Submission(
            manifest=Raw(manifest),
            entries=tuple(b64.encode(payload) for payload in payloads),
            wraps=tuple(Raw(item) for item in wraps),
            sections=tuple(
                InlineSection(ct=ct, body=b64.encode(blob)) for ct, blob in in_memory if len(blob) <= INLINE_BYTES
            ),
        )
        large = {ct: blob for ct, blob in in_memory if len(blob) > INLINE_BYTES}
        who = frozenset(person for section in draft.sections for person in self._told(section))
        named = tuple(digest_of_envelope(item) for item in wraps)
        lines = self._lines(draft, digests)
        return Composed(message, d, submission, large, named, who, tuple(sealed), lines)

    def _checked(self, manifest: Manifest) -> Manifest:
        """Return the manifest as a stranger reads it: what a program put into a draft may be of any type."""
        try:
            return encoding.decode(encoding.encode(manifest), Manifest)
        except MalformedError as error:
            detail = f"{error.detail}. Nothing was sent; mend the draft"
            raise ContentError(ContentCode.SCHEMA, detail, error.path) from None

    def _new_id(self) -> str:
        return str(uuid_utils.uuid7(nanoseconds=self._now * 1_000_000_000))

    def _context(self, draft: Draft, message: str, section: Section, index: int) -> SectionContext:
        return SectionContext(
            huis=self._identity.huis,
            message=message,
            sender=self._identity.signing_key.public,
            household=draft.household,
            n=index,
            type=section.type,
            form=section.form,
            about=section.about,
            media=section.media,
        )

    def _preview_entry(self, to: Party, section: Section, index: int) -> Entry:
        return self._entry(to, section, index, padded_size(section.content_size()), None)

    def _entry(self, to: Party, section: Section, index: int, padded: int, sealed: SectionSeal | None) -> Entry:
        withheld = tuple(Withheld(person=person, reason=reason) for person, reason in sorted(section.withheld.items()))
        return Entry(
            v=1,
            huis=self._identity.huis,
            nonce=new_nonce(),
            n=index,
            type=section.type,
            form=section.form,
            about=section.about,
            media=section.media,
            padded=padded,
            ct=sealed.ct if sealed is not None else UNSEALED,
            kc=sealed.kc if sealed is not None else UNSEALED,
            readers=self._readers(to, section),
            withheld=withheld,
        )

    def _readers(self, to: Party, section: Section) -> tuple[Party, ...]:
        """The recipient, and everyone who is told and has keys; for a part, as far as its rule gives it to them."""
        part = next((rule for rule in self._case.setting.rulebook.payload.parts if rule.id == section.type), None)
        readers: list[Party] = []
        if part is None or "recipient" in part.readers or "participants" in part.readers:
            readers.append(to)
        if part is None or "client" in part.readers:
            readers += [Party(person=person) for person in self._reading(section)]
        return tuple(sorted(set(readers), key=lambda item: item.key))

    def _told(self, section: Section) -> set[str]:
        """Everyone who is told of a section, whether or not they can read it."""
        known = (self._case.clients.get(person) for person in section.about)
        return set(told_together((client.current for client in known if client is not None), self._now))

    def _lines(self, draft: Draft, digests: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The `D` of the entries that concern each person who is told, as the relay must name them in their notice."""
        lines: dict[str, tuple[str, ...]] = {}
        for section, d in zip(draft.sections, digests, strict=True):
            for person in self._told(section):
                lines[person] = (*lines.get(person, ()), d)
        return lines

    def _reading(self, section: Section) -> set[str]:
        """Those of them who have keys, and whom it is not withheld from."""
        people = ((person, self._case.clients.get(person)) for person in self._told(section))
        with_keys = {
            person for person, client in people if client is not None and client.key_now(self._now) is not None
        }
        return with_keys - set(section.withheld)

    def _manifest(self, draft: Draft, message: str, entries: tuple[str, ...]) -> Manifest:
        setting = self._case.setting
        lists = setting.devices.get(self._identity.partner, ())
        named = self._consents(draft)
        return Manifest(
            v=1,
            huis=self._identity.huis,
            nonce=new_nonce(),
            id=message,
            kind=draft.kind,
            sender=self._sender,
            devices=lists[-1].d if lists else UNSEALED,
            directory=setting.directory.d,
            to=draft.recipient,
            household=draft.household,
            purpose=draft.purpose,
            basis=draft.basis or (OnConsent(consents=named) if named else None),
            carried=draft.carried,
            thread=draft.thread,
            entries=entries,
            follow_up=tuple(sorted(draft.follow_up, key=lambda item: item.code)),
            notice_by=draft.notice_by or self._identity.partner,
            seen=self._seen,
            created=self._now,
            answers=draft.answers,
            steps=draft.steps,
            delay=draft.delay,
        )

    def _consents(self, draft: Draft) -> tuple[str, ...]:
        """The consents to name: those in force for this purpose; if none is, the newest: then the refusal says why."""
        named: set[str] = set()
        sender, to = self._sender.party.key, draft.recipient.key
        people = {person for section in draft.sections for person in section.about}
        for person in people:
            chain = self._case.chains.get((person, sender, to), ())
            consents = [held for held in chain if isinstance(held.payload, Consent)]
            gone = {
                d for held in chain
                for d in (held.payload.revokes if isinstance(held.payload, Revocation) else held.payload.replaces)
            }  # fmt: skip
            fitting = [
                held.d for held in consents
                if held.d not in gone and held.payload.purpose == draft.purpose
            ]  # fmt: skip
            named.update(fitting or [held.d for held in consents[-1:]])
        return tuple(sorted(named))

    def _wraps(
        self,
        manifest: str,
        reader: Party,
        entries: Sequence[Entry],
        sealed: Sequence[SectionSeal],
        prekeys: Sequence[Signed[Prekeys]],
    ) -> Wraps:
        numbers = tuple(entry.n for entry in entries if reader in entry.readers)
        keys = [sealed[number].key for number in numbers]
        boxes = []
        for source, public in self._keys_of(reader, prekeys):
            context = WrapContext(
                manifest=manifest, sealer=self._identity.signing_key.public, reader=reader, keys=source,
                key=public.digest, entries=numbers,
            )  # fmt: skip
            box = wrap(keys, public, wrap_info(context))
            boxes.append(Wrap(source=source, key=public.digest, entries=numbers, box=box))
        return Wraps(
            v=1, huis=self._identity.huis, nonce=new_nonce(), manifest=manifest, reader=reader, sealer=self._sender,
            wraps=tuple(boxes),
        )  # fmt: skip

    def _keys_of(self, reader: Party, prekeys: Sequence[Signed[Prekeys]]) -> list[tuple[str, SealPublicKey]]:
        if reader.person is not None:
            held = self._case.clients[reader.person].key_now(self._now)
            return [(held.d, SealPublicKey.from_text(held.payload.seal_key))] if held is not None else []
        found = []
        for item in prekeys:
            current = item.payload.current(self._now)
            if current is not None:
                found.append((item.d, SealPublicKey.from_text(current.seal_key)))
        return found

    def _sign(self, payload: Payload) -> bytes:
        return sign_payload(payload, self._identity.signing_key)


def _unsealed(index: int) -> str:
    """A name for an entry that is not sealed yet, of the right shape, different for each."""
    return b64.encode(index.to_bytes(32, "big"))


def discard(sealed: Iterable[Sealed], spool: Spool | None) -> None:
    """Remove the spool files of sections that will not be sent."""
    for item in sealed:
        if spool is not None and item.name is not None:
            if item.held is not None:
                item.held.close()
            spool.discard(item.name)


def _counted(pieces: Iterable[bytes], count: Callable[[int], None]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece
        count(len(piece))
