"""A person's message, sealed and signed on their phone: sections first, then the manifest, then the wraps.

One key binds all of it: the writer's identity key. What that is, and who reads it, is in `docs/spec/message.md`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import uuid_utils
from msgspec import Raw

from zegel.compose import INLINE_BYTES
from zegel.content import schemas
from zegel.section import Section
from zegel_demo.phone import Phone
from zegel_keys.casefile import CaseFile
from zegel_keys.envelopes import digest_of, new_nonce, sign_payload
from zegel_keys.hybrid import SealPublicKey
from zegel_keys.sections import SealedSection, seal_section
from zegel_keys.verification import verify
from zegel_keys.wrapping import wrap
from zegel_protocol import b64, encoding
from zegel_protocol.api import InlineSection, Submission
from zegel_protocol.decision.age import told_together
from zegel_protocol.objects import Entry, Manifest, Wraps
from zegel_protocol.objects.entry import Withheld
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.objects.wraps import Wrap
from zegel_protocol.sealing import SectionContext, WrapContext, wrap_info
from zegel_protocol.signed import Signed

KIND = "client-message"
NOT_THEIRS = "other-parents-words"
"""Why another holder of authority does not read what a parent writes about their child; that it was sent, they see."""
THEIR_OWN_HELP = "own-help-of-young-person"
"""Why a trusted adult does not read what a young person writes, where they have no key to read it with."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """What a person wrote: to which partner, what for, and which conversation or message it answers."""

    to: str
    sections: tuple[Section, ...] = field(repr=False)
    purpose: str = "voice"
    thread: str | None = None
    answers: str | None = None


def own_words(about: tuple[str, ...], type: str, text: str) -> Section:  # noqa: A002 (the wire's word)
    """Return a section of text that a person writes about themselves or a child. `type`: a category or a part."""
    return Section(type, schemas.WHOLE, about, note=schemas.schema_of(type, schemas.WHOLE)(text=text))


class SealedMessage:
    """One message, sealed and signed. Raises as `seal_section` and `Section.content`."""

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

    def _told(self, about: Iterable[str]) -> frozenset[str]:
        known = (self.case.clients.get(person) for person in about)
        return told_together((client.current for client in known if client is not None), self.now)

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
        withheld = {person: self._why(person, section.about) for person in others - reading} | dict(section.withheld)
        readers = {self.to, self.own, *(Party(person=person) for person in reading)}
        self.seals.append(seal)
        entry = Entry(
            v=1, huis=self.phone.huis, nonce=new_nonce(), n=number, type=section.type, form=section.form,
            about=section.about, media=section.media, padded=seal.padded, ct=seal.ct, kc=seal.kc,
            readers=tuple(sorted(readers, key=lambda item: item.key)),
            withheld=tuple(Withheld(person=person, reason=why) for person, why in sorted(withheld.items())),
        )  # fmt: skip
        self.entries.append(entry)

    def _why(self, person: str, about: Iterable[str]) -> str:
        known = (self.case.clients.get(name) for name in about)
        beside = any(person in client.current.trusted for client in known if client is not None)
        return THEIR_OWN_HELP if beside else NOT_THEIRS

    def _manifest(self, written: Written) -> Manifest:
        sender = Sender(person=self.phone.person)
        return Manifest(
            v=1, huis=self.phone.huis, nonce=new_nonce(), id=self.id, kind=KIND, sender=sender,
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
