"""What handlers and periodic functions work with: the same inside a relay and in a worker process.

A worker has no key that signs for the relay: `office` is there only inside a relay.
"""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from zegel_relay import contact_key as contact_key_file
from zegel_relay.clock import Clock, SystemClock
from zegel_relay.services.office import Office
from zegel_relay.settings import Settings
from zegel_relay.storage.blobs import BlobStore
from zegel_relay.storage.database import open_sessions
from zegel_relay.wakeups import Wakeups


@dataclass(frozen=True, kw_only=True)
class Workroom:
    """The parts of a running relay or worker.

    - `office`: the relay's services; None in a worker.
    - `contact_key`: the private key to sealed contact addresses, as the bytes of its file; None where none is set.
    """

    settings: Settings
    sessions: async_sessionmaker[AsyncSession]
    blobs: BlobStore
    wakeups: Wakeups
    clock: Clock
    office: Office | None = None
    contact_key: bytes | None = field(default=None, repr=False)


def read_contact_key(settings: Settings) -> bytes | None:
    """Return what stands in the contact key's file, if there is one: a relay without it pings nobody.

    Raises `StorageError` for a file that others may read, or that can't be read.
    """
    path = settings.contact_key_file
    return contact_key_file.load(path) if path.exists() else None


def open_room(settings: Settings, engine: AsyncEngine, wakeups: Wakeups) -> Workroom:
    """Return the workroom of a process that is no relay: without the relay's keys. Raises as `read_contact_key`."""
    return Workroom(
        settings=settings,
        sessions=open_sessions(engine),
        blobs=BlobStore(settings.blob_folder),
        wakeups=wakeups,
        clock=SystemClock(),
        contact_key=read_contact_key(settings),
    )
