"""A relay on a database and folder of its own, with a clock that the test turns."""

import hashlib

import pytest

from zegel_keys.signing import SigningKey
from zegel_protocol import b64
from zegel_relay import keys_file
from zegel_relay.relay import Relay
from zegel_relay.settings import Settings
from zegel_relay.storage import database

HUIS = b64.encode(hashlib.sha256(b"a huis").digest())
PUBLIC_URL = "https://relay.example"


class TurnedClock:
    """A clock that stands until the test turns it."""

    def __init__(self, at: int = 1_790_000_000) -> None:
        self.at = at

    def now(self) -> int:
        return self.at


@pytest.fixture
def clock():
    return TurnedClock()


@pytest.fixture
def settings(tmp_path, database_url):
    return Settings(
        folder=tmp_path,
        database_url=database_url,
        blob_folder=tmp_path / "blobs",
        keys_file=tmp_path / "keys.json",
        contact_key_file=tmp_path / "contact-key.json",
        public_url=PUBLIC_URL,
        max_blob_bytes=300_000,
        # What these tests count is what they do themselves.
        work="outside",
    )


@pytest.fixture
def signers():
    """The keys that may sign requests, by keyid."""
    return {
        f"device:{partner}/{number * 32}": SigningKey.generate() for partner, number in [("ocmw", "1"), ("clb", "2")]
    }


@pytest.fixture
async def relay(settings, clock, signers):
    """A relay that is migrated and not started."""

    async def find_key(_session, keyid, _now):
        return signers[keyid].public if keyid in signers else None

    keys_file.create(settings.keys_file, HUIS)
    await database.migrate(settings.database_url)
    relay = Relay.open(settings, clock, find_key)
    yield relay
    await relay.stop()
