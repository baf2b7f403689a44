"""A Huis in this process, on a clock that a test turns: its relay serves over HTTP, and works when it is told."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from zegel.steward.folder import StewardFolder
from zegel.steward.founding import found
from zegel.steward.rules import digest_of_code, sign_rulebook
from zegel_demo.huis import CODE, PASSPHRASE, Huis
from zegel_demo.relay_process import RelayProcess
from zegel_keys.keystore.key_file import KeyFile
from zegel_relay import keys_file
from zegel_relay.api.app import create_app
from zegel_relay.outbox import queue, schedule
from zegel_relay.outbox.handlers import HANDLERS
from zegel_relay.outbox.work import work
from zegel_relay.outbox.workroom import Workroom
from zegel_relay.relay import Relay
from zegel_relay.settings import Settings
from zegel_relay.storage import database

NAME = "Huis van het Kind"
TOGETHER = 50


class Clock:
    """Stands until it is turned; in seconds since 1970, for the relay and for everyone who speaks to it."""

    def __init__(self, at: int) -> None:
        self.at = at

    def __call__(self) -> int:
        return self.at

    def now(self) -> int:
        return self.at


@dataclass
class YearHuis:
    """The Huis, its relay, and what work was done: how often each (kind, subject, object) ended as done."""

    huis: Huis
    relay: Relay
    clock: Clock
    room: Workroom
    done: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    _runner: web.AppRunner | None = None

    @classmethod
    async def open(cls, folder: Path, at: int, database_url: str) -> "YearHuis":
        """Found a Huis at a time, with no partner yet."""
        clock = Clock(at)
        founding = found(folder / "steward", PASSPHRASE, NAME, cost="interactive")
        settings = Settings(
            folder=folder, database_url=database_url, blob_folder=folder / "blobs", keys_file=folder / "keys.json",
            contact_key_file=folder / "contact-key.json", public_url="", work="outside", requests_per_minute=0,
        )  # fmt: skip
        keys_file.create(settings.keys_file, founding.huis)
        await database.migrate(database_url)
        relay = Relay.open(settings, clock)
        runner = web.AppRunner(create_app(relay), access_log=None, handle_signals=False, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        relay.public_url = f"http://{host}:{port}"
        facts = json.loads(relay.keys.public())
        beside = RelayProcess(folder / "relay", founding.huis, facts=facts, address=relay.public_url)
        roots = [KeyFile.open(path, PASSPHRASE) for path in StewardFolder(folder / "steward").root_paths()]
        huis = Huis(folder, founding, beside, roots, clock)
        year = cls(huis, relay, clock, relay.workroom(), _runner=runner)
        await huis.give(founding.root_envelope)
        await year.rules("code-1", CODE)
        return year

    async def rules(self, version: str, code: bytes) -> None:
        """Sign the next rulebook, with this version of the code."""
        known = await self.huis.known()
        self.huis.rulebook = sign_rulebook(
            known, self.huis.keys, self.clock(), name=NAME, code_version=version, code_digest=digest_of_code(code)
        )
        await self.huis.give(self.huis.rulebook)

    async def turn(self, seconds: int = 0) -> None:
        """Let time pass, then have the relay do all that is due."""
        self.clock.at += seconds
        await schedule.run_due(self.room)
        while True:
            async with self.room.sessions() as session:
                ids = await queue.due(session, self.clock.at, TOGETHER)
            if not ids:
                return
            await asyncio.gather(*(work(self.room, one) for one in ids))

    def count(self, monkeypatch) -> None:
        """Count each piece of work whose handler says that it is done."""
        for kind, handler in list(HANDLERS.items()):

            async def counted(room, item, now, handler=handler):
                result = await handler(room, item, now)
                if type(result).__name__ == "Done":
                    self.done[item.kind, item.subject, item.object_d] += 1
                return result

            monkeypatch.setitem(HANDLERS, kind, counted)

    async def close(self) -> None:
        """Stop the relay."""
        if self._runner is not None:
            await self._runner.cleanup()
