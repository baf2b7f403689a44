"""Whether this relay lives, and whether it takes work: for a supervisor, a proxy, and an SDK that looks before it asks.

`health` is about the process: who finds it failing restarts it. `ready` is about what it works with: who finds that
failing sends the next request elsewhere, and restarts nothing.
"""

import asyncio
import os
import shutil

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from zegel_protocol.fields import Digest, Time
from zegel_relay.api.route import Call
from zegel_relay.relay import Relay
from zegel_relay.storage.database import check_migrated, check_writable, sqlite_path
from zegel_relay.storage.errors import StorageError, Unavailable
from zegel_relay.storage.log import restored_error
from zegel_relay.storage.partial_file import disk_error


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The relay accepts: which Huis it serves, and its time."""

    huis: Digest
    now: Time


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """The relay takes work now."""

    now: Time


async def health(call: Call) -> Health:
    """Answer only if the writer runs and the database answers."""
    if not call.relay.accepting:
        raise Unavailable("relay.stopping", "The relay accepts nothing now. Send later what you have.")
    async with call.relay.sessions() as session:
        await call.relay.log.checkpoint(session)
    return Health(huis=call.relay.keys.huis, now=call.now)


async def ready(call: Call) -> Ready:
    """Answer only if what is sent now can be stored and answered.

    Raises `Unavailable` (`relay.stopping`, `relay.restored`, `relay.full`), or `StorageError` (`relay.disk`,
    `database.*`).
    """
    relay = call.relay
    if relay.draining or not relay.accepting:
        raise Unavailable("relay.stopping", "The relay is stopping. Send to another, or later.")
    await check_migrated(relay.engine)
    try:
        async with relay.sessions() as session:
            head = await relay.log.look(session)
        await check_writable(relay.sessions)
    except SQLAlchemyError as error:
        raise StorageError("database.failed", f"The database does not answer: {type(error).__name__}.") from error
    if head.restored:
        raise restored_error()
    await check_space(relay)
    return Ready(now=call.now)


async def check_space(relay: Relay) -> None:
    """Return if where it keeps its data may be written, and all its folders have `min_free_bytes` left.

    Raises `Unavailable` (`relay.full`), or `StorageError` (`relay.disk`).
    """
    file = sqlite_path(relay.settings.database_url)
    kept = [relay.settings.blob_folder, *([file.parent] if file is not None else [])]
    for folder in kept:
        if (await asyncio.to_thread(os.statvfs, folder)).f_flag & os.ST_RDONLY:
            raise disk_error()
    for folder in (relay.settings.folder, *kept):
        if (await asyncio.to_thread(shutil.disk_usage, folder)).free < relay.settings.min_free_bytes:
            raise Unavailable("relay.full", "The relay's disk is almost full. Nothing is lost; send later.")
