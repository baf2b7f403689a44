"""Envelopes: their one shape, and signatures held against the keys of the role that must have signed."""

import json
from collections.abc import Iterator
from typing import Any

from vectors.making.case import Case, raw
from vectors.making.huis import HUIS, PASSKEY, SENDER, STEWARD, THRESHOLD, header, make_membership
from vectors.making.ledger import d_of, envelope
from vectors.making.seeds import digest, signing_key
from zegel_keys.signing import SigningKey
from zegel_protocol import b64, dsse, encoding
from zegel_protocol.dsse import Signature
from zegel_protocol.objects import Epoch, Membership
from zegel_protocol.objects.manifest import Seen

MEMBERSHIP = make_membership(SENDER)
BODY = encoding.encode(MEMBERSHIP)
TYPE = dsse.payload_type("membership")
ORDER = 2**252 + 27742317777372353535851937790883648493


def cases() -> Iterator[Case]:
    """Yield the vectors of envelopes."""
    yield from _shape()
    yield from _signed()


def _shape() -> Iterator[Case]:
    good = envelope(MEMBERSHIP, *STEWARD[:THRESHOLD])
    body = dsse.encode_standard(BODY)

    def made(name: str, description: str, data: Any, expect: str = "ok") -> Case:
        given = raw(data) if isinstance(data, bytes) else data
        return Case(f"dsse/{name}.json", description, "envelope", {"envelope": given}, expect)

    malformed, broken, loose = "envelope.malformed", "object.malformed", "object.not-canonical"
    yield made("two-signatures", "An envelope with two signatures", good)
    bare = dsse.seal_envelope(TYPE, BODY, (Signature(sig="AAAA"),))
    yield made("no-keyid", "A signature without the hint that is a keyid; no signature is checked here", bare)
    foreign = dsse.seal_envelope("text/plain", b"hello", (Signature(sig="AAAA"),))
    yield made("foreign-type", "Any payload type and any bytes: what they mean is told later", foreign)
    empty = dsse.seal_envelope(TYPE, b"", (Signature(sig="AAAA"),))
    yield made("empty-payload", "A payload of no bytes has its D too", empty)
    yield made("space", "White space", good.replace(b":", b": ", 1), loose)
    members = json.loads(good)
    order = {name: members[name] for name in ("payload", "payloadType", "signatures")}
    yield made("order", "The members in the order of DSSE's own examples",
               json.dumps(order, separators=(",", ":")).encode(), loose)  # fmt: skip
    yield made("keyid-null", "A keyid that is null", bare.replace(b'{"sig"', b'{"keyid":null,"sig"'), loose)
    yield made("unknown-member", "A member that DSSE does not have", good[:-1] + b',"x":1}', broken)
    yield made("payload-twice", "A payload that stands twice",
               good.replace(b'"payload":', b'"payload":"AAAA","payload":'), loose)  # fmt: skip
    yield made("url-safe", "The payload in base64url, as DSSE elsewhere allows",
               bare.replace(body.encode(), b"-_8="), malformed)  # fmt: skip
    yield made("no-padding", "The payload without its padding", bare.replace(body.encode(), b"+/8"), malformed)
    yield made("stray-bits", "Bits that belong to no byte", bare.replace(body.encode(), b"+/9="), malformed)
    yield made("line-end", "A line end inside the payload", bare.replace(body.encode(), b"AAAA\\nAAAA"), malformed)
    yield made("unsigned", "No signature", dsse.seal_envelope(TYPE, BODY, ()), malformed)
    one = '{"sig":"AAAA"}'
    head = f'{{"payloadType":"{TYPE}","payload":"AAAA","signatures":['
    for count, expect in ((40, "ok"), (41, malformed)):
        many = {"join": [head, {"repeat": one + ",", "times": count - 1}, one, "]}"]}
        yield made(f"signatures-{count}", f"{count} signatures, where at most 40 are allowed", many, expect)
    large = {"join": [head, one, "]}", {"repeat": " ", "times": 786_432}]}
    yield made("too-large", "More than 768 KiB", large, "object.too-large")
    yield made("not-json", "No JSON", b"DSSEv1 1 a 1 b", broken)


def _signed() -> Iterator[Case]:
    first, second, third = STEWARD
    roots = tuple(key.public for key in STEWARD)
    media, message = TYPE, dsse.pae(TYPE, BODY)

    def made(name: str, description: str, data: bytes, expect: str = "ok", **changes: Any) -> Case:
        given = {"kind": "membership", "huis": HUIS, "roots": list(roots), "threshold": 2, **changes}
        return Case(
            f"dsse/signed-{name}.json", description, "signed", {**given, "envelope": raw(data)}, expect
        )  # fmt: skip

    def sealed(*signatures: Signature, kind: str = TYPE) -> bytes:
        return dsse.seal_envelope(kind, BODY, signatures)

    def by(key: SigningKey, signed: bytes = message, keyid: str | None = "") -> Signature:
        hint = key.public if keyid == "" else keyid
        return Signature(keyid=hint, sig=dsse.encode_standard(key.sign(signed)))

    missing, unknown, invalid = "signature.missing", "signature.unknown", "signature.invalid"
    yield made("two-of-three", "Two of three steward keys, and two are asked", sealed(by(first), by(third)))
    yield made("three-of-three", "All three", sealed(by(first), by(second), by(third)))
    yield made("without-hint", "Without keyids: every key of the role is tried",
               sealed(by(first, keyid=None), by(second, keyid=None)))  # fmt: skip
    yield made("foreign-hint", "A keyid that no key has is a hint and no more",
               sealed(by(first, keyid="someone"), by(second)))  # fmt: skip
    yield made("too-few", "One of two", sealed(by(first)), missing)
    yield made("same-twice", "One key that signed twice counts once", sealed(by(first), by(first)), missing)
    yield made("stranger", "A third signature, by no key of the role: refused although two suffice",
               sealed(by(first), by(second), by(signing_key("stranger"))), unknown)  # fmt: skip
    yield made("hint-of-another", "A keyid of the role over a signature of another of its keys",
               sealed(by(first, keyid=second.public), by(third)), invalid)  # fmt: skip
    changed = make_membership(SENDER, name="Kind en Gezin Elders")
    other = dsse.seal_envelope(TYPE, encoding.encode(changed), (by(first), by(second)))
    yield made("payload-changed", "Valid signatures, over another payload", other, invalid)
    yield made("not-pae", "Signatures over the payload alone, without its type",
               sealed(by(first, BODY), by(second, BODY)), invalid)  # fmt: skip
    yield made("type-changed", "A payload offered as another kind than it was signed as",
               sealed(by(first), by(second), kind=dsse.payload_type("root")), "envelope.type")  # fmt: skip
    longer = Membership.KIND + "x"
    yield made("type-unknown", "A payload type that nobody knows",
               sealed(by(first), by(second), kind=dsse.payload_type(longer)), "envelope.type")  # fmt: skip
    yield made("type-case", "A payload type in other letters",
               sealed(by(first), by(second), kind=TYPE.upper()), "envelope.type")  # fmt: skip
    epoch = Epoch(**header("epoch"), number=1, last=Seen(size=1, root="A" * 43), reason="key-replaced", at=1)
    yield made("other-kind", "A valid object of another kind than was asked for",
               envelope(epoch, first, second), "envelope.type")  # fmt: skip
    yield made("foreign-huis", "An object of another Huis, signed by the same keys",
               envelope(make_membership_of(digest("another huis")), first, second), "huis.foreign")  # fmt: skip
    raw_signature = first.sign(message)
    malleated = raw_signature[:32] + (int.from_bytes(raw_signature[32:], "little") + ORDER).to_bytes(32, "little")
    yield made("malleated", "A signature with the group's order added: the same to a careless check",
               sealed(Signature(keyid=first.public, sig=dsse.encode_standard(malleated)), by(second)),
               invalid)  # fmt: skip
    yield made("short", "A signature of 63 bytes",
               sealed(Signature(keyid=first.public, sig=dsse.encode_standard(raw_signature[:63])), by(second)),
               invalid)  # fmt: skip
    yield made("none", "A signature of no bytes", sealed(Signature(keyid=first.public, sig=""), by(second)),
               invalid)  # fmt: skip
    neutral = bytes([1]) + bytes(31)
    small = b64.encode(neutral)
    yield made("small-order", "A key of small order, under which one signature fits every message",
               sealed(Signature(keyid=small, sig=dsse.encode_standard(neutral + bytes(32)))), invalid,
               roots=[small], threshold=1)  # fmt: skip
    yield made("passkey", "A passkey where a steward must sign",
               envelope(MEMBERSHIP, PASSKEY.assertion(d_of(MEMBERSHIP)), second), unknown)  # fmt: skip
    spaced = BODY.replace(b'":', b'": ', 1)
    loose = tuple(key.sign_object(media, spaced) for key in (first, second))
    yield made("signed-with-space", "A payload with white space, signed as it is",
               dsse.seal_envelope(media, spaced, loose), "object.not-canonical")  # fmt: skip


def make_membership_of(huis: str) -> Membership:
    """Return the membership, of another Huis."""
    fields = {**json.loads(BODY), "huis": huis}
    return encoding.decode(json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode(), Membership)
