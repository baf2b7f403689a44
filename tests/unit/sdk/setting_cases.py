"""A Huis that was founded with three root keys, of which two sign, and partners that join it: what these tests share.

Making and opening key files takes a second, so one founding serves many tests; what grows from it is made per test.
"""

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from zegel.partner_setup import DeviceRequest, describe_device, device_list, join_request, make_root, with_device
from zegel.steward import (
    Founding,
    Known,
    RelayFacts,
    StewardFolder,
    admit,
    digest_of_code,
    found,
    publish,
    read_join_request,
    read_known,
    sign_rulebook,
)
from zegel_keys.exhibit import read
from zegel_keys.keystore.identity import Identity
from zegel_keys.keystore.key_file import KeyFile
from zegel_keys.signing import SigningKey
from zegel_keys.trust import Trust, establish
from zegel_protocol import b64
from zegel_protocol.objects.devices import Device

PASSPHRASE = "zeven zachte zeehonden é"
NOW = 1_795_521_600
"""Tuesday 24 November 2026, 12:00 UTC."""
DAY = 86_400
RELAY = SigningKey.generate()
LOG = SigningKey.generate()
FACTS = RelayFacts(RELAY.public, LOG.public, "portal.example", ("https://portal.example",))
CODE = digest_of_code(b"the code of ethics")


@contextmanager
def fails(code):
    """Expect an error of the SDK, the keys or the protocol, and compare its code."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - compared by code
        yield
    assert getattr(caught.value, "code", type(caught.value).__name__) == code


@dataclass(frozen=True)
class Steward:
    """The steward's folder with its keys opened, and the root key of one partner."""

    place: StewardFolder
    founding: Founding
    keys: tuple[KeyFile, ...]
    freshness: KeyFile
    partner_root: KeyFile


def make_steward(folder: Path) -> Steward:
    founding = found(folder / "steward", PASSPHRASE, "Huis van het Kind", 3, 2, "interactive")
    place = StewardFolder(folder / "steward")
    keys = tuple(KeyFile.open(path, PASSPHRASE, "steward-root") for path in place.root_paths())
    freshness = KeyFile.open(place.freshness_path, PASSPHRASE, "freshness")
    return Steward(place, founding, keys, freshness, make_root(folder / "partner", PASSPHRASE, "OCMW", "interactive"))


@dataclass
class House:
    """What a relay holds of the Huis, as envelopes in the order in which they were accepted."""

    steward: Steward
    held: list[bytes] = field(default_factory=list)

    def __post_init__(self):
        self.held.append(self.steward.founding.root_envelope)

    @property
    def huis(self) -> str:
        return self.steward.founding.huis

    @property
    def keys(self) -> tuple[KeyFile, ...]:
        """Two of the three: as many as must sign."""
        return self.steward.keys[:2]

    @property
    def known(self) -> Known:
        return read_known(self.huis, map(read, self.held))

    def trust(self) -> Trust:
        """Return what any party would believe. Raises `ProtocolError`."""
        return establish(self.huis, map(read, self.held), lambda _trust, _exhibit: None)

    def take(self, envelope: bytes) -> bytes:
        self.held.append(envelope)
        return envelope

    def request(self, partner="ocmw-gent", sector="ocmw", secrecy="penal", name="OCMW Gent", host=None):
        """Return a verified request to join."""
        envelope = join_request(
            self.steward.partner_root, self.huis, partner=partner, name=name, actor="professional", secrecy=secrecy,
            sector=sector, now=NOW, host=host,
        )  # fmt: skip
        return read_join_request(envelope, self.huis)

    def admit(self, partner="ocmw-gent", **facts) -> bytes:
        return self.take(admit(self.known, self.request(partner, **facts), self.keys, NOW))

    def rulebook(self, rules=None) -> bytes:
        book = sign_rulebook(
            self.known, self.keys, NOW, name="Rules", code_version="1.0", code_digest=CODE, rules=rules
        )
        return self.take(book)

    def device(self, label: str, partner="ocmw-gent", **how) -> Device:
        return device_request(self.steward.founding, label, partner, **how).device

    def list_devices(self, *devices: Device, partner="ocmw-gent") -> bytes:
        """List these devices beside those that are listed."""
        chain = self.known.lists.get(partner, ())
        listed = chain[-1].payload.devices if chain else ()
        for device in devices:
            listed = with_device(listed, device)
        before = self.known.envelope(chain[-1].d) if chain else None
        root = self.steward.partner_root
        return self.take(device_list(root, self.huis, partner, listed, NOW, before=before))

    def open(self) -> bytes:
        """Publish the first directory: one partner with one device."""
        membership, book = self.admit(), self.rulebook()
        self.list_devices(self.device("first"))
        first = publish(
            self.known, self.keys, NOW, memberships=[membership], rulebook=book, relay=FACTS,
            freshness_key=self.steward.freshness.public,
        )  # fmt: skip
        return self.take(first)


def device_request(founding: Founding, label: str, partner: str, **how) -> DeviceRequest:
    """Return how a device called `label` describes itself; no keystore is made."""
    identity = Identity(
        huis=founding.huis, partner=partner, partner_name="OCMW Gent", worker=hex_id(f"worker {label}"),
        function="social-worker", device=hex_id(label), seed=b64.encode(SigningKey.generate().seed),
        relay="https://relay.example", genesis=founding.genesis,
    )  # fmt: skip
    return describe_device(identity, NOW, **how)


def hex_id(label: str) -> str:
    return hashlib.sha256(label.encode()).hexdigest()[:32]
