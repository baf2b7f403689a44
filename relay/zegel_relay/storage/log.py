"""The append-only log in the database: its head row, its tree's complete nodes, its signed checkpoint.

Rules: RFC 9162 and C2SP `tlog-checkpoint`, through `zegel_protocol.merkle` and `tlog`; promises: `docs/spec/log.md`.
Only `storage.writer` appends, in the transaction that stores what is appended. Nothing of the tree is kept between
transactions: its right edge is read again, log2(size) rows, so that any number of processes may take turns.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.signing import SigningKey, check
from zegel_protocol import merkle, tlog
from zegel_protocol.errors import LogError
from zegel_relay.storage.errors import StorageError
from zegel_relay.storage.models import LogHead, LogNode

HEAD_ID: Final = 1


class LogTail:
    """The log while its head is locked: what is appended, and the proofs for it. Stored by `save`, or dropped.

    Made by `LogStore.lock`, valid in that transaction only.
    """

    def __init__(self, frontier: merkle.Frontier, origin: str, key: SigningKey) -> None:
        self._frontier = frontier
        self._origin = origin
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

    def inclusion(self, index: int) -> list[bytes]:
        """Return the hashes that prove a leaf that was appended here, in the tree as it is now."""
        return merkle.inclusion_proof(index, self.size, lambda level, position: self._nodes[level, position])

    def sign(self) -> str:
        """Return the signed checkpoint of the tree as it is now."""
        return _signed(self._origin, self.size, self._frontier.root(), self._key)

    async def save(self, session: AsyncSession, checkpoint: str) -> None:
        """Store the new nodes, and the head with `checkpoint`."""
        connection = await session.connection()
        if self._new:
            rows = [{"level": level, "position": at, "hash": node} for level, at, node in self._new]
            await connection.execute(insert(LogNode), rows)
        head = update(LogHead).where(LogHead.id == HEAD_ID).values(size=self.size, checkpoint=checkpoint)
        await connection.execute(head)


class LogStore:
    """The log of one Huis, signed with `key`. Every method works in the session, and so the transaction, it is given.

    Raises `StorageError` (`log.damaged`) when rows and checkpoint do not agree: signing on would fork the log.
    """

    def __init__(self, key: SigningKey, huis: str, epoch: int = 0) -> None:
        self.origin = tlog.log_origin(huis, epoch)
        self.public = key.public
        self._key = key

    async def prepare(self, session: AsyncSession) -> None:
        """Make the head of an empty log; check that the newest checkpoint of another was signed with this key.

        Needs a transaction that may write. Raises `StorageError` with `log.foreign` (another Huis, epoch or key).
        """
        if await session.get(LogHead, HEAD_ID) is None:
            if await session.scalar(select(LogNode.level).limit(1)) is not None:
                # Beginning anew over what is there would be a second log under the same name.
                raise StorageError("log.damaged", "The log has no head.")
            checkpoint = _signed(self.origin, 0, merkle.EMPTY_ROOT, self._key)
            session.add(LogHead(id=HEAD_ID, size=0, checkpoint=checkpoint))
            await session.flush()
            return
        checkpoint = await self.checkpoint(session)
        try:
            tlog.verify_checkpoint(checkpoint, self.origin, self.public, check)
        except LogError as error:
            code = "log.damaged" if error.code == "log.malformed" else "log.foreign"
            detail = "The log is of another Huis, epoch or log key. Use the keys file that it began with."
            raise StorageError(code, detail) from error
        await self.lock(session)

    async def lock(self, session: AsyncSession) -> LogTail:
        """Lock the head until the transaction ends, and return the log to append to.

        On SQLite the transaction that may write is the lock; the row is locked where the database knows rows.
        """
        query = select(LogHead.size, LogHead.checkpoint).where(LogHead.id == HEAD_ID).with_for_update()
        head = (await session.execute(query)).one_or_none()
        if head is None:
            raise StorageError("log.damaged", "The log has no head.")
        roots = await _fetch(session, merkle.root_nodes(head.size))
        frontier = merkle.Frontier(head.size, roots.values())
        signed = _parse(head.checkpoint)
        if (signed.origin, signed.size, signed.root) != (self.origin, head.size, frontier.root()):
            raise StorageError("log.damaged", "The log's rows are not those of its checkpoint.")
        return LogTail(frontier, self.origin, self._key)

    async def checkpoint(self, session: AsyncSession) -> str:
        """Return the newest signed checkpoint."""
        found = await session.scalar(select(LogHead.checkpoint).where(LogHead.id == HEAD_ID))
        if found is None:
            raise StorageError("log.damaged", "The log has no head.")
        return found

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


async def root_at(session: AsyncSession, size: int) -> bytes | None:
    """Return the root of the first `size` leaves; None where the log has no so many. Any transaction will do."""
    committed = await session.scalar(select(LogHead.size).where(LogHead.id == HEAD_ID))
    if committed is None or size > committed:
        return None
    nodes = await _fetch(session, merkle.root_nodes(size)) if size else {}
    return merkle.tree_root(size, lambda level, position: nodes[level, position])


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
