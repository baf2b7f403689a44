"""A message that a person writes on their own phone: sealed there, signed with their identity key, and sent (article 6).

Rules bind partners, not families: a person may send anything about themselves, or about a child for whom they speak, to
any partner of the Huis. Nothing leaves in the clear. What such a message binds is in `docs/spec/message.md`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import uuid_utils
from msgspec import Raw

from zegel.compose import INLINE_BYTES
from zegel.content import schemas
from zegel.dispatch import Sent
from zegel.draft import check_section
from zegel.errors import RecipientWithoutKeys, Refused
from zegel.section import Section
from zegel_demo.phone import Phone
from zegel_keys.casefile import CaseFile
from zegel_keys.envelopes import digest_of, digest_of_envelope, new_nonce, sign_payload
from zegel_keys.exhibit import read_bundle
from zegel_keys.hybrid import SealPublicKey
from zegel_keys.receipts import check_receipt
from zegel_keys.sections import SealedSection, seal_section
from zegel_keys.verification import verify
from zegel_keys.wrapping import wrap
from zegel_protocol import b64, encoding
from zegel_protocol.api import EvidenceQuery, InlineSection, Submission
from zegel_protocol.decision import decide
from zegel_protocol.decision.age import told
from zegel_protocol.errors import ChainError
from zegel_protocol.objects import Entry, Manifest, Prekeys, Wraps
from zegel_protocol.objects.entry import Withheld
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.objects.wraps import Wrap
from zegel_protocol.sealing import SectionContext, WrapContext, wrap_info
from zegel_protocol.signed import Signed

KIND = "client-message"
NOT_THEIRS = "other-parents-words"
"""Why another holder of authority does not read what a parent writes about their child; that it was sent, they see."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """What a person wrote: to which partner, what for, and which conversation or message it answers."""

    to: str
    sections: tuple[Section, ...] = field(repr=False)
    purpose: str = "voice"
    thread: str | None = None
    answers: str | None = None


def own_words(person: str, type: str, text: str) -> Section:  # noqa: A002 (the wire's word)
    """Return a section of text that a person writes about themselves. `type`: a category or a part."""
    return Section(type, schemas.WHOLE, (person,), note=schemas.schema_of(type, schemas.WHOLE)(text=text))


async def send(phone: Phone, written: Written) -> Sent:
    """Seal a message and have the relay accept it; return its receipt once that holds.

    Raises `ContentError` (a text that is too long, or no such section), `RecipientWithoutKeys`, `Refused`,
    `RelayProblem`, `RelayUnreachable`; `ProtocolError` for whatever does not verify: `receipt.wraps` and
    `receipt.notices` when the relay's receipt is for less than was sent.
    """
    case = await _evidence(phone, written)
    for section in written.sections:
        check_section(case.setting.rulebook.payload, section, ())
    message = _Message(phone, case, written)
    refusals = decide(case.evidence(message.manifest, message.held), phone.clock())
    if refusals:
        raise Refused(refusals, names={name: case.setting.names(name)[0] for name in case.setting.memberships})
    submission = message.submission(await _keys_of(phone, written.to))
    for seal in message.seals:
        if len(seal.blob) > INLINE_BYTES:
            await phone.relay.upload(seal.ct, seal.blob)
    receipt = await phone.relay.submit_message(submission)
    d = message.manifest.d
    held, place, seen = check_receipt(receipt, d, case.trust, case.setting.directory.payload.log_key)
    await phone.view.compare_log(seen, case)
    if set(held.payload.wraps) != {digest_of_envelope(bytes(item)) for item in submission.wraps}:
        raise ChainError("receipt.wraps", "the relay gave a receipt for other keys than were sent")
    if len(held.payload.notices) < len(message.told):
        raise ChainError("receipt.notices", "the relay gave a receipt that leaves out somebody who is to be told")
    phone.kept[d] = receipt
    return Sent(message.manifest.payload.id, d, place.at, held.payload.notices)


async def _evidence(phone: Phone, written: Written) -> CaseFile:
    """What the message will be judged by. The setting is believed only as everything else that this phone acts on."""
    await phone.family()
    people = tuple(sorted({phone.person, *(person for section in written.sections for person in section.about)}))
    query = EvidenceQuery(
        persons=people,
        sender=Party(person=phone.person),
        to=Party(partner=written.to),
        thread=written.thread,
        household=phone.household,
        answers=written.answers,
    )
    flows = [(person, query.sender.key, query.to.key) for person in people]
    return await phone.view.believe_now(await phone.relay.evidence(query), phone.clock(), flows)


async def _keys_of(phone: Phone, partner: str) -> list[tuple[str, SealPublicKey]]:
    """The sealing keys that are in force of a partner's inbox devices, each with the `D` of what published it."""
    bundle = await phone.relay.prekeys(partner)
    case = await phone.believe(bundle)
    inbox = {device.device for device in case.trust.devices(partner, None) if device.inbox}
    found: list[tuple[str, SealPublicKey]] = []
    for item in read_bundle(bundle):
        if item.kind != Prekeys.KIND:
            continue
        held = verify(item.envelope, Prekeys, case.trust)
        if held.payload.partner != partner or held.payload.device not in inbox:
            continue
        phone.view.pin_prekeys(held)
        current = held.payload.current(phone.clock())
        if current is not None:
            found.append((held.d, SealPublicKey.from_text(current.seal_key)))
    if not found:
        raise RecipientWithoutKeys(
            "Nobody there can open a message now.",
            "Nothing was sent.",
            "Try again later, or phone them.",
        )
    return found


class _Message:
    """One message, sealed and signed: sections, then the manifest, then the wraps, since each binds the one before."""

    def __init__(self, phone: Phone, case: CaseFile, written: Written) -> None:
        self.phone, self.case, self.now = phone, case, phone.clock()
        self.to, self.own = Party(partner=written.to), Party(person=phone.person)
        self.id = str(uuid_utils.uuid7(nanoseconds=self.now * 1_000_000_000))
        self.told = {who for section in written.sections for who in self._told(section.about)}
        self.seals: list[SealedSection] = []
        self.entries: list[Entry] = []
        for number, section in enumerate(written.sections):
            self._seal(number, section)
        self.held = tuple(Signed(digest_of(entry), entry, frozenset()) for entry in self.entries)
        envelope = sign_payload(self._manifest(written), phone.seed.identity_key)
        self.envelope = envelope
        self.manifest = verify(envelope, Manifest, case.trust)

    def _told(self, about: Iterable[str]) -> set[str]:
        known = (self.case.clients.get(person) for person in about)
        return {who for client in known if client is not None for who in told(client.current, self.now)}

    def _seal(self, number: int, section: Section) -> None:
        """Seal one section: to the partner, to whoever wrote it, and to everyone told whose keys this phone may see."""
        context = SectionContext(
            huis=self.phone.huis, message=self.id, sender=self.phone.seed.identity_key.public,
            household=self.phone.household, n=number, type=section.type, form=section.form, about=section.about,
            media=section.media,
        )  # fmt: skip
        seal = seal_section(context, section.content())
        others = self._told(section.about) - {self.phone.person}
        reading = {person for person in others if self._key_of(person) is not None} - set(section.withheld)
        withheld = {person: NOT_THEIRS for person in others - reading} | dict(section.withheld)
        readers = {self.to, self.own, *(Party(person=person) for person in reading)}
        self.seals.append(seal)
        self.entries.append(
            Entry(
                v=1, huis=self.phone.huis, nonce=new_nonce(), n=number, type=section.type, form=section.form,
                about=section.about, media=section.media, padded=seal.padded, ct=seal.ct, kc=seal.kc,
                readers=tuple(sorted(readers, key=lambda item: item.key)),
                withheld=tuple(Withheld(person=person, reason=why) for person, why in sorted(withheld.items())),
            )  # fmt: skip
        )

    def _manifest(self, written: Written) -> Manifest:
        return Manifest(
            v=1, huis=self.phone.huis, nonce=new_nonce(), id=self.id, kind=KIND, sender=Sender(person=self.phone.person),
            directory=self.case.setting.directory.d, to=self.to, household=self.phone.household,
            purpose=written.purpose, thread=written.thread, entries=tuple(held.d for held in self.held), follow_up=(),
            seen=self.phone.view.seen, created=self.now, answers=written.answers,
        )  # fmt: skip

    def _key_of(self, person: str) -> tuple[str, SealPublicKey] | None:
        client = self.case.clients.get(person)
        held = client.key_now(self.now) if client is not None else None
        return (held.d, SealPublicKey.from_text(held.payload.seal_key)) if held is not None else None

    def submission(self, partner_keys: Sequence[tuple[str, SealPublicKey]]) -> Submission:
        """Return what the relay is given; ciphertexts that are too large to stand in it are uploaded before."""
        readers = sorted({reader for entry in self.entries for reader in entry.readers}, key=lambda item: item.key)
        wraps = [self._wraps(reader, self._keys(reader, partner_keys)) for reader in readers]
        return Submission(
            manifest=Raw(self.envelope),
            entries=tuple(b64.encode(encoding.encode(entry)) for entry in self.entries),
            wraps=tuple(Raw(sign_payload(item, self.phone.seed.identity_key)) for item in wraps),
            sections=tuple(
                InlineSection(ct=seal.ct, body=b64.encode(seal.blob))
                for seal in self.seals
                if len(seal.blob) <= INLINE_BYTES
            ),
        )

    def _keys(
        self, reader: Party, partner_keys: Sequence[tuple[str, SealPublicKey]]
    ) -> Sequence[tuple[str, SealPublicKey]]:
        if reader.person is None:
            return partner_keys
        key = self._key_of(reader.person)
        return [key] if key is not None else []

    def _wraps(self, reader: Party, public: Sequence[tuple[str, SealPublicKey]]) -> Wraps:
        numbers = tuple(entry.n for entry in self.entries if reader in entry.readers)
        keys = [self.seals[number].key for number in numbers]
        boxes = []
        for source, key in public:
            context = WrapContext(
                manifest=self.manifest.d, sealer=self.phone.seed.identity_key.public, reader=reader, keys=source,
                key=key.digest, entries=numbers,
            )  # fmt: skip
            boxes.append(Wrap(source=source, key=key.digest, entries=numbers, box=wrap(keys, key, wrap_info(context))))
        return Wraps(
            v=1, huis=self.phone.huis, nonce=new_nonce(), manifest=self.manifest.d, reader=reader,
            sealer=Sender(person=self.phone.person), wraps=tuple(boxes),
        )  # fmt: skip
