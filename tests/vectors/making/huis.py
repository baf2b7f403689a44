"""The Huis of the vectors: three partners, a mother and her baby, a small rulebook; every key from a label."""

from functools import cache
from typing import Any

from vectors import vector_file
from vectors.making.case import ref
from vectors.making.ledger import LOG, RELAY, Item, Ledger, envelope
from vectors.making.seeds import DAY, NOW, FixedPasskey, digest, hex_id, nonce, seal_key, seed, signing_key
from zegel_keys.signing import SigningKey
from zegel_protocol import b64, dsse, encoding
from zegel_protocol.enrolment import EnrolmentContext, enrolment_tag
from zegel_protocol.objects import (
    ClientKey,
    DeviceList,
    Directory,
    Membership,
    Payload,
    Person,
    Prekeys,
    Root,
    Rulebook,
    Vouch,
)
from zegel_protocol.objects.client_key import Enrolment, Passkey
from zegel_protocol.objects.devices import Device, Function, possession
from zegel_protocol.objects.directory import CurrentDevices
from zegel_protocol.objects.prekeys import SUITE, Prekey
from zegel_protocol.objects.root import huis_id

BEGAN = NOW - 30 * DAY
ENDS = NOW + 400 * DAY
RP_ID = "huis.example"
ORIGIN = "https://huis.example"
STEWARD = sorted((signing_key(f"steward {n}") for n in range(3)), key=lambda key: key.public)
THRESHOLD = 2
HUIS = huis_id(tuple(key.public for key in STEWARD), THRESHOLD)
FRESHNESS = signing_key("freshness")

SENDER, RECIPIENT, THIRD = "kind-en-gezin", "ocmw-meerdijk", "caw-meerdijk"
NAMES = {SENDER: "Kind en Gezin Meerdijk", RECIPIENT: "OCMW Meerdijk", THIRD: "CAW Meerdijk"}
SECTORS = {SENDER: "opgroeien", RECIPIENT: "ocmw", THIRD: "caw"}
DEVICES: dict[str, dict[str, tuple[str | None, Function]]] = {
    SENDER: {"sara": ("sara", "nurse"), "tom": ("tom", "nurse"), "sara-tablet": ("sara", "nurse")},
    RECIPIENT: {"els": ("els", "social-worker"), "post": (None, "service")},
    THIRD: {"jan": ("jan", "counsellor")},
}
"""Devices of each partner: whose they are (None: a service's), and what that person does."""

HOME = hex_id("household")
MOTHER, BABY = hex_id("mother"), hex_id("baby")
IDENTITY = signing_key("identity mother")
PASSKEY = FixedPasskey("mother", RP_ID, ORIGIN)
SECOND_PASSKEY = FixedPasskey("mother, second", RP_ID, ORIGIN, "eddsa")


def header(label: str) -> dict[str, Any]:
    """Return what an object begins with."""
    return {"v": 1, "huis": HUIS, "nonce": nonce(label)}


def root_key(partner: str) -> SigningKey:
    """Return a partner's root key."""
    return signing_key(f"root {partner}")


def device_id(partner: str, name: str) -> str:
    """Return the id of a device."""
    return hex_id(f"device {partner} {name}")


def device_key(partner: str, name: str) -> SigningKey:
    """Return the signing key of a device."""
    return signing_key(f"device {partner} {name}")


def make_root(**changes: Any) -> Root:
    """Return the genesis root."""
    fields = {"version": 1, "roots": tuple(key.public for key in STEWARD), "threshold": THRESHOLD, **changes}
    return Root(**header("root"), **fields)


def make_membership(partner: str, **changes: Any) -> Membership:
    """Return a partner's membership."""
    fields = {
        "partner": partner, "version": 1, "name": NAMES[partner], "actor": "professional", "secrecy": "penal",
        "sector": SECTORS[partner], "root_key": root_key(partner).public, "not_before": BEGAN, "not_after": ENDS,
    }  # fmt: skip
    return Membership(**header(f"membership {partner}"), **{**fields, **changes})


def make_device(partner: str, name: str) -> Device:
    """Return one device, with its proof of possession."""
    worker, function = DEVICES[partner][name]
    key, device = device_key(partner, name), device_id(partner, name)
    worker_id = None if worker is None else hex_id(f"worker {partner} {worker}")
    proof = key.sign(possession(HUIS, partner, device, worker_id, key.public))
    return Device(
        device=device, worker=worker_id, service=worker is None, function=function, alg="ed25519",
        sign_key=key.public, inbox=True, not_before=BEGAN, not_after=ENDS, proof=b64.encode(proof),
    )  # fmt: skip


def make_devices(partner: str, names: tuple[str, ...] | None = None, **changes: Any) -> DeviceList:
    """Return a partner's device list."""
    listed = (make_device(partner, name) for name in (DEVICES[partner] if names is None else names))
    devices = tuple(sorted(listed, key=lambda item: item.device))
    fields = {"partner": partner, "version": 1, "issued": BEGAN, "expires": ENDS, "devices": devices, **changes}
    return DeviceList(**header(f"devices {partner} {fields['version']}"), **fields)


def make_rules() -> Rulebook:
    """Return the rulebook of the vectors: as it was released, whatever the default rules have become since.

    It is the default rules of its day, cut down to what the vectors need, so that a vector stays readable.
    """
    released = vector_file.resolve(ref("setting/huis.json", "objects.rulebook"))
    _, body, _ = dsse.open_envelope(released["object"].encode("utf-8"))
    return encoding.decode(body, Rulebook)


def make_directory(**changes: Any) -> Directory:
    """Return a directory; its members, their lists and the rulebook are given."""
    fields = {
        "version": 1, "issued": NOW - DAY, "expires": NOW + 7 * DAY, "relay_key": RELAY.public,
        "log_key": LOG.public, "rp_id": RP_ID, "origins": (ORIGIN,), "bundles": (digest("portal page"),),
        "freshness_key": FRESHNESS.public, "refresh_until": NOW + 20 * DAY, **changes,
    }  # fmt: skip
    return Directory(**header(f"directory {fields['version']}"), **fields)


def make_prekeys(**changes: Any) -> Prekeys:
    """Return the sealing keys of the recipient's device."""
    keys = tuple(
        Prekey(
            seal_key=seal_key(f"prekey {period}").public.text, not_before=BEGAN + period * 30 * DAY,
            not_after=BEGAN + (period + 1) * 30 * DAY,
        )
        for period in (0, 1)
    )  # fmt: skip
    fields = {
        "partner": RECIPIENT, "device": device_id(RECIPIENT, "els"), "version": 1, "suite": SUITE, "keys": keys,
    }  # fmt: skip
    return Prekeys(**header("prekeys"), **{**fields, **changes})


def make_person(person: str = MOTHER, **changes: Any) -> Person:
    """Return a person."""
    child = {"turns12": "2038-11", "turns18": "2044-11", "authority": (MOTHER,)} if person == BABY else {}
    fields = {
        "household": HOME, "person": person, "partner": SENDER, "version": 1, "authority": (), "conflict": False,
        "silenced": (), "attesting": (), **child, **changes,
    }  # fmt: skip
    return Person(**header(f"person {person} {fields['version']}"), **fields)


def make_client_key(**changes: Any) -> ClientKey:
    """Return the mother's keys, with the tag that her phone would make."""
    passkeys = tuple(
        sorted(
            (
                Passkey(credential=PASSKEY.credential, alg="es256", public_key=PASSKEY.public_key),
                Passkey(credential=SECOND_PASSKEY.credential, alg="eddsa", public_key=SECOND_PASSKEY.public_key),
            ),
            key=lambda item: item.credential,
        )
    )
    sealing = seal_key("mother").public.text
    context = EnrolmentContext(
        huis=HUIS, household=HOME, person=MOTHER, opened=BEGAN, passkeys=passkeys, identity_key=IDENTITY.public,
        seal_key=sealing,
    )  # fmt: skip
    fields = {
        "household": HOME, "person": MOTHER, "partner": SENDER, "version": 1, "passkeys": passkeys,
        "identity_key": IDENTITY.public, "suite": SUITE, "seal_key": sealing, "means": "in-person",
        "enrolment": Enrolment(opened=BEGAN, tag=enrolment_tag(seed("enrolment"), context)), **changes,
    }  # fmt: skip
    return ClientKey(**header(f"client key {fields['version']}"), **fields)


def make_vouch(client_key: str, **changes: Any) -> Vouch:
    """Return the third partner's vouch for the mother's keys."""
    return Vouch(**header("vouch"), **{"partner": THIRD, "client_key": client_key, "means": "id-card", **changes})


class World:
    """The objects of the Huis in the order in which its relay accepted them, and the log that they stand in."""

    def __init__(self) -> None:
        self.ledger = Ledger(HUIS)
        self.items: dict[str, Item] = {}
        sara = device_key(SENDER, "sara")
        self._add("root", make_root(), *STEWARD[:THRESHOLD])
        for partner in NAMES:
            self._add(f"membership-{partner}", make_membership(partner), *STEWARD[:THRESHOLD])
        for partner in NAMES:
            self._add(f"devices-{partner}", make_devices(partner), root_key(partner))
        self._add("rulebook", make_rules(), *STEWARD[:THRESHOLD])
        self._add("directory", self.directory(), *STEWARD[1:])
        self._add("prekeys", make_prekeys(), device_key(RECIPIENT, "els"))
        self._add("person-mother", make_person(), sara)
        self._add("person-baby", make_person(BABY), sara)
        self._add("client-key-mother", make_client_key(), sara, IDENTITY)
        self._add("vouch-mother", make_vouch(self.items["client-key-mother"].d), device_key(THIRD, "jan"))

    def directory(self, **changes: Any) -> Directory:
        """Return the directory of this world."""
        fields = {
            "memberships": tuple(sorted(self.items[f"membership-{partner}"].d for partner in NAMES)),
            "devices": tuple(
                CurrentDevices(partner=name, devices=self.items[f"devices-{name}"].d) for name in sorted(NAMES)
            ),
            "rulebook": self.items["rulebook"].d,
        }
        return make_directory(**{**fields, **changes})

    def _add(self, name: str, payload: Payload, *signers: SigningKey) -> None:
        at = BEGAN + 60 * len(self.items)
        self.items[name] = self.ledger.accept(envelope(payload, *signers), at)

    @property
    def setting(self) -> dict[str, Item]:
        """What is in force, without any client."""
        names = list(self.items)
        return {name: self.items[name] for name in names[: names.index("directory") + 1]}


@cache
def world() -> World:
    """Return the world; nobody changes it."""
    return World()
