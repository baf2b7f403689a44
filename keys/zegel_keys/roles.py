"""Which keys may sign which kind of object: keys come from the role that must sign, never from the object's hint.

A candidate is a key that the role gives; `verification` holds the signatures against the candidates and nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from zegel_protocol import client_keys
from zegel_protocol.errors import SignatureError
from zegel_protocol.evidence import Client
from zegel_protocol.objects import (
    Absence,
    Acknowledgement,
    Assignment,
    ClientKey,
    Conference,
    Consent,
    ConsentRequest,
    Contact,
    ContactKey,
    Countersignature,
    Declaration,
    DeviceList,
    Directory,
    Epoch,
    Finding,
    Manifest,
    Membership,
    Notice,
    Objection,
    PartnerRules,
    Payload,
    Person,
    Prekeys,
    Procedure,
    Receipt,
    Revocation,
    Root,
    Rota,
    Rulebook,
    Status,
    StopCard,
    Vouch,
    Wraps,
)
from zegel_protocol.objects.client_key import Passkey
from zegel_protocol.objects.consent import ByPasskey
from zegel_protocol.objects.devices import Device
from zegel_protocol.objects.parties import Sender
from zegel_protocol.signed import Place, Signed, Signer


class KeySource(Protocol):
    """Where the keys of each role come from; `trust.Trust` is the one used outside tests."""

    @property
    def huis(self) -> str:
        """The id of the Huis."""

    @property
    def relay_key(self) -> str | None:
        """The relay's public key, where a directory names one."""

    @property
    def rp_id(self) -> str:
        """The WebAuthn relying party id."""

    @property
    def origins(self) -> tuple[str, ...]:
        """The web origins whose passkey touches count."""

    def steward_keys(self, place: Place | None) -> tuple[Root, ...]:
        """The steward's roots that counted at a place in the log (None: the newest), newest first."""

    def freshness_key(self, base: str | None) -> str | None:
        """The key that may refresh the directory whose `D` is `base`."""

    def root_keys(self, partner: str, place: Place | None) -> tuple[str, ...]:
        """The partner's root keys that counted at a place in the log (None: the newest)."""

    def devices(self, partner: str, place: Place | None) -> tuple[Device, ...]:
        """The partner's devices that counted at a place in the log (None: now)."""

    def partners(self) -> tuple[str, ...]:
        """Every partner that has or had devices."""

    def client(self, person: str) -> Client | None:
        """What is known of a person."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A key that may have signed, and whose it is. `passkey` is set for passkeys, else `signer.key` is Ed25519."""

    signer: Signer
    passkey: Passkey | None = None


def candidates(payload: Payload, source: KeySource, place: Place | None) -> Iterator[Candidate]:
    """Yield the keys that may sign this object, at the place in the log where it stands (None: now)."""
    match payload:
        case Root() | Membership() | Rulebook() | Epoch() | Finding():
            yield from _stewards(source, place)
        case Directory():
            key = source.freshness_key(payload.base)
            if payload.base is not None and key is not None:
                yield Candidate(Signer("freshness", key))
            else:
                yield from _stewards(source, place)
        case DeviceList() | PartnerRules():
            for key in source.root_keys(payload.partner, place):
                yield Candidate(Signer("partner-root", key, partner=payload.partner))
        case Prekeys():
            yield from _devices(source, payload.partner, place, payload.device)
        case Declaration() if payload.what == "pledge":
            for key in source.root_keys(payload.partner, place):
                yield Candidate(Signer("partner-root", key, partner=payload.partner))
        case Person() if payload.version > 1 or payload.trusted:
            # What loosens something is signed by a second partner too, whichever that is (`clients`).
            for partner in dict.fromkeys((payload.partner, *source.partners())):
                yield from _devices(source, partner, place)
        case Declaration() | Person() | Vouch() | ConsentRequest():
            yield from _devices(source, payload.partner, place)
        case Countersignature() | Conference() | Rota() | Procedure() | Assignment() | Absence() | StopCard():
            yield from _devices(source, payload.partner, place)
        case ClientKey():
            yield from _devices(source, payload.partner, place)
            yield Candidate(Signer("identity", payload.identity_key, person=payload.person))
            before = _before(payload, source)
            counted = before.key_at(place) if before is not None else None
            if counted is not None and counted.payload.identity_key != payload.identity_key:
                yield Candidate(Signer("identity", counted.payload.identity_key, person=payload.person))
        case Consent() | Revocation():
            yield from _consenters(payload, source, place)
        case Manifest():
            yield from _sender(source, payload.sender, place)
        case Wraps():
            yield from _sender(source, payload.sealer, place)
        case Acknowledgement():
            yield from _sender(source, payload.by, place)
            if payload.event == "told" and payload.by.person is not None:
                yield from _passkeys(source, payload.by.person, place)
        case Contact() | Objection():
            yield from _sender(source, payload.by, place)
        case Status() | Notice() | Receipt() | ContactKey():
            if source.relay_key is not None:
                yield Candidate(Signer("relay", source.relay_key))
        case _:
            return


def require(payload: Payload, signers: frozenset[Signer], source: KeySource, place: Place | None) -> None:
    """Return if those who signed are enough for this kind.

    Raises `SignatureError` (`signature.missing`, `signature.service`).
    """
    match payload:
        case Root() | Membership() | Rulebook() | Epoch() | Finding():
            _threshold(signers, source, place)
        case Countersignature() | Conference() | Rota() | Procedure() | Assignment() | Absence() | StopCard():
            _by_a_worker(signers)
        case Directory():
            if not any(signer.role == "freshness" for signer in signers):
                _threshold(signers, source, place)
        case Vouch() | ClientKey() | Person():
            if any(signer.role == "device" and signer.worker is None for signer in signers):
                raise SignatureError("signature.service", "a service neither vouches nor attests")
            if isinstance(payload, ClientKey):
                _client_keys(payload, signers, source, place)
            else:
                _workers(payload, signers)
        case Contact() | Acknowledgement() | Objection():
            _speaks_for(payload, signers)
        case Consent() | Revocation():
            _all_consenters(payload, signers)
        case _:
            if not signers:
                raise SignatureError("signature.missing", "nobody who may sign this did")


def _by_a_worker(signers: frozenset[Signer]) -> None:
    """These are a human's to say, for themselves or their team."""
    if not signers:
        raise SignatureError("signature.missing", "nobody who may sign this did")
    if any(signer.worker is None for signer in signers):
        detail = "a service gives no second signature, chairs nothing, plans no rota, hands over no letter"
        raise SignatureError("signature.service", detail)


def _speaks_for(payload: Contact | Acknowledgement | Objection, signers: frozenset[Signer]) -> None:
    """Whoever signs for a person in their presence is a human: a service meets nobody."""
    if not signers:
        raise SignatureError("signature.missing", "nobody who may sign this did")
    for_person = isinstance(payload, Contact | Objection) or payload.reader.person is not None
    if for_person and any(signer.role == "device" and signer.worker is None for signer in signers):
        raise SignatureError("signature.service", "a service neither tells people nor asks how to reach them")


REBUTTAL_WORKERS = 2
"""A rebuttal of what the age presumes is reasoned by two workers (`docs/spec/persons.md`)."""


def _workers(payload: Vouch | ClientKey | Person, signers: frozenset[Signer]) -> None:
    workers = {
        (signer.partner, signer.worker)
        for signer in signers
        if signer.role == "device" and signer.partner == payload.partner
    }
    needed = REBUTTAL_WORKERS if isinstance(payload, Person) and payload.capability is not None else 1
    if len(workers) < needed:
        raise SignatureError("signature.missing", f"{needed} worker(s) of the partner must sign")


def _before(payload: ClientKey, source: KeySource) -> Client | None:
    """Return the client with the keys before this record, or None for somebody unknown."""
    client = source.client(payload.person)
    return client.until_key(payload.prev) if client is not None else None


def _client_keys(payload: ClientKey, signers: frozenset[Signer], source: KeySource, place: Place | None) -> None:
    """Who signs a client's keys: these keys and a worker; and the keys in force, unless a replacement gives them time.

    Whoever holds the identity key in force says alone which passkeys count (decision 0050), and stops a replacement
    alone, by stating the keys once more: no worker is needed for that.
    """
    client = _before(payload, source)
    if payload.prev is not None and (client is None or not client.keys):
        raise SignatureError("signature.missing", "the record before this one did not come with it")
    counted = client.key_at(place) if client is not None else None
    before = counted.payload if counted is not None else None
    needed = {payload.identity_key}
    stopping = client is not None and client.waiting_at(place) is not None and client_keys.restates(payload, before)
    if not stopping and not client_keys.changes_passkeys(payload, before):
        _workers(payload, signers)
    if client_keys.is_replacement(payload):
        client_keys.check_delay(payload, place)
    elif before is not None:
        needed.add(before.identity_key)
    if not needed <= {signer.key for signer in signers if signer.role == "identity"}:
        raise SignatureError("signature.missing", "the client's own identity key, and the one in force, must sign")


def _threshold(signers: frozenset[Signer], source: KeySource, place: Place | None) -> None:
    keys = {signer.key for signer in signers if signer.role == "steward"}
    if not any(len(keys & set(root.roots)) >= root.threshold for root in source.steward_keys(place)):
        raise SignatureError("signature.missing", "not enough of the steward's keys signed")


def _all_consenters(payload: Consent | Revocation, signers: frozenset[Signer]) -> None:
    if isinstance(payload.evidence, ByPasskey):
        touched = {signer.person for signer in signers if signer.role == "passkey"}
        missing = {item.person for item in payload.signers} - touched
    else:
        signed = {(signer.partner, signer.device) for signer in signers if signer.role == "device"}
        missing = {item.device for item in payload.evidence.witnesses if (item.partner, item.device) not in signed}
    if missing:
        raise SignatureError("signature.missing", "not everyone who is named as signing did")


def _stewards(source: KeySource, place: Place | None) -> Iterator[Candidate]:
    for key in dict.fromkeys(key for root in source.steward_keys(place) for key in root.roots):
        yield Candidate(Signer("steward", key))


def _devices(source: KeySource, partner: str, place: Place | None, only: str | None = None) -> Iterator[Candidate]:
    for device in source.devices(partner, place):
        if only is None or device.device == only:
            signer = Signer("device", device.sign_key, partner=partner, device=device.device, worker=device.worker)
            yield Candidate(signer)


def _sender(source: KeySource, sender: Sender, place: Place | None) -> Iterator[Candidate]:
    if sender.partner is not None:
        yield from _devices(source, sender.partner, place, sender.device)
        return
    held = _client_key(source, sender.person or "", place)
    if held is not None:
        yield Candidate(Signer("identity", held.payload.identity_key, person=sender.person))


def _client_key(source: KeySource, person: str, place: Place | None) -> Signed[ClientKey] | None:
    client = source.client(person)
    return client.key_at(place) if client is not None else None


def _passkeys(source: KeySource, person: str, place: Place | None) -> Iterator[Candidate]:
    held = _client_key(source, person, place)
    for passkey in held.payload.passkeys if held is not None else ():
        yield Candidate(Signer("passkey", passkey.credential, person=person), passkey)


def _consenters(payload: Consent | Revocation, source: KeySource, place: Place | None) -> Iterator[Candidate]:
    if isinstance(payload.evidence, ByPasskey):
        for item in payload.signers:
            yield from _passkeys(source, item.person, place)
    else:
        for witness in payload.evidence.witnesses:
            yield from _devices(source, witness.partner, place, witness.device)
