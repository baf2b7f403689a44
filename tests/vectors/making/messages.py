"""A whole message of the vectors: sections, entries, manifest, wraps for both readers, and its receipt."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from vectors.making.asking import ask
from vectors.making.case import binary, raw
from vectors.making.huis import (
    HOME,
    HUIS,
    MOTHER,
    RECIPIENT,
    SENDER,
    device_id,
    device_key,
    header,
    make_client_key,
    make_prekeys,
    world,
)
from vectors.making.ledger import Item, Ledger, d_of, envelope
from vectors.making.seeds import DAY, NOW, Stream, seal_key, seed, uuid7
from zegel_keys.hybrid import SealPrivateKey
from zegel_keys.sections import TAG_FINAL
from zegel_keys.signing import SigningKey
from zegel_keys.wrapping import wrap
from zegel_protocol import b64, encoding
from zegel_protocol.objects import Entry, Manifest, Wraps
from zegel_protocol.objects.manifest import Carried, FollowUp, OnConsent
from zegel_protocol.objects.parties import Party, Sender
from zegel_protocol.objects.wraps import Wrap
from zegel_protocol.padme import padded_size
from zegel_protocol.sealing import SectionContext, WrapContext, associated_data, key_commitment, wrap_info

NOTE = "application/vnd.zegel.note.v1+json"
PARTNER, CLIENT = Party(partner=RECIPIENT), Party(person=MOTHER)
CONTENTS = {
    "agreement": '{"text":"Het OCMW belt u donderdag tussen 10 en 12 uur. Niets gehoord? Bel Sara."}',
    "ask": '{"text":"Ik wil hulp met mijn schulden, voor de baby er last van heeft."}',
    "money": '{"text":"Drie deurwaarders, samen ongeveer € 6.400."}',
}


@dataclass
class Draft:
    """What is to be sent: changes to entries by number, and to the manifest; right unless a vector says not."""

    label: str = "message"
    contents: dict[str, str] = field(default_factory=lambda: dict(CONTENTS))
    entry_changes: dict[int, dict[str, Any]] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    key: SigningKey = field(default_factory=lambda: device_key(SENDER, "sara"))


class Message:
    """A draft, sealed as a sender's software does it."""

    def __init__(self, draft: Draft | None = None) -> None:
        self.draft = Draft() if draft is None else draft
        self.asking, self.ledger = ask()
        self.id = str(self.draft.changes.get("id", uuid7(self.draft.label, NOW)))
        self.sealer = self.draft.key.public
        self.keys = [seed(f"{self.draft.label} key {n}") for n in range(len(self.draft.contents))]
        self.sections: dict[str, bytes] = {}
        self.entries = [self._entry(n, *item) for n, item in enumerate(self.draft.contents.items())]
        self.manifest = self._manifest()
        self.d = d_of(self.manifest)
        self.envelope = envelope(self.manifest, self.draft.key)
        reading = {reader for entry in self.entries for reader in entry.readers}
        self.wraps = {reader: self.wraps_for(reader) for reader in (PARTNER, CLIENT) if reader in reading}

    def context(self, entry: Entry) -> SectionContext:
        """Return what a section is sealed as."""
        return SectionContext(
            huis=HUIS, message=self.id, sender=self.sealer, household=self.draft.changes.get("household", HOME),
            n=entry.n, type=entry.type, form=entry.form, about=entry.about, media=entry.media,
        )  # fmt: skip

    def _entry(self, n: int, kind: str, text: str) -> Entry:
        content = text.encode("utf-8")
        fields: dict[str, Any] = {
            "n": n, "type": kind, "form": "whole", "about": (MOTHER,), "media": NOTE,
            "padded": padded_size(len(content)), "ct": "A" * 43, "kc": "A" * 43, "readers": (PARTNER, CLIENT),
            "withheld": (), **self.draft.entry_changes.get(n, {}),
        }  # fmt: skip
        bare = Entry(**header(f"{self.draft.label} entry {n}"), **fields)
        ad = associated_data(self.context(bare))
        plain = (len(content).to_bytes(8, "big") + content).ljust(padded_size(len(content)), b"\0")
        start = seed(f"{self.draft.label} header {n}")[:24]
        blob = start + Stream(self.keys[n], start).push(plain, ad, TAG_FINAL)
        ct = b64.encode(hashlib.sha256(blob).digest())
        self.sections[ct] = blob
        made = {**fields, "ct": ct, "kc": key_commitment(ad, self.keys[n])}
        return Entry(**header(f"{self.draft.label} entry {n}"), **{**made, **self.draft.entry_changes.get(n, {})})

    def _manifest(self) -> Manifest:
        fields: dict[str, Any] = {
            "id": self.id, "kind": "referral", "sender": Sender(partner=SENDER, device=device_id(SENDER, "sara")),
            "devices": world().items[f"devices-{SENDER}"].d, "directory": world().items["directory"].d, "to": PARTNER,
            "household": HOME, "purpose": "referral", "basis": OnConsent(consents=(self.asking.forth.d,)),
            "carried": Carried(how="with-client"), "entries": tuple(d_of(entry) for entry in self.entries),
            "follow_up": (
                FollowUp(code="first-contact", due=NOW + 7 * DAY), FollowUp(code="report-client", due=NOW + 21 * DAY)
            ),
            "notice_by": SENDER, "seen": self.ledger.seen, "created": NOW - 60, **self.draft.changes,
        }  # fmt: skip
        return Manifest(**header(self.draft.label), **fields)

    def reader_key(self, reader: Party) -> tuple[SealPrivateKey, str]:
        """Return the private key of a reader, and `D` of the object that publishes it."""
        if reader == CLIENT:
            return seal_key("mother"), d_of(make_client_key())
        return seal_key("prekey 1"), d_of(make_prekeys())

    def wrap_context(self, reader: Party, numbers: tuple[int, ...]) -> WrapContext:
        """Return what a reader's box is bound to."""
        private, source = self.reader_key(reader)
        return WrapContext(
            manifest=self.d, sealer=self.sealer, reader=reader, keys=source, key=private.public.digest, entries=numbers
        )

    def box(self, reader: Party, keys: list[bytes] | None = None) -> Wrap:
        """Return the box with the keys of all sections that a reader reads; `keys`: others in their place."""
        numbers = tuple(sorted(entry.n for entry in self.entries if reader in entry.readers))
        put = [self.keys[n] for n in numbers] if keys is None else keys
        private, source = self.reader_key(reader)
        box = wrap(put, private.public, wrap_info(self.wrap_context(reader, numbers)))
        return Wrap(source=source, key=private.public.digest, entries=numbers, box=box)

    def wraps_for(self, reader: Party, **changes: Any) -> Wraps:
        """Return a reader's wraps."""
        fields = {"manifest": self.d, "reader": reader, "sealer": self.manifest.sender, **changes}
        boxes = fields.pop("wraps", None) or (self.box(reader),)
        return Wraps(**header(f"{self.draft.label} wraps {reader.key}"), **fields, wraps=boxes)

    def accept(self, reader: Party, data: bytes | None = None) -> Item:
        """Return the manifest with the receipt that a reader gets."""
        ledger: Ledger = self.ledger.fork()
        return ledger.accept(self.envelope if data is None else data, NOW, wraps=(d_of(self.wraps[reader]),))

    def shown(self, reader: Party, **changes: Any) -> dict[str, Any]:
        """Return what a reader is handed, as a vector holds it."""
        mine = [entry for entry in self.entries if reader in entry.readers]
        accepted = self.accept(reader)
        put = {
            "manifest": raw(self.envelope), "entries": [raw(encoding.encode(entry)) for entry in mine],
            "wraps": raw(envelope(self.wraps[reader], self.draft.key)), "receipt": raw(accepted.receipt or b""),
            "sections": {ct: binary(self.sections[ct]) for ct in self.sections},
        }  # fmt: skip
        return {**put, **changes}


def of_reader(reader: Party) -> dict[str, Any]:
    """Return who reads, with which private key."""
    name = "mother" if reader == CLIENT else "prekey 1"
    return {"reader": {"partner": RECIPIENT} if reader == PARTNER else {"person": MOTHER},
            "seed": binary(seal_key(name).seed)}  # fmt: skip
