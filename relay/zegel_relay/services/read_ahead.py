"""What one accepting transaction looks up, kept for that transaction, and asked for a whole batch at once.

Messages of a batch ask alike: who these people are, what they said, whether this was accepted before. Asked one by one
that is a dozen queries a message; asked together it is a dozen queries a batch. What is found is as current as what a
query would find: the batch's transaction holds the one place where things are accepted, and operations of one batch do
not touch what others of it rest on (conflict keys). It ends with the transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Select, and_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from zegel_keys.exhibit import Exhibit
from zegel_protocol.evidence import Flow
from zegel_protocol.signed import Place
from zegel_relay.storage.log import roots_at
from zegel_relay.storage.models import Blob, ChainEntry, Message, StoredObject

_INFO = "zegel.read-ahead"

OBJECT = (
    StoredObject.d, StoredObject.kind, StoredObject.subject, StoredObject.version, StoredObject.envelope,
    StoredObject.log_index, StoredObject.accepted_at,
)  # fmt: skip
"""What of a stored object makes an exhibit."""


@dataclass(frozen=True, slots=True)
class BlobFacts:
    """What is asked of a ciphertext that is there: its size in bytes, who uploaded it, which message has it."""

    size: int
    uploader: str
    message_d: str | None


@dataclass
class ReadAhead:
    """What was found in one transaction. An empty tuple, or None, is something that was asked for and is not there."""

    mark: int | None = None
    objects: dict[str, Exhibit | None] = field(default_factory=dict)
    subjects: dict[tuple[str, str], tuple[Exhibit, ...]] = field(default_factory=dict)
    chains: dict[Flow, tuple[tuple[int, str], ...]] = field(default_factory=dict)
    messages: dict[str, str | None] = field(default_factory=dict)
    blobs: dict[str, BlobFacts | None] = field(default_factory=dict)
    roots: dict[int, bytes | None] = field(default_factory=dict)
    covered: set[str] = field(default_factory=set)
    """`D` of the messages whose questions were asked."""

    async def find_objects(self, session: AsyncSession, digests: Iterable[str]) -> None:
        """Look up objects by `D`."""
        missing = sorted({d for d in digests if d not in self.objects})
        if missing:
            self.objects |= dict.fromkeys(missing)
            await self._take(session, select(*OBJECT).where(StoredObject.d.in_(missing)))

    async def find_subjects(self, session: AsyncSession, wanted: Iterable[tuple[str, str]]) -> None:
        """Look up all versions of the objects of a kind about a subject, for pairs of kind and subject."""
        missing: dict[str, list[str]] = {}
        for kind, subject in sorted({pair for pair in wanted if pair not in self.subjects}):
            missing.setdefault(kind, []).append(subject)
            self.subjects[kind, subject] = ()
        if not missing:
            return
        each = [
            and_(StoredObject.kind == kind, StoredObject.subject.in_(subjects)) for kind, subjects in missing.items()
        ]
        found: dict[tuple[str, str], list[Exhibit]] = {}
        for subject, exhibit in await self._take(session, select(*OBJECT).where(or_(*each))):
            found.setdefault((exhibit.kind, subject), []).append(exhibit)
        self.subjects |= {pair: tuple(exhibits) for pair, exhibits in found.items()}

    async def find_chains(self, session: AsyncSession, flows: Iterable[Flow]) -> None:
        """Look up consent chains: the number and `D` of each link, in order."""
        missing = sorted({flow for flow in flows if flow not in self.chains})
        if not missing:
            return
        columns = ChainEntry.person, ChainEntry.sender, ChainEntry.recipient
        query = select(*columns, ChainEntry.seq, ChainEntry.d).where(tuple_(*columns).in_(missing))
        found: dict[Flow, list[tuple[int, str]]] = {flow: [] for flow in missing}
        for person, sender, recipient, seq, d in await session.execute(query.order_by(ChainEntry.seq)):
            found[person, sender, recipient].append((seq, d))
        self.chains |= {flow: tuple(links) for flow, links in found.items()}

    async def find_messages(self, session: AsyncSession, ids: Iterable[str]) -> None:
        """Look up the `D` of messages by id."""
        missing = sorted({name for name in ids if name not in self.messages})
        if missing:
            rows = await session.execute(select(Message.id, Message.d).where(Message.id.in_(missing)))
            self.messages |= dict.fromkeys(missing)
            self.messages |= {row.id: row.d for row in rows}

    async def find_blobs(self, session: AsyncSession, names: Iterable[str]) -> None:
        """Look up ciphertexts by their digest."""
        missing = sorted({ct for ct in names if ct not in self.blobs})
        if missing:
            query = select(Blob.ct, Blob.size, Blob.uploader, Blob.message_d).where(Blob.ct.in_(missing))
            rows = await session.execute(query)
            self.blobs |= dict.fromkeys(missing)
            self.blobs |= {ct: BlobFacts(size, uploader, message) for ct, size, uploader, message in rows}

    async def find_roots(self, session: AsyncSession, sizes: Iterable[int]) -> None:
        """Look up what the log was when it had so many leaves."""
        missing = sorted({size for size in sizes if size not in self.roots})
        if missing:
            self.roots |= await roots_at(session, missing)

    async def _take(
        self, session: AsyncSession, query: Select[str, str, str, int, bytes, int, int]
    ) -> list[tuple[str, Exhibit]]:
        """Return (subject, exhibit) of the rows, oldest first, and keep them by `D`."""
        found = []
        for row in await session.execute(query.order_by(StoredObject.log_index)):
            exhibit = self.objects.get(row.d)
            if exhibit is None:
                exhibit = Exhibit(row.kind, row.d, row.envelope, place=Place(row.log_index, row.accepted_at))
                self.objects[row.d] = exhibit
            found.append((row.subject, exhibit))
        return found


def begin(session: AsyncSession) -> ReadAhead:
    """Return what the session's transaction keeps, from now on. Only for a transaction that accepts (see above)."""
    found: ReadAhead = session.info.setdefault(_INFO, ReadAhead())
    return found


def of(session: AsyncSession) -> ReadAhead:
    """Return what the session's transaction keeps; something that is forgotten at once, where it keeps nothing."""
    found: ReadAhead | None = session.info.get(_INFO)
    return found if found is not None else ReadAhead()
