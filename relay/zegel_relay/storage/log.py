"""The append-only log in the database: its head row, its tree's complete nodes, its signed checkpoint.

Rules: RFC 9162 and C2SP `tlog-checkpoint`, through `zegel_protocol.merkle` and `tlog`; promises: `docs/spec/log.md`.
Only `storage.writer` appends, in the transaction that stores what is appended. Nothing of the tree is kept between
transactions: its right edge is read again, log2(size) rows, so that any number of processes may take turns.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.signing import SigningKey, check
from zegel_protocol import merkle, tlog
from zegel_protocol.errors import LogError
from zegel_relay.storage.errors import StorageError, Unavailable
from zegel_relay.storage.models import LogHead, LogNode
from zegel_relay.storage.postgres import hold_log

HEAD_ID: Final = 1


class LogTail:
    """The log while its head is locked: what is appended, and the proofs for it. Stored by `save`, or dropped.

    Made by `LogStore.lock`, valid in that transaction only. `restored`: it comes from a backup, and only an epoch may
    be appended.
    """

    def __init__(self, frontier: merkle.Frontier, huis: str, epoch: int, restored: bool, key: SigningKey) -> None:
        self._frontier = frontier
        self._huis = huis
        self._epoch = epoch
        self.restored = restored
        self._key = key
        roots = zip(merkle.root_nodes(frontier.size), frontier.roots, strict=True)
        # Whatever a new leaf's proof needs is a root of the old right edge, or was completed here.
        self._nodes: dict[merkle.Place, bytes] = dict(roots)
        self._new: list[merkle.Node] = []

    @property
    def size(self) -> int:
        """Number of leaves; the index that the next one gets."""
        return self._frontier.size

    def append(self, leaves: Iterable[bytes]) -> list[int]:
        """Add leaves (the 32 raw bytes of a `D` each); return their indexes."""
        indexes = []
        for leaf in leaves:
            indexes.append(self._frontier.size)
            completed = self._frontier.append(merkle.leaf_hash(leaf))
            self._new += completed
            self._nodes |= {(level, position): node for level, position, node in completed}
        return indexes

    def begin(self, epoch: int) -> None:
        """Go on as another log: what is signed from here on carries the epoch's number."""
        self._epoch = epoch
        self.restored = False

    def inclusion(self, index: int) -> list[bytes]:
        """Return the hashes that prove a leaf that was appended here, in the tree as it is now."""
        return merkle.inclusion_proof(index, self.size, lambda level, position: self._nodes[level, position])

    def sign(self) -> str:
        """Return the signed checkpoint of the tree as it is now. Raises `Unavailable` (`relay.restored`)."""
        if self.restored:
            raise restored_error()
        return _signed(tlog.log_origin(self._huis, self._epoch), self.size, self._frontier.root(), self._key)

    async def save(self, session: AsyncSession, checkpoint: str) -> None:
        """Store the new nodes, and the head with `checkpoint`."""
        connection = await session.connection()
        if self._new:
            rows = [{"level": level, "position": at, "hash": node} for level, at, node in self._new]
            await connection.execute(insert(LogNode), rows)
        values = {"size": self.size, "checkpoint": checkpoint, "epoch": self._epoch, "restored_at": None}
        await connection.execute(update(LogHead).where(LogHead.id == HEAD_ID).values(values))


class LogStore:
    """The log of one Huis, signed with `key`. Every method works in the session, and so the transaction, it is given.

    Raises `StorageError` (`log.damaged`) when rows and checkpoint do not agree: signing on would fork the log.

    `origin` and `restored` are as they were when last looked at. `restored`: the database came from a backup, and
    waited for the steward's epoch object. Only an epoch ends that, so who finds it set looks again (`look`);
    nobody may set it while a relay runs.
    """

    def __init__(self, key: SigningKey, huis: str) -> None:
        self.public = key.public
        self.origin = tlog.log_origin(huis)
        self.restored = False
        self._huis = huis
        self._key = key

    async def prepare(self, session: AsyncSession) -> None:
        """Make the head of an empty log; check that the newest checkpoint of another was signed with this key.

        Needs a transaction that may write. Raises `StorageError` with `log.foreign` (another Huis, epoch or key).
        """
        # Two relays that start together on an empty database: the second finds the head of the first.
        await hold_log(session, shared=False)
        if await session.get(LogHead, HEAD_ID) is None:
            if await session.scalar(select(LogNode.level).limit(1)) is not None:
                # Beginning anew over what is there would be a second log under the same name.
                raise StorageError("log.damaged", "The log has no head.")
            checkpoint = _signed(tlog.log_origin(self._huis), 0, merkle.EMPTY_ROOT, self._key)
            session.add(LogHead(id=HEAD_ID, size=0, checkpoint=checkpoint, epoch=0))
            await session.flush()
            return
        state = await self.look(session)
        try:
            tlog.verify_checkpoint(state.checkpoint, tlog.log_origin(self._huis, state.epoch), self.public, check)
        except LogError as error:
            code = "log.damaged" if error.code == "log.malformed" else "log.foreign"
            detail = "The log is of another Huis, epoch or log key. Use the keys file that it began with."
            raise StorageError(code, detail) from error
        await self.lock(session)

    async def lock(self, session: AsyncSession) -> LogTail:
        """Lock the head until the transaction ends, and return the log to append to.

        On SQLite the transaction that may write is the lock. On Postgres it is the log's own, which is waited for in
        turn, and then the row.
        """
        await hold_log(session, shared=False)
        head = await self.look(session, lock=True)
        roots = await _fetch(session, merkle.root_nodes(head.size))
        frontier = merkle.Frontier(head.size, roots.values())
        signed, origin = _parse(head.checkpoint), tlog.log_origin(self._huis, head.epoch)
        if (signed.origin, signed.size, signed.root) != (origin, head.size, frontier.root()):
            raise StorageError("log.damaged", "The log's rows are not those of its checkpoint.")
        return LogTail(frontier, self._huis, head.epoch, head.restored, self._key)

    async def look(self, session: AsyncSession, *, lock: bool = False) -> "Head":
        """Return the head as the transaction sees it, and note whether it waits for an epoch."""
        head = await read_head(session, lock=lock)
        self.origin, self.restored = tlog.log_origin(self._huis, head.epoch), head.restored
        return head

    async def checkpoint(self, session: AsyncSession) -> str:
        """Return the newest signed checkpoint."""
        return (await read_head(session)).checkpoint

    async def inclusion(self, session: AsyncSession, index: int, size: int) -> list[bytes]:
        """Return the proof that leaf `index` is in the log of its first `size` leaves.

        Raises `LogError` (`log.inclusion`) where it is not.
        """
        await self._check_size(session, size, "log.inclusion")
        nodes = await _fetch(session, merkle.inclusion_nodes(index, size))
        return merkle.inclusion_proof(index, size, lambda level, position: nodes[level, position])

    async def consistency(self, session: AsyncSession, old: int, new: int) -> list[bytes]:
        """Return the proof that the log of `old` leaves is a prefix of that of `new`.

        Raises `LogError` (`log.consistency`) unless `old <= new <=` the size of the log.
        """
        await self._check_size(session, new, "log.consistency")
        nodes = await _fetch(session, merkle.consistency_nodes(old, new))
        return merkle.consistency_proof(old, new, lambda level, position: nodes[level, position])

    async def _check_size(self, session: AsyncSession, size: int, code: str) -> None:
        if size > _parse(await self.checkpoint(session)).size:
            raise LogError(code, f"the log has no {size} entries yet")


@dataclass(frozen=True)
class Head:
    """The log's head: its size, newest checkpoint, epoch, and whether it comes from a backup."""

    size: int
    checkpoint: str
    epoch: int
    restored: bool


async def read_head(session: AsyncSession, *, lock: bool = False) -> Head:
    """Return the head, locked if it is to be changed. Raises `StorageError` (`log.damaged`) where there is none."""
    query = select(LogHead.size, LogHead.checkpoint, LogHead.epoch, LogHead.restored_at).where(LogHead.id == HEAD_ID)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise StorageError("log.damaged", "The log has no head.")
    return Head(row.size, row.checkpoint, row.epoch, row.restored_at is not None)


async def mark_restored(session: AsyncSession, now: int) -> Head:
    """Say that this database comes from a backup: from here on nothing is signed but after the steward's next epoch.

    Returns the head that it goes on from.
    """
    head = await read_head(session, lock=True)
    await session.execute(update(LogHead).where(LogHead.id == HEAD_ID).values(restored_at=now))
    return head


def restored_error() -> Unavailable:
    """Return what everyone is told while a restored database waits for its epoch."""
    detail = (
        "This relay was restored from a backup and signs nothing before the steward has said so. Nothing was stored. "
        "Keep what you have, and send it again later."
    )
    return Unavailable("relay.restored", detail)


async def hold_still(session: AsyncSession) -> None:
    """Let nothing be accepted, by any process, until this transaction ends. To be its first statement.

    For whoever hands out what the newest consents allow. Safe, because each revocation is accepted by a transaction
    that holds the log alone (`LogStore.lock`): either that transaction ended before this one took hold, and all that is
    read from here on shows it; or it waits until this one has committed, and is answered only after that. So once a
    revocation was answered, wherever it was, no delivery that it forbids begins. Those who hold still do so together.
    """
    await hold_log(session, shared=True)


async def root_at(session: AsyncSession, size: int) -> bytes | None:
    """Return the root of the first `size` leaves; None where the log has no so many. Any transaction will do."""
    return (await roots_at(session, [size]))[size]


async def roots_at(session: AsyncSession, sizes: Iterable[int]) -> dict[int, bytes | None]:
    """Return the root of the first `size` leaves, for each of these sizes; None where the log has no so many.

    Any transaction will do.
    """
    committed = await session.scalar(select(LogHead.size).where(LogHead.id == HEAD_ID)) or 0
    found: dict[int, bytes | None] = dict.fromkeys(sizes)
    places = {size: merkle.root_nodes(size) for size in found if size <= committed}
    nodes = await _fetch(session, sorted({place for some in places.values() for place in some})) if any(places) else {}
    for size in places:
        found[size] = merkle.tree_root(size, lambda level, position: nodes[level, position])
    return found


def _signed(origin: str, size: int, root: bytes, key: SigningKey) -> str:
    body = tlog.checkpoint_body(origin, size, root)
    return tlog.attach_signature(body, origin, key.public, key.sign(body))


def _parse(checkpoint: str) -> tlog.Checkpoint:
    try:
        return tlog.parse_checkpoint(checkpoint)
    except LogError as error:
        raise StorageError("log.damaged", "The stored checkpoint cannot be read.") from error


async def _fetch(session: AsyncSession, places: Sequence[merkle.Place]) -> dict[merkle.Place, bytes]:
    """Return the hashes of these nodes, in their order: one query, for a proof asks for few (2 x log2(size))."""
    wanted = tuple_(LogNode.level, LogNode.position).in_(places)
    query = select(LogNode.level, LogNode.position, LogNode.hash).where(wanted)
    found = {(row.level, row.position): row.hash for row in await session.execute(query)}
    if len(found) != len(places):
        raise StorageError("log.damaged", f"{len(places) - len(found)} nodes of the log are missing.")
    return {place: found[place] for place in places}
