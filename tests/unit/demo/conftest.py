"""A mother with a phone, enrolled in a Huis made by hand, on a relay that lies only when told to."""

import pytest

from unit.demo.hand_huis import CHILD, HOUSEHOLD, MOTHER, NOW, NURSE, ORIGIN, RP_ID, HandHuis, sign
from unit.demo.hand_relay import HandRelay
from zegel_demo.client_agent import ClientAgent
from zegel_demo.passkey import SoftwarePasskey
from zegel_keys.client_seed import ClientSeed
from zegel_protocol import dsse

SECRET = bytes(range(32))


def phone_of(
    relay: HandRelay, person: str = MOTHER, passkey: SoftwarePasskey | None = None, seed: ClientSeed | None = None
) -> ClientAgent:
    """Return a new phone, with keys of its own unless some are given; its clock is the relay's."""
    passkey, seed = passkey or SoftwarePasskey(RP_ID, ORIGIN), seed or ClientSeed.generate()
    return ClientAgent(relay.huis.id, HOUSEHOLD, person, "", passkey, seed, lambda: relay.now, relay=relay)


def enrol(huis: HandHuis, agent: ClientAgent) -> None:
    """Enrol a phone with the nurse."""
    record = huis.key_record(agent.person, agent.enrol(SECRET, NOW))
    media_type, payload, signatures = dsse.open_envelope(sign(record, huis.devices[NURSE]))
    both = (*signatures, agent.sign_client_key(payload))
    huis.accept_envelope(record, dsse.seal_envelope(media_type, payload, both))


@pytest.fixture
def huis():
    """The Huis, with a mother and her child of eight."""
    made = HandHuis()
    made.person(MOTHER)
    made.person(CHILD, turns12="2030-05", turns18="2036-05", authority=(MOTHER,))
    return made


@pytest.fixture
def relay(huis):
    return HandRelay(huis)


@pytest.fixture
def agent(huis, relay):
    """The mother's phone, enrolled."""
    made = phone_of(relay)
    enrol(huis, made)
    return made
