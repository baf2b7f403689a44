"""The relay's own two keys in the hands of a liar: `RelayPen` signs as the relay, `ForkedLog` is a second log."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import Raw
from yarl import URL

from e2e.lying_relay import edited
from servers.databases import rows
from zegel_keys.envelopes import sign_payload
from zegel_keys.exhibit import Exhibit, read
from zegel_keys.verification import read_payload
from zegel_protocol import b64, merkle, tlog
from zegel_protocol.api import Bundle, LogConsistency, given
from zegel_protocol.objects import Payload, Receipt, Status
from zegel_protocol.objects.manifest import Seen
from zegel_relay.keys_file import RelayKeys


@dataclass(frozen=True)
class RelayPen:
    """Signs as the relay in `folder`, with its own two keys."""

    keys: RelayKeys
    folder: Path

    def sign(self, payload: Payload) -> bytes:
        """Return the envelope of an object that the relay signs."""
        return sign_payload(payload, self.keys.relay)

    def again(self, envelope: bytes, kind: type[Payload], **changes: object) -> bytes:
        """Return an object of the relay's with some fields changed, signed anew."""
        payload, _ = read_payload(envelope, kind)
        return self.sign(msgspec.structs.replace(payload, nonce=b64.encode(b"again" + bytes(11)), **changes))

    def restated(self, bundle: Bundle, **changes: object) -> Bundle:
        """Return a bundle with all its statuses changed and signed anew."""

        def how(item: Exhibit) -> bytes:
            return self.again(item.envelope, Status, **changes) if item.kind == Status.KIND else item.envelope

        return edited(bundle, how)

    def stated(self, bundle: Bundle, heads: dict[tuple[str, str], tuple[int, str | None]], as_of: int) -> Bundle:
        """Return a bundle in which the chains of these (from, to) end at these heads, by the relay's signed word."""

        def how(item: Exhibit) -> bytes:
            if item.kind != Status.KIND:
                return item.envelope
            status, _ = read_payload(item.envelope, Status)
            key = (status.sender.partner or "", status.to.partner or "")
            if key not in heads:
                return item.envelope
            return self.again(item.envelope, Status, head_seq=heads[key][0], head=heads[key][1], as_of=as_of)

        return edited(bundle, how)

    def leaves(self) -> list[str]:
        """Return the `D` of everything in the real log, in its order."""
        return [row[0] for row in rows(self.folder, "SELECT d FROM objects ORDER BY log_index")]

    def log_of(self, leaves: Iterable[str], keys: RelayKeys | None = None, origin: str | None = None) -> "ForkedLog":
        """Return a log of these leaves, signed with the relay's log key, or others', as the Huis's log or another."""
        log = ForkedLog(keys or self.keys, origin)
        for d in leaves:
            log.append(d)
        return log

    def receipt(self, d: str, log: "ForkedLog", at: int, **names: tuple[str, ...]) -> bytes:
        """Return a receipt for an object of a log, accepted `at` (seconds); `names` are wraps and notices."""
        proof = log.proof(log.leaves.index(d))
        empty = Receipt(
            v=1, huis=self.keys.huis, nonce=b64.encode(bytes(16)), object=d, wraps=(), accepted_at=at, notices=(),
            proof=proof,
        )  # fmt: skip
        return self.sign(msgspec.structs.replace(empty, **names))

    def moved(self, receipt: bytes, log: "ForkedLog") -> bytes:
        """Return a receipt for the same object in another log."""
        d = read_payload(receipt, Receipt)[0].object
        return self.again(receipt, Receipt, proof=log.proof(log.leaves.index(d)))

    def all_moved(self, bundle: Bundle, log: "ForkedLog", *only: str) -> Bundle:
        """Return a bundle with all its receipts (or those of these objects) for another log."""
        items = []
        for held in bundle.items:
            receipt = given(held.receipt)
            if receipt is not None and (not only or read(bytes(held.object)).d in only):
                held = msgspec.structs.replace(held, receipt=Raw(self.moved(receipt, log)))
            items.append(held)
        return msgspec.structs.replace(bundle, items=tuple(items))


class ForkedLog:
    """Another log under the relay's log key."""

    def __init__(self, keys: RelayKeys, origin: str | None = None) -> None:
        self._keys, self._origin = keys, origin or tlog.log_origin(keys.huis)
        self._frontier = merkle.Frontier()
        self._nodes: dict[merkle.Place, bytes] = {}
        self.leaves: list[str] = []

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return self._frontier.size

    def append(self, d: str) -> int:
        """Log an object; return its index."""
        index = self.size
        self.leaves.append(d)
        for level, position, node in self._frontier.append(merkle.leaf_hash(b64.decode(d, 32))):
            self._nodes[level, position] = node
        return index

    def _node(self, level: int, position: int) -> bytes:
        return self._nodes[level, position]

    def checkpoint(self) -> str:
        """Return its signed head."""
        body = tlog.checkpoint_body(self._origin, self.size, self._frontier.root())
        return tlog.attach_signature(body, self._origin, self._keys.log.public, self._keys.log.sign(body))

    def proof(self, index: int) -> str:
        """Return the proof that an entry is in it, as a receipt carries it."""
        hashes = merkle.inclusion_proof(index, self.size, self._node)
        return tlog.format_proof(index, hashes, self.checkpoint())

    @property
    def state(self) -> Seen:
        """Its size and root, as parties tell each other what they saw."""
        return Seen(size=self.size, root=b64.encode(self._frontier.root()))

    def consistency(self, url: URL) -> LogConsistency:
        """Return the proof that is asked for at an address."""
        old, new = int(url.query["old"]), int(url.query["new"])
        hashes = tuple(map(b64.encode, merkle.consistency_proof(old, new, self._node)))
        return LogConsistency(old=old, new=new, hashes=hashes, checkpoint=self.checkpoint())
