"""A relay inside the test's own process, on loopback, by a clock that the test turns; it works when the test says so.

For years that pass in a minute: everyone speaks to it over HTTP as to any relay, and nobody waits for days.
"""

import asyncio
import json
from pathlib import Path

from aiohttp import web

from zegel_relay import contact_key, keys_file
from zegel_relay.api.app import create_app
from zegel_relay.outbox import queue, schedule
from zegel_relay.outbox.work import work
from zegel_relay.relay import Relay
from zegel_relay.settings import Settings
from zegel_relay.storage import database

ROUNDS = 500
"""Most times that work is looked for in one go: work that makes itself due again at once would never end."""


class Calendar:
    """The time that everyone goes by, in seconds since 1970 UTC."""

    def __init__(self, at: int) -> None:
        self.at = at

    def __call__(self) -> int:
        return self.at

    def now(self) -> int:
        """Return this moment."""
        return self.at


class InsideRelay:
    """What `Huis` asks of its relay: keys, an address, a start and an end."""

    def __init__(self, folder: Path, huis: str, calendar: Calendar, smtp_url: str) -> None:
        self.folder, self.huis, self.calendar, self._smtp_url = folder, huis, calendar, smtp_url
        self.facts: dict[str, str] = {}
        self.address = ""
        self._relay: Relay | None = None
        self._runner: web.AppRunner | None = None

    @property
    def relay(self) -> Relay:
        """The relay. Raises `RuntimeError` while it does not run."""
        if self._relay is None:
            raise RuntimeError("the relay does not run")
        return self._relay

    async def start(self) -> None:
        """Make its keys and tables, and listen on a free port."""
        settings = Settings(
            folder=self.folder, database_url=f"sqlite:///{self.folder / 'relay.sqlite3'}",
            blob_folder=self.folder / "blobs", keys_file=self.folder / "keys.json",
            contact_key_file=self.folder / "contact-key.json", public_url="", work="outside",
            smtp_url=self._smtp_url, mail_from="zegel@huis.example",
        )  # fmt: skip
        self.folder.mkdir(parents=True)
        keys_file.create(settings.keys_file, self.huis, contact_key.create_or_load(settings.contact_key_file).public)
        await database.migrate(settings.database_url)
        relay = Relay.open(settings, self.calendar)
        self.facts = json.loads(relay.keys.public())
        self._runner = web.AppRunner(create_app(relay), access_log=None, handle_signals=False, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.address = relay.public_url = f"http://{host}:{port}"
        self._relay = relay

    async def stop(self) -> None:
        """Stop it."""
        if self._runner is not None:
            await self._runner.cleanup()
        self._relay = self._runner = None

    async def do_what_is_due(self) -> int:
        """Run what is due at this moment, promised and periodic, until nothing is; return how many rows were worked on.

        Raises `AssertionError` for work that failed, or that never ends.
        """
        room, count = self.relay.workroom(), 0
        await schedule.run_due(room)
        for _ in range(ROUNDS):
            async with room.sessions() as session:
                ids = await queue.due(session, self.calendar.at, 100)
            if not ids:
                return count
            await asyncio.gather(*(work(room, item) for item in ids))
            count += len(ids)
        raise AssertionError(f"work that never ends at {self.calendar.at}")
