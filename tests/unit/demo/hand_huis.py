"""A Huis made by hand, for a client agent to meet offline: steward, two partners, a mother, her child, and a log.

Every object is really signed and really stands in the log, by keys that the test holds: so a test can make each of them
lie, and nothing else than that lie is wrong.
"""

import os
from typing import Any

from msgspec import Raw

from zegel_keys.hybrid import SealPrivateKey
from zegel_keys.signing import SigningKey
from zegel_protocol import b64, dsse, encoding, merkle, tlog
from zegel_protocol.api import Held
from zegel_protocol.objects import (
    ClientKey,
    ConsentRequest,
    DeviceList,
    Directory,
    Membership,
    Payload,
    Person,
    Prekeys,
    Receipt,
    Root,
)
from zegel_protocol.objects.client_key import Enrolment
from zegel_protocol.objects.consent_request import Flow
from zegel_protocol.objects.devices import Device, possession
from zegel_protocol.objects.directory import CurrentDevices
from zegel_protocol.objects.membership import Secrecy
from zegel_protocol.objects.parties import Party
from zegel_protocol.objects.prekeys import SUITE, Prekey
from zegel_protocol.objects.root import huis_id
from zegel_protocol.objects.scope import Scope
from zegel_protocol.rulebook.template import default_rulebook
from zegel_protocol.texts.consent_text import TEMPLATE

NOW = 1_795_521_600
"""Tuesday 24 November 2026, 12:00 UTC."""
DAY = 86_400
NURSE, OCMW, BUDDY = "kind-en-gezin", "ocmw-gent", "buddy-gent"
HOUSEHOLD, MOTHER, CHILD, TEEN = (letter * 32 for letter in "1abc")
RP_ID, ORIGIN = "portal.example", "https://portal.example"


def new_nonce() -> str:
    return b64.encode(os.urandom(16))


def sign(payload: Payload, *keys: SigningKey) -> bytes:
    """Return the envelope of an object, signed by these keys."""
    media_type, body = dsse.payload_type(payload.KIND), encoding.encode(payload)
    return dsse.seal_envelope(media_type, body, tuple(key.sign_object(media_type, body) for key in keys))


def d_of(payload: Payload) -> str:
    return dsse.digest(dsse.payload_type(payload.KIND), encoding.encode(payload))


class HandLog:
    """An append-only log with all its nodes at hand."""

    def __init__(self, huis: str) -> None:
        self.key = SigningKey.generate()
        self.origin = tlog.log_origin(huis)
        self._frontier = merkle.Frontier()
        self._nodes: dict[tuple[int, int], bytes] = {}

    @property
    def size(self) -> int:
        return self._frontier.size

    def append(self, d: str) -> int:
        index = self.size
        completed = self._frontier.append(merkle.leaf_hash(b64.decode(d, 32)))
        self._nodes |= {(level, position): node for level, position, node in completed}
        return index

    def checkpoint(self) -> str:
        body = tlog.checkpoint_body(self.origin, self.size, self._frontier.root())
        return tlog.attach_signature(body, self.origin, self.key.public, self.key.sign(body))

    def proof(self, index: int) -> str:
        hashes = merkle.inclusion_proof(index, self.size, lambda level, at: self._nodes[level, at])
        return tlog.format_proof(index, hashes, self.checkpoint())

    def consistency(self, old: int, new: int) -> list[bytes]:
        return merkle.consistency_proof(old, new, lambda level, at: self._nodes[level, at])


class HandHuis:
    """Keys and accepted objects. `accepted` holds (payload, what a bundle shows of it), in log order."""

    def __init__(self) -> None:
        self.steward, self.relay_key = SigningKey.generate(), SigningKey.generate()
        self.id = huis_id((self.steward.public,), 1)
        self.log = HandLog(self.id)
        self.roots = {name: SigningKey.generate() for name in (NURSE, OCMW, BUDDY)}
        self.devices = {name: SigningKey.generate() for name in self.roots}
        self.accepted: list[tuple[Payload, Held]] = []
        self.at = NOW - 20 * DAY
        self.header: dict[str, Any] = {"v": 1, "huis": self.id}
        root = Root(**self.header, nonce=new_nonce(), version=1, roots=(self.steward.public,), threshold=1)
        self.accept(root, self.steward)
        self.rulebook = default_rulebook(self.id, new_nonce(), self.at, "Huis Test", "code-1", b64.encode(b"c" * 32))
        self.accept(self.rulebook, self.steward)
        self.members = [
            self._admit(NURSE, "Kind en Gezin", "opgroeien", "penal"),
            self._admit(OCMW, "het OCMW", "ocmw", "penal"),
            self._admit(BUDDY, "Buddy Gent", "volunteer", "pledge"),
        ]
        self.at = NOW - DAY
        self.directory = self.publish(1)

    def accept(self, payload: Payload, *keys: SigningKey) -> str:
        """Have the relay accept an object signed by these keys; return its `D`."""
        return self.accept_envelope(payload, sign(payload, *keys))

    def accept_envelope(self, payload: Payload, envelope: bytes) -> str:
        """Have the relay accept an envelope as it is."""
        d = d_of(payload)
        receipt = self.receipt(d, self.log.append(d))
        self.accepted.append((payload, Held(object=Raw(envelope), receipt=Raw(receipt))))
        return d

    def receipt(self, d: str, index: int, wraps: tuple[str, ...] = (), notices: tuple[str, ...] = ()) -> bytes:
        receipt = Receipt(
            **self.header, nonce=new_nonce(), object=d, wraps=wraps, accepted_at=self.at, notices=notices,
            proof=self.log.proof(index),
        )  # fmt: skip
        return sign(receipt, self.relay_key)

    def publish(self, version: int, expires: int = NOW + 7 * DAY, **changes: Any) -> Directory:
        """Publish a directory of all members."""
        lists = sorted((held for held in self.of(DeviceList)), key=lambda held: held.partner)
        fields: dict[str, Any] = {
            "memberships": tuple(sorted(d_of(member) for member in self.members)),
            "devices": tuple(CurrentDevices(partner=held.partner, devices=d_of(held)) for held in lists),
            "rulebook": d_of(self.rulebook), "relay_key": self.relay_key.public, "log_key": self.log.key.public,
            "rp_id": RP_ID, "origins": (ORIGIN,), "bundles": (),
        }  # fmt: skip
        directory = Directory(
            **self.header,
            nonce=new_nonce(),
            version=version,
            issued=NOW - DAY,
            expires=expires,
            **{**fields, **changes},
        )
        self.accept(directory, self.steward)
        return directory

    def of(self, kind: type) -> list[Any]:
        """Return all accepted payloads of a kind, oldest first."""
        return [payload for payload, _ in self.accepted if isinstance(payload, kind)]

    def person(self, person: str, **fields: Any) -> None:
        """Make a person known, attested by the nurse."""
        defaults: dict[str, Any] = {"authority": (), "conflict": False, "silenced": (), "attesting": (), "version": 1}
        payload = Person(
            **self.header,
            nonce=new_nonce(),
            household=HOUSEHOLD,
            person=person,
            partner=NURSE,
            **{**defaults, **fields},
        )
        self.accept(payload, self.devices[NURSE])

    def key_record(self, person: str, keys: Any, opened: int = NOW, **changes: Any) -> ClientKey:
        """Return the record of a client's keys, as a worker's device makes it."""
        fields: dict[str, Any] = {
            "household": HOUSEHOLD, "person": person, "partner": NURSE, "version": 1, "passkeys": keys.passkeys,
            "identity_key": keys.identity_key, "suite": SUITE, "seal_key": keys.seal_key, "means": "known",
            "enrolment": Enrolment(opened=opened, tag=keys.tag),
        }  # fmt: skip
        return ClientKey(**self.header, nonce=new_nonce(), **{**fields, **changes})

    def prekeys(self, partner: str) -> SealPrivateKey:
        """Have a partner's device publish a sealing key that holds now; return its private half."""
        private = SealPrivateKey(os.urandom(32))
        period = Prekey(seal_key=private.public.text, not_before=NOW - DAY, not_after=NOW + 30 * DAY)
        published = Prekeys(
            **self.header, nonce=new_nonce(), partner=partner, device=device_of(partner), version=1, suite=SUITE,
            keys=(period,),
        )  # fmt: skip
        self.accept(published, self.devices[partner])
        return private

    def ask(self, *flows: Flow, persons: tuple[str, ...] = (MOTHER,), **changes: Any) -> ConsentRequest:
        """Have the nurse ask for consent."""
        fields: dict[str, Any] = {"language": "nl", "template": TEMPLATE, "created": NOW - DAY, **changes}
        request = ConsentRequest(
            **self.header, nonce=new_nonce(), household=HOUSEHOLD, partner=NURSE, persons=persons, flows=flows,
            rulebook=d_of(self.rulebook), **fields,
        )  # fmt: skip
        self.accept(request, self.devices[NURSE])
        return request

    def _admit(self, partner: str, name: str, sector: str, secrecy: Secrecy) -> Membership:
        root, device = self.roots[partner], self.devices[partner]
        lifetime: dict[str, Any] = {"not_before": self.at, "not_after": NOW + 300 * DAY}
        member = Membership(
            **self.header, nonce=new_nonce(), partner=partner, version=1, name=name, actor="professional",
            secrecy=secrecy, sector=sector, root_key=root.public, **lifetime,
        )  # fmt: skip
        self.accept(member, self.steward)
        ids = device_of(partner), "d" * 32
        proof = device.sign(possession(self.id, partner, ids[0], ids[1], device.public))
        listed = Device(
            device=ids[0], worker=ids[1], service=False, function="social-worker", alg="ed25519",
            sign_key=device.public, inbox=True, proof=b64.encode(proof), **lifetime,
        )  # fmt: skip
        devices = DeviceList(
            **self.header, nonce=new_nonce(), partner=partner, version=1, issued=self.at, expires=NOW + 300 * DAY,
            devices=(listed,),
        )  # fmt: skip
        self.accept(devices, root)
        return member


def device_of(partner: str) -> str:
    """Return the id of a partner's one device."""
    return partner.encode().hex()[:20].ljust(32, "0")


def flow(
    *types: str, sender: str = NURSE, to: str = OCMW, purpose: str = "referral", until: int = NOW + 60 * DAY
) -> Flow:
    """Return one flow of a request; types are whole."""
    scopes = tuple(Scope(type=kind, form="whole") for kind in sorted(types))
    return Flow(purpose=purpose, sender=Party(partner=sender), to=Party(partner=to), types=scopes, until=until)
