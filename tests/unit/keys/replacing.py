"""Two partners with workers, one person, and the records of her keys by hand: in any order, at any time."""

from dataclasses import dataclass, field

import msgspec
import pytest

from zegel_keys.clients import read_clients
from zegel_keys.envelopes import new_nonce
from zegel_keys.exhibit import Exhibit, read
from zegel_keys.hybrid import SealPrivateKey
from zegel_keys.signing import SigningKey
from zegel_keys.trust import Trust
from zegel_protocol import b64, dsse, encoding
from zegel_protocol.errors import ProtocolError
from zegel_protocol.evidence import Client
from zegel_protocol.objects import ClientKey, DeviceList, Person, Vouch
from zegel_protocol.objects.client_key import Enrolment
from zegel_protocol.objects.devices import Device
from zegel_protocol.objects.header import Payload
from zegel_protocol.objects.prekeys import SUITE
from zegel_protocol.signed import Place, Signed

DAY = 86_400
HUIS = b64.encode(b"\x0a" * 32)
DIGEST = b64.encode(bytes(32))
PERSON, HOUSEHOLD = "a" * 32, "b" * 32
OLD, NEW, OTHER = SigningKey(b"\x06" * 32), SigningKey(b"\x07" * 32), SigningKey(b"\x08" * 32)
NURSE, SARA, TOM = SigningKey(b"\x01" * 32), SigningKey(b"\x02" * 32), SigningKey(b"\x03" * 32)
SERVICE = SigningKey(b"\x04" * 32)
PARTNERS = {"kind-en-gezin": {"1": NURSE}, "ocmw-gent": {"2": SARA, "3": TOM}, "school": {"1": NURSE}}
"""The nurse works at the school too, under the same worker's id."""


def _listed(partner: str) -> Signed[DeviceList]:
    devices = tuple(
        Device(
            device=f"{ord(worker):032x}", worker=worker * 32, service=False, function="nurse", alg="ed25519",
            sign_key=key.public, inbox=True, not_before=0, not_after=9**12, proof=b64.encode(bytes(64)),
        )
        for worker, key in PARTNERS[partner].items()
    )  # fmt: skip
    listed = DeviceList(
        v=1, huis=HUIS, nonce=new_nonce(), partner=partner, version=1, issued=0, expires=9**12, devices=devices
    )
    return Signed(DIGEST, listed, frozenset(), Place(0, 0))


TRUST = Trust(huis=HUIS, lists={partner: (_listed(partner),) for partner in PARTNERS})


def signed(payload: Payload, *keys: SigningKey) -> bytes:
    """Return an object's envelope with the signatures of these keys."""
    media_type, body = dsse.payload_type(payload.KIND), encoding.encode(payload)
    return dsse.seal_envelope(media_type, body, tuple(key.sign_object(media_type, body) for key in keys))


@dataclass
class Story:
    """What was accepted, in order. `at` is the relay's time, in seconds; each object takes the next place.

    `first`: begin with keys of hers, enrolled by the nurse.
    """

    at: int = 1_000_000
    first: bool = True
    shown: list[Exhibit] = field(default_factory=list)
    records: list[ClientKey] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        person = Person(
            v=1, huis=HUIS, nonce=new_nonce(), household=HOUSEHOLD, person=PERSON, partner="kind-en-gezin", version=1,
            authority=(), conflict=False, silenced=(), attesting=(),
        )  # fmt: skip
        self.accept(signed(person, NURSE))
        if self.first:
            self.key(OLD, NURSE, OLD)

    def accept(self, envelope: bytes) -> str:
        """Take an object in, whatever it is; return its `D`."""
        exhibit = read(envelope, place=Place(len(self.shown) + 1, self.at))
        self.shown.append(exhibit)
        return exhibit.d

    def key(self, identity: SigningKey, *signers: SigningKey, wait: int | None = None, **changes: object) -> str:
        """Take in the next record with this identity key, signed so; `wait`: from now to when it counts."""
        record = ClientKey(
            v=1, huis=HUIS, nonce=new_nonce(), household=HOUSEHOLD, person=PERSON, partner="kind-en-gezin",
            version=len(self.records) + 1, passkeys=(), identity_key=identity.public, suite=SUITE,
            seal_key=SealPrivateKey(b64.decode(identity.public)).public.text, means="known",
            enrolment=Enrolment(opened=0, tag=DIGEST),
            effective_at=self.at + wait if wait is not None else None,
            prev=self.digests[-1] if self.digests else None,
        )  # fmt: skip
        return self.record(msgspec.structs.replace(record, **changes), *signers)

    def record(self, record: ClientKey, *signers: SigningKey) -> str:
        """Take in a record, signed so; return its `D`."""
        self.records.append(record)
        self.digests.append(self.accept(signed(record, *signers)))
        return self.digests[-1]

    def restate(self, number: int, *signers: SigningKey, **changes: object) -> str:
        """Take in the record `number` once more as the next of the chain."""
        again = msgspec.structs.replace(
            self.records[number], nonce=new_nonce(), version=len(self.records) + 1, prev=self.digests[-1],
            effective_at=None,
        )  # fmt: skip
        return self.record(msgspec.structs.replace(again, **changes), *signers)

    def vouch(self, client_key: str, partner: str, key: SigningKey) -> str:
        """Take in a worker's vouch."""
        vouch = Vouch(v=1, huis=HUIS, nonce=new_nonce(), partner=partner, client_key=client_key, means="known")
        return self.accept(signed(vouch, key))

    def client(self) -> Client:
        """Return the client as whoever is shown all of it reads it. Raises as `read_clients`."""
        return read_clients(TRUST, self.shown, lambda _trust, exhibit: exhibit.place)[PERSON]

    def counts(self, at: int | None = None) -> str:
        """Return whose keys count at a time: `old`, `new` or `other`."""
        held = self.client().key_now(self.at if at is None else at)
        assert held is not None
        return {OLD.public: "old", NEW.public: "new", OTHER.public: "other"}[held.payload.identity_key]


def code_of(story: Story) -> str:
    """Return the code with which whoever is shown a story refuses it."""
    with pytest.raises(ProtocolError) as refused:
        story.client()
    return refused.value.code
