"""A Huis for tests of `decide()`: two partners of every sector, some families, and all ids, as plain values.

Nothing here is signed or digested: `decide()` takes objects whose signatures were checked before, so signers and places
are simply stated. An id is a digest of a readable label, so that equal labels meet and a failure can be retraced.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

from zegel_protocol import b64
from zegel_protocol.evidence import Client, Setting
from zegel_protocol.objects.client_key import ClientKey, Enrolment, Passkey, Vouch
from zegel_protocol.objects.declaration import Declaration
from zegel_protocol.objects.desk import Rota, Shift
from zegel_protocol.objects.devices import Device, DeviceList
from zegel_protocol.objects.directory import CurrentDevices, Directory
from zegel_protocol.objects.membership import Membership, Secrecy
from zegel_protocol.objects.person import Capability, Person
from zegel_protocol.objects.prekeys import SUITE
from zegel_protocol.objects.rulebook import Rulebook
from zegel_protocol.records import Records
from zegel_protocol.rulebook.template import default_rulebook
from zegel_protocol.signed import Place, Signed, Signer

DAY = 86_400
NOW = 1_795_521_600
"""Tuesday 24 November 2026, 12:00 UTC."""
BEGAN = NOW - 400 * DAY
ENDS = NOW + 400 * DAY

SECTORS: dict[str, Secrecy] = {
    **dict.fromkeys(("opgroeien", "health", "mental", "clb", "ocmw", "caw", "youthcare", "disability"), "penal"),
    "safetydesk": "penal",
    **dict.fromkeys(("school", "childcare", "city", "familysupport"), "office"),
    **dict.fromkeys(("volunteer", "initiative", "network"), "pledge"),
}


@cache
def d(label: str) -> str:
    """Return the digest that stands for the object called `label`."""
    return b64.encode(hashlib.sha256(label.encode()).digest())


@cache
def hex_id(label: str) -> str:
    """Return the 128-bit id of the thing called `label`."""
    return hashlib.sha256(label.encode()).hexdigest()[:32]


@cache
def uuid7(label: str, made: int) -> str:
    """Return the id of the message called `label`, made at a time in seconds (RFC 9562: milliseconds come first)."""
    text = f"{made * 1000:012x}{hex_id(label)[12:]}"
    return f"{text[:8]}-{text[8:12]}-7{text[13:16]}-8{text[17:20]}-{text[20:32]}"


HUIS = d("huis")
NONCE = b64.encode(b"0123456789abcdef")
HEADER: dict[str, Any] = {"v": 1, "huis": HUIS, "nonce": NONCE}

DeviceName = Literal["anna", "anna-tablet", "bert", "service"]
"""Devices of every partner: two of one worker, one of another, and a service."""
WORKERS: dict[str, str | None] = {"anna": "anna", "anna-tablet": "anna", "bert": "bert", "service": None}


def device_signer(partner: str, device: str = "anna") -> Signer:
    """Return what a valid signature of a partner's device says."""
    worker = WORKERS[device]
    return Signer(
        "device",
        d(f"key {partner} {device}"),
        partner=partner,
        device=hex_id(f"{partner} {device}"),
        worker=None if worker is None else hex_id(f"{partner} worker {worker}"),
    )


@cache
def member(partner: str, sector: str, secrecy: Secrecy, until: int = ENDS) -> Signed[Membership]:
    """Return a membership signed by the steward."""
    payload = Membership(
        **HEADER,
        partner=partner,
        version=1,
        name=partner.replace("-", " ").title(),
        actor="professional",
        secrecy=secrecy,
        sector=sector,
        root_key=d(f"root {partner}"),
        not_before=BEGAN,
        not_after=until,
    )
    label = f"member {partner} {sector} {secrecy} {until}"
    return Signed(d(label), payload, frozenset({Signer("steward", d("steward"))}), Place(1, BEGAN))


@cache
def device_list(partner: str) -> Signed[DeviceList]:
    """Return a partner's devices, signed by its root."""
    devices = tuple(
        Device(
            device=hex_id(f"{partner} {name}"),
            worker=device_signer(partner, name).worker,
            service=WORKERS[name] is None,
            function="service" if WORKERS[name] is None else "social-worker",
            alg="ed25519",
            sign_key=device_signer(partner, name).key,
            inbox=True,
            not_before=BEGAN,
            not_after=ENDS,
            proof="A" * 86,
        )
        for name in get_args(DeviceName)
    )
    payload = DeviceList(
        **HEADER,
        partner=partner,
        version=1,
        issued=BEGAN,
        expires=ENDS,
        devices=tuple(sorted(devices, key=lambda item: item.device)),
    )
    signer = Signer("partner-root", d(f"root {partner}"), partner=partner)
    return Signed(d(f"devices {partner}"), payload, frozenset({signer}), Place(2, BEGAN))


@cache
def the_rulebook() -> Signed[Rulebook]:
    """Return the default rulebook, signed by the steward."""
    payload = default_rulebook(HUIS, NONCE, BEGAN, "Test", "code-1", d("code"))
    return Signed(d("rulebook"), payload, frozenset({Signer("steward", d("steward"))}), Place(3, BEGAN))


@cache
def the_setting() -> Setting:
    """Return the Huis: partners `<sector>-a` and `<sector>-b` of every sector, under the default rulebook."""
    members = {
        f"{sector}-{letter}": (member(f"{sector}-{letter}", sector, secrecy),)
        for sector, secrecy in SECTORS.items()
        for letter in "ab"
    }
    lists = {partner: (device_list(partner),) for partner in members}
    payload = Directory(
        **HEADER,
        version=1,
        issued=NOW - DAY,
        expires=NOW + 7 * DAY,
        memberships=tuple(sorted(chain[-1].d for chain in members.values())),
        devices=tuple(CurrentDevices(partner=name, devices=lists[name][-1].d) for name in sorted(lists)),
        rulebook=the_rulebook().d,
        relay_key=d("relay"),
        log_key=d("log"),
        rp_id="huis.example",
        origins=("https://huis.example",),
        bundles=(),
    )
    signed = Signed(d("directory"), payload, frozenset({Signer("steward", d("steward"))}), Place(4, NOW - DAY))
    return Setting(signed, the_rulebook(), members, lists)


def declared(partner: str, worker: str | None, what: Literal["code", "pledge"] = "code") -> Signed[Declaration]:
    """Return a declaration of the code in force: by a worker (None: for the services), or the partner's pledge."""
    book = the_rulebook().payload
    payload = Declaration(
        **HEADER,
        partner=partner,
        worker=None if worker is None or what == "pledge" else hex_id(f"{partner} worker {worker}"),
        what=what,
        code_version=book.code_version,
        code_digest=book.code_digest,
    )
    root = Signer("partner-root", d(f"root {partner}"), partner=partner)
    signer = device_signer(partner, worker or "anna") if what == "code" else root
    return Signed(d(f"{what} {partner} {worker}"), payload, frozenset({signer}), Place(5, BEGAN))


def rota(partner: str, *shifts: tuple[int, int], version: int = 1, placed: int = BEGAN) -> Signed[Rota]:
    """Return a desk's rota: from when to when somebody is on call."""
    watched = (hex_id(f"{partner} anna"),)
    payload = Rota(
        **HEADER,
        partner=partner,
        version=version,
        shifts=tuple(Shift(opens=opens, closes=closes, devices=watched) for opens, closes in shifts),
        phone="09 000 00 00",
        otherwise="Bel 112.",
        at=placed,
        prev=None if version == 1 else d(f"rota {partner} {version - 1}"),
    )
    label = f"rota {partner} {version} {shifts}"
    return Signed(d(label), payload, frozenset({device_signer(partner)}), Place(6 + version, placed))


@cache
def the_records() -> Records:
    """Return what everyone declared, and who is on call.

    Each worker accepted the code, each partner pledged to keep silent, and at the safety desks somebody always is.
    """
    partners = sorted(the_setting().memberships)
    accepted = (declared(partner, worker) for partner in partners for worker in ("anna", "bert", None))
    desks = (rota(f"safetydesk-{letter}", (BEGAN, ENDS)) for letter in "ab")
    return Records.of_all((*accepted, *(declared(partner, None, "pledge") for partner in partners), *desks))


Age = Literal["adult", "eighteen", "young", "twelve-past", "twelve", "child"]
"""Adult; turned 18 this month; 14; turned 12 eighty days ago; turned 12 fifty days ago; 8."""
MONTHS: dict[Age, tuple[str | None, str | None]] = {
    "adult": (None, None),
    "eighteen": ("2020-11", "2026-11"),
    "young": ("2024-06", "2030-06"),
    "twelve-past": ("2026-09", "2032-09"),
    "twelve": ("2026-10", "2032-10"),
    "child": ("2030-05", "2036-05"),
}


@dataclass(frozen=True)
class Someone:
    """A person as a test needs them. `keys`: whether they have passkeys; `vouched`: by which partners, first first."""

    name: str
    age: Age = "adult"
    authority: tuple[str, ...] = ()
    conflict: bool = False
    capable: bool | None = None
    capable_until: int = ENDS
    silenced: tuple[str, ...] = ()
    keys: bool = True
    vouched: tuple[str, ...] = ("health-b",)
    trusted: tuple[str, ...] = ()
    household: str = "home"

    @property
    def id(self) -> str:
        """The person's id."""
        return hex_id(f"person {self.name}")

    def touch(self) -> Signer:
        """Return what a valid touch of their passkey says."""
        return Signer("passkey", d(f"passkey {self.name}"), person=self.id)

    def identity(self) -> Signer:
        """Return what a valid signature of their identity key says."""
        return Signer("identity", d(f"identity {self.name}"), person=self.id)

    @property
    def client(self) -> Client:
        """All that is known of them."""
        return _client(self)


@cache
def _client(one: Someone) -> Client:
    turns12, turns18 = MONTHS[one.age]
    person = Person(
        **HEADER,
        household=hex_id(one.household),
        person=one.id,
        partner="health-b",
        version=1,
        turns12=turns12,
        turns18=turns18,
        authority=tuple(sorted(hex_id(f"person {name}") for name in one.authority)),
        conflict=one.conflict,
        capability=None if one.capable is None else Capability(capable=one.capable, until=one.capable_until),
        silenced=tuple(sorted(hex_id(f"person {name}") for name in one.silenced)),
        attesting=(),
        trusted=tuple(sorted(hex_id(f"person {name}") for name in one.trusted)),
    )
    attested = frozenset({device_signer("health-b"), device_signer("health-b", "bert")})
    versions = (Signed(d(f"version of {one}"), person, attested, Place(10, BEGAN)),)
    if not one.keys:
        return Client(versions)
    key = ClientKey(
        **HEADER,
        household=hex_id(one.household),
        person=one.id,
        partner=one.vouched[0],
        version=1,
        passkeys=(Passkey(credential=one.touch().key, alg="eddsa", public_key=d(f"public {one.name}")),),
        identity_key=one.identity().key,
        suite=SUITE,
        seal_key="A" * 1622,
        means="known",
        enrolment=Enrolment(opened=BEGAN, tag=d(f"tag {one.name}")),
    )
    signers = frozenset({device_signer(one.vouched[0]), one.identity()})
    signed = Signed(d(f"key of {one.name} by {one.vouched[0]}"), key, signers, Place(11, BEGAN))
    vouches = tuple(
        Signed(
            d(f"vouch of {partner} for {one.name}"),
            Vouch(**HEADER, partner=partner, client_key=signed.d, means="known"),
            frozenset({device_signer(partner)}),
            Place(12, BEGAN),
        )
        for partner in one.vouched[1:]
    )
    return Client(versions, (signed,), vouches)
