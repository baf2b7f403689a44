"""Messages as a reader gets them: verified, unwrapped, every section opened; and messages that lie."""

from collections.abc import Iterator
from typing import Any

import msgspec

from vectors.making.asking import make_consent
from vectors.making.case import Case, binary, raw, ref
from vectors.making.huis import (
    HUIS,
    IDENTITY,
    RECIPIENT,
    SENDER,
    STEWARD,
    device_id,
    device_key,
    make_devices,
    root_key,
    world,
)
from vectors.making.ledger import Item, envelope
from vectors.making.messages import CLIENT, PARTNER, Draft, Message, of_reader
from vectors.making.seeds import NOW, digest, seed
from zegel_protocol import dsse, encoding
from zegel_protocol.objects.directory import CurrentDevices
from zegel_protocol.objects.parties import Party, Sender

VALID = "manifest/partner.json"
OBJECTS = {"base": ref("consent/valid.json", "objects")}
UNKNOWN, INVALID = "signature.unknown", "signature.invalid"


def made(
    name: str, description: str, shown: dict[str, Any], expect: str = "ok", reader: Party = PARTNER, **changes: Any
) -> Case:
    """Return a case of this folder."""
    put = {"huis": HUIS, "objects": OBJECTS, "message": shown, "whole": True, **of_reader(reader), **changes}
    return Case(f"manifest/{name}.json", description, "message", put, expect)


def like(name: str, description: str, expect: str, **changes: Any) -> Case:
    """Return a case that differs from the valid message in what was handed over."""
    fields = ("manifest", "entries", "wraps", "receipt", "sections")
    return made(name, description, {**{item: ref(VALID, f"message.{item}") for item in fields}, **changes}, expect)


def cases() -> Iterator[Case]:
    """Yield the vectors of messages."""
    message = Message()
    yield made("partner", "A referral, read by the recipient's device", message.shown(PARTNER))
    yield made("client", "The client's copy of the same message", message.shown(CLIENT), reader=CLIENT)
    own = {2: {"readers": (CLIENT,)}}
    private = Message(Draft("private", entry_changes=own))
    yield made("partly", "A message of which one section is not the recipient's to read",
               private.shown(PARTNER), whole=False)  # fmt: skip
    yield from _manifests(message)
    yield from _entries(message)
    yield from _wraps(message)
    yield from _sections(message)
    yield from _devices()


def _manifests(message: Message) -> Iterator[Case]:
    def shown(name: str, description: str, data: bytes, expect: str) -> Case:
        receipt = message.accept(PARTNER, data).receipt or b""
        return like(name, description, expect, manifest=raw(data), receipt=raw(receipt))

    manifest, sara = message.manifest, message.draft.key
    tom = envelope(manifest, device_key(SENDER, "tom"))
    yield shown("other-device", "A manifest that another device of the sender signed", tom, UNKNOWN)
    both = envelope(manifest, sara, device_key(SENDER, "tom"))
    yield shown("two-devices", "A manifest with another device's signature besides", both, UNKNOWN)
    theirs = envelope(manifest, device_key(RECIPIENT, "els"))
    yield shown("by-recipient", "A manifest that the recipient signed", theirs, UNKNOWN)
    media, _, signatures = dsse.open_envelope(message.envelope)
    wider = encoding.encode(msgspec.structs.replace(manifest, purpose="care"))
    yield shown("purpose-changed", "A purpose changed after the signature",
                dsse.seal_envelope(media, wider, signatures), INVALID)  # fmt: skip
    claimed = msgspec.structs.replace(manifest, sender=Sender(partner=RECIPIENT, device=device_id(RECIPIENT, "els")))
    yield shown("sender-claimed", "A manifest that names another sender than who signed",
                envelope(claimed, sara), UNKNOWN)  # fmt: skip
    foreign = msgspec.structs.replace(manifest, huis=digest("another huis"))
    yield shown("foreign-huis", "A manifest of another Huis", envelope(foreign, sara), "huis.foreign")
    consent = envelope(make_consent(), sara)
    yield shown("consent-as-manifest", "A consent offered as a manifest", consent, "envelope.type")
    yield like("receipt-of-another", "A receipt of another object", "log.receipt",
               receipt=ref("consent/valid.json", "objects.with.consent.receipt"))  # fmt: skip
    disguised = dsse.seal_envelope(dsse.payload_type("entry"), encoding.encode(manifest), signatures)
    yield shown("type-changed", "A manifest under another payload type", disguised, "envelope.type")


def _entries(message: Message) -> Iterator[Case]:
    texts = [raw(encoding.encode(entry)) for entry in message.entries]
    yield like("entry-missing", "An entry that the manifest names was left out", "entry.missing", entries=texts[:2])
    other = msgspec.structs.replace(message.entries[2], form="short")
    changed = [*texts[:2], raw(encoding.encode(other))]
    yield like("entry-changed", "An entry that was changed", "entry.foreign", entries=changed)
    spaced = [*texts[:2], raw(encoding.encode(message.entries[2]).replace(b'":', b'": ', 1))]
    yield like("entry-space", "An entry in another encoding is another entry", "entry.foreign", entries=spaced)
    yield like("entries-any-order", "Entries may be handed over in any order", "ok", entries=texts[::-1])
    yield like("entry-twice", "An entry handed over twice", "ok", entries=[texts[0], *texts])
    numbered = Message(Draft("numbered", entry_changes={1: {"n": 2}, 2: {"n": 1}}))
    yield made("entry-number", "Entries that stand at another place than their number says",
               numbered.shown(PARTNER), "entry.number")  # fmt: skip
    foreign = Message(Draft("foreign", entry_changes={}))
    elsewhere = msgspec.structs.replace(foreign.entries[0], huis=digest("another huis"))
    entries = [elsewhere, *foreign.entries[1:]]
    names = tuple(dsse.digest(dsse.payload_type("entry"), encoding.encode(entry)) for entry in entries)
    renamed = Message(Draft("foreign", changes={"entries": names}))
    shown = renamed.shown(PARTNER, entries=[raw(encoding.encode(entry)) for entry in entries])
    yield made("entry-foreign-huis", "An entry of another Huis", shown, "huis.foreign")


def _wraps(message: Message) -> Iterator[Case]:
    key = message.draft.key

    def lie(name: str, description: str, expect: str, signer: Any = key, **changes: Any) -> Case:
        return like(name, description, expect, wraps=raw(envelope(message.wraps_for(PARTNER, **changes), signer)))

    unopenable = "wrap.unopenable"
    yield lie("wraps-by-another", "Wraps that another device of the sender signed", UNKNOWN,
              device_key(SENDER, "tom"))  # fmt: skip
    yield lie("wraps-by-client", "Wraps that the client signed", UNKNOWN, IDENTITY)
    other = Message(Draft("another message"))
    yield lie("box-of-another-message", "A box moved here from another message", unopenable,
              wraps=(other.box(PARTNER),))  # fmt: skip
    mine = message.box(PARTNER)
    swapped = msgspec.structs.replace(mine, entries=(0, 1))
    yield lie("box-fewer-entries", "A box that names fewer sections than it has keys", "wrap.malformed",
              wraps=(swapped,))  # fmt: skip
    source = msgspec.structs.replace(mine, source=digest("other prekeys"))
    yield lie("box-other-source", "A box that names another publishing object", unopenable, wraps=(source,))
    for_client = msgspec.structs.replace(message.box(CLIENT), source=mine.source, key=mine.key)
    yield lie("box-of-another-reader", "The client's box offered to the recipient", unopenable, wraps=(for_client,))
    wrong = message.box(PARTNER, [message.keys[0], seed("no key of this"), message.keys[2]])
    yield lie("key-does-not-match", "A wrapped key that is not the section's", "section.key-commitment",
              wraps=(wrong,))  # fmt: skip
    exchanged = message.box(PARTNER, [message.keys[0], message.keys[2], message.keys[1]])
    yield lie("keys-exchanged", "Two keys in each other's place", "section.key-commitment", wraps=(exchanged,))


def _sections(message: Message) -> Iterator[Case]:
    names = list(message.sections)
    blobs = {ct: ref(VALID, f"message.sections.{ct}") for ct in names}
    exchanged = {**blobs, names[1]: blobs[names[2]], names[2]: blobs[names[1]]}
    yield like("sections-exchanged", "Two ciphertexts in each other's place", "section.digest", sections=exchanged)
    damaged = {**blobs, names[0]: {"join": [binary(b"\0"), {"slice": blobs[names[0]], "start": 1}]}}
    yield like("section-damaged", "A ciphertext that was changed on the way", "section.digest", sections=damaged)
    entry = message.entries[2]
    claimed = Message(Draft(changes={}, entry_changes={2: {"padded": 8192}}))
    assert claimed.entries[2].ct == entry.ct
    yield made("section-size-claimed", "An entry that claims another size than its ciphertext has",
               claimed.shown(PARTNER), "section.malformed")  # fmt: skip
    stolen = Message(Draft("stolen", entry_changes={2: {"ct": entry.ct}}))
    shown = stolen.shown(PARTNER)
    shown["sections"] = {**shown["sections"], entry.ct: binary(message.sections[entry.ct])}
    yield made("section-of-another-message", "Another message's ciphertext under a manifest of one's own", shown,
               "section.unopenable")  # fmt: skip


def _devices() -> Iterator[Case]:
    """A device that the partner removed cannot backdate: what counts is the place in the log."""
    message = Message()
    name = f"devices-{SENDER}"
    second = make_devices(SENDER, ("tom",), version=2, prev=world().items[name].d)
    listed = tuple(
        CurrentDevices(partner=SENDER, devices=dsse.digest(dsse.payload_type("devices"), encoding.encode(second)))
        if item.partner == SENDER else item
        for item in world().directory().devices
    )  # fmt: skip
    directory = envelope(world().directory(version=2, issued=NOW, devices=listed), *STEWARD[:2])
    ledger = message.ledger.fork()
    removal = ledger.accept(envelope(second, root_key(SENDER)), NOW - 120)
    late = ledger.accept(message.envelope, NOW)
    newer = {"devices-2": removal.as_json(), "directory-2": Item("", directory).as_json()}
    put = {**OBJECTS, "with": newer}
    yield made("device-removed", "A message of a removed device, dated before its removal",
               message.shown(PARTNER, receipt=raw(late.receipt or b"")), UNKNOWN, objects=put)  # fmt: skip
    ledger = message.ledger.fork()
    early = ledger.accept(message.envelope, NOW - 180)
    removal = ledger.accept(envelope(second, root_key(SENDER)), NOW - 120)
    newer = {"devices-2": removal.as_json(), "directory-2": Item("", directory).as_json()}
    shown = message.shown(PARTNER, receipt=raw(early.receipt or b""))
    yield made(
        "device-removed-later", "A message of a device that was removed after it", shown,
        objects={**OBJECTS, "with": newer},
    )  # fmt: skip
