"""Opening a message: the whole chain verified, the decision made again, and only then a key used."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from zegel.acknowledging import Unopened
from zegel.content import framing, schemas
from zegel.content.finding import Finding
from zegel.content.framing import NOTE_MEDIA
from zegel.draft import check_section
from zegel.errors import NotForThisDevice, Refused
from zegel.large_section import Large, is_large
from zegel.message import Message
from zegel.progress import OnProgress
from zegel.relay_client import RelayClient
from zegel.section import Section, close
from zegel.view import View
from zegel_keys import opening
from zegel_keys.casefile import CaseFile, read_entries
from zegel_keys.envelopes import new_nonce, sign_payload
from zegel_keys.hybrid import SealPrivateKey, SealPublicKey
from zegel_keys.keystore.directory import Keystore
from zegel_keys.keystore.prekeys import private_for
from zegel_keys.receipts import check_receipt
from zegel_keys.verification import read_payload, verify
from zegel_keys.wrapping import wrap as wrap_keys
from zegel_protocol.api import Delivery
from zegel_protocol.decision import decide
from zegel_protocol.errors import ChainError, ProtocolError, SealError
from zegel_protocol.evidence import Evidence, Flow
from zegel_protocol.objects import Entry, Manifest, Prekeys, Receipt, Wraps
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.objects.rulebook import Rulebook
from zegel_protocol.objects.wraps import Wrap
from zegel_protocol.sealing import SectionContext, WrapContext, wrap_info
from zegel_protocol.signed import Place, Signed


@dataclass(frozen=True)
class _Handed:
    """A message that was handed out, verified and allowed; no key was used yet."""

    case: CaseFile
    receipt: Signed[Receipt]
    place: Place
    manifest: Signed[Manifest]
    entries: tuple[Signed[Entry], ...]
    wraps: Signed[Wraps]


class Receiver:
    """Opens what is delivered to one device."""

    def __init__(self, keystore: Keystore, view: View, client: RelayClient) -> None:
        self._identity, self._state, self._view, self._client = keystore.identity, keystore.state, view, client
        self._spool = keystore.spool
        self._reader = Party(partner=keystore.identity.partner)

    async def open(self, delivery: Delivery, expected: str, now: int, report: OnProgress | None = None) -> Message:
        """Return the opened message `expected` (its manifest's `D`).

        Order, and why: evidence and pins first; then the receipt, which gives the place; then the manifest at that
        place, so a removed device can't backdate; then the decision as of the receipt and as of now; then the wraps;
        and only then a private key is used. Raises `ProtocolError` for what does not verify, `Refused` for what is not
        allowed, `NotForThisDevice` when no key fits, `ContentError` when a section is not what its form says.
        """
        handed = await self._check(delivery, expected, now)
        case, manifest, entries = handed.case, handed.manifest, handed.entries
        keys = self._unwrap(manifest, handed.wraps, entries)
        sections = await self._sections(manifest, [held for held in entries if held.payload.n in keys], keys, report)
        rulebook = case.setting.rulebook.payload
        try:
            findings = await asyncio.to_thread(_checked, rulebook, sections)
        except BaseException:
            close(sections)
            raise
        sender = manifest.payload.sender.partner
        names = case.setting.names(sender)
        return Message(
            d=manifest.d, manifest=manifest.payload, sender_name=names[0] if names else "", sections=tuple(sections),
            findings=findings, entries=entries, place=handed.place, receipt=handed.receipt.d, wraps=handed.wraps.d,
            case=case,
        )  # fmt: skip

    async def unopened(self, delivery: Delivery, expected: str, now: int) -> Unopened:
        """Return a message that is verified and allowed, without using a key. Raises as `open` up to there."""
        handed = await self._check(delivery, expected, now)
        return Unopened(handed.manifest.d, handed.receipt.d, handed.wraps.d, handed.place)

    async def section_key(self, delivery: Delivery, expected: str, n: int, now: int) -> tuple[Signed[Entry], bytes]:
        """Return the entry and the key of section `n` of a message, which is verified and decided as for opening.

        Raises as `open`, and `ProtocolError` (`proof.section`: no such section for this reader).
        """
        handed = await self._check(delivery, expected, now)
        keys = self._unwrap(handed.manifest, handed.wraps, handed.entries)
        for held in handed.entries:
            if held.payload.n == n and n in keys:
                return held, keys[n]
        raise ProtocolError("proof.section", "the message has no section of that number for this reader")

    async def keys_again(self, delivery: Delivery, expected: str, to: Signed[Prekeys], now: int) -> bytes:
        """Return the keys of a message that this device can open, wrapped anew for another device of its partner.

        An envelope, signed by this device. Raises as `open`, and `NotForThisDevice` where `to` has no key that holds.
        """
        handed = await self._check(delivery, expected, now)
        keys = self._unwrap(handed.manifest, handed.wraps, handed.entries)
        current = to.payload.current(now)
        if current is None:
            raise NotForThisDevice(
                "That device has no sealing key that holds now.",
                "It was given nothing.",
                "Open your software there once: it publishes new keys.",
            )
        numbers = tuple(sorted(keys))
        public = SealPublicKey.from_text(current.seal_key)
        context = WrapContext(
            manifest=handed.manifest.d, sealer=self._identity.signing_key.public, reader=self._reader, keys=to.d,
            key=public.digest, entries=numbers,
        )  # fmt: skip
        box = wrap_keys([keys[n] for n in numbers], public, wrap_info(context))
        wraps = Wraps(
            v=1, huis=self._identity.huis, nonce=new_nonce(), manifest=handed.manifest.d, reader=self._reader,
            sealer=Sender(partner=self._identity.partner, device=self._identity.device),
            wraps=(Wrap(source=to.d, key=public.digest, entries=numbers, box=box),),
        )  # fmt: skip
        return sign_payload(wraps, self._identity.signing_key)

    async def _check(self, delivery: Delivery, expected: str, now: int) -> "_Handed":
        case = await self._view.believe(delivery.evidence, _flows(delivery))
        receipt, place = await self._check_receipt(delivery, expected, case)
        manifest = verify(bytes(delivery.manifest), Manifest, case.trust, place)
        if manifest.d != expected or manifest.payload.to != self._reader:
            raise ChainError("delivery.foreign", "the relay handed out another message than was asked for")
        await self._view.compare_seen(manifest.payload.seen, manifest.payload.created, case)
        # What is for the client alone stays with the client. That nothing of ours was left out, the wraps show below.
        entries = read_entries(manifest.payload, delivery.entries, whole=False)
        self._judge(case.evidence(manifest, entries), place, now)
        wraps = self._verified(delivery, case, place)
        by_colleague = wraps.payload.sealer.partner == self._identity.partner
        if not by_colleague and wraps.d not in receipt.payload.wraps:
            raise ChainError("wraps.receipt", "not the keys that the relay gave a receipt for")
        return _Handed(case, receipt, place, manifest, entries, wraps)

    def _verified(self, delivery: Delivery, case: CaseFile, place: Place) -> Signed[Wraps]:
        """Return the keys that came with a message, the sender's as of its place; a colleague's, who may be newer, now.

        Whoever wrapped them, each key is held against what the sender signed of it before it is used.
        """
        sealer = read_payload(bytes(delivery.wraps), Wraps)[0].sealer
        return verify(
            bytes(delivery.wraps), Wraps, case.trust, None if sealer.partner == self._identity.partner else place
        )

    async def _check_receipt(self, delivery: Delivery, expected: str, case: CaseFile) -> tuple[Signed[Receipt], Place]:
        log_key = case.setting.directory.payload.log_key
        receipt, place, seen = check_receipt(bytes(delivery.receipt), expected, case.trust, log_key)
        await self._view.compare_log(seen, case)
        return receipt, place

    def _judge(self, evidence: Evidence, place: Place, now: int) -> None:
        """Was it allowed when the relay accepted it, and is it allowed now?"""
        refusals = [*decide(evidence, place.at, place), *decide(evidence, now)]
        if refusals:
            names = {name: evidence.setting.names(name)[0] for name in evidence.setting.memberships}
            raise Refused(tuple(dict.fromkeys(refusals)), names=names)

    def _unwrap(
        self, manifest: Signed[Manifest], wraps: Signed[Wraps], entries: tuple[Signed[Entry], ...]
    ) -> dict[int, bytes]:
        payload = wraps.payload
        if payload.manifest != manifest.d or payload.reader != self._reader:
            raise ChainError("wraps.foreign", "keys that were wrapped for another message or reader")
        if payload.sealer != manifest.payload.sender and payload.sealer.partner != self._identity.partner:
            raise ChainError("wraps.sealer", "keys that neither the sender nor a colleague wrapped")
        wrap, private = self._own_wrap(payload)
        due = tuple(held.payload.n for held in entries if self._reader in held.payload.readers)
        if wrap.entries != due:
            raise SealError("wraps.entries", "not the keys of just the sections that this reader reads")
        sender = sender_key(manifest)
        sealer = next((signer.key for signer in wraps.signed_by("device")), sender)
        context = WrapContext(
            manifest=manifest.d, sealer=sealer, reader=self._reader, keys=wrap.source, key=wrap.key,
            entries=wrap.entries,
        )  # fmt: skip
        keys = opening.unwrap(wrap.box, private, wrap_info(context), len(wrap.entries))
        found = dict(zip(wrap.entries, keys, strict=True))
        for held in entries:
            if held.payload.n in found:
                bound = section_context(manifest.payload, held.payload, sender)
                opening.check_key(bound, found[held.payload.n], held.payload.kc)
        return found

    def _own_wrap(self, payload: Wraps) -> tuple[Wrap, SealPrivateKey]:
        for wrap in payload.wraps:
            private = private_for(self._state, wrap.key)
            if private is not None:
                return wrap, private
        raise NotForThisDevice(
            "This message is sealed to keys that this device does not hold, or has erased.",
            "It stays with the relay, unread.",
            "Open it on a device that was in your inbox list when it was sent, or ask the sender to send it again.",
        )

    async def _sections(
        self,
        manifest: Signed[Manifest],
        entries: Sequence[Signed[Entry]],
        keys: Mapping[int, bytes],
        report: OnProgress | None,
    ) -> list[Section]:
        """Fetch and open all sections: first all of what is large is here, so that opening waits for no line."""
        large = Large(self._spool, self._client, [held.payload for held in entries if is_large(held.payload)], report)
        sections: list[Section] = []
        try:
            with await large.fetched() as files:
                for held in entries:
                    entry, key = held.payload, keys[held.payload.n]
                    context = section_context(manifest.payload, entry, sender_key(manifest))
                    if is_large(entry):
                        sections.append(await files.open(context, entry, key))
                    else:
                        blob = await self._client.download(entry.ct)
                        content = opening.open_section(context, key, blob, entry.ct, entry.kc, entry.padded)
                        sections.append(read_section(entry, content))
        except BaseException:
            close(sections)
            raise
        return sections


def _flows(delivery: Delivery) -> set[Flow]:
    """Return the consent chains that a message says it rests on: which to read, before anything of it is verified."""
    manifest, _ = read_payload(bytes(delivery.manifest), Manifest)
    entries = read_entries(manifest, delivery.entries, whole=False)
    people = {person for held in entries for person in held.payload.about}
    return {(person, manifest.sender.party.key, manifest.to.key) for person in people}


def sender_key(manifest: Signed[Manifest]) -> str:
    """Return the public key that signed a manifest: what its sections and wraps are bound to."""
    return next(iter(signer.key for signer in manifest.signers if signer.role in ("device", "identity")))


def section_context(manifest: Manifest, entry: Entry, sender: str) -> SectionContext:
    """Return what a section was sealed as."""
    return SectionContext(
        huis=manifest.huis, message=manifest.id, sender=sender, household=manifest.household, n=entry.n,
        type=entry.type, form=entry.form, about=entry.about, media=entry.media,
    )  # fmt: skip


def _checked(rulebook: Rulebook, sections: Iterable[Section]) -> tuple[Finding, ...]:
    return tuple(item for section in sections for item in check_section(rulebook, section, ()))


def read_section(entry: Entry, content: bytes) -> Section:
    """Return an opened section's content by its form. Raises `ContentError`."""
    withheld = {item.person: item.reason for item in entry.withheld}
    if entry.media == NOTE_MEDIA:
        note = framing.unpack_note(schemas.schema_of(entry.type, entry.form), content)
        return Section(entry.type, entry.form, entry.about, note=note, withheld=withheld)
    name, data = framing.unpack_file(content, entry.media)
    return Section(entry.type, entry.form, entry.about, name=name, data=data, media=entry.media, withheld=withheld)
