"""Envelopes, and a log that gives receipts for them: what a relay would do, over fixed keys."""

import copy
from dataclasses import dataclass, field
from typing import Any

from vectors.making.seeds import nonce, signing_key
from zegel_keys.signing import SigningKey
from zegel_protocol import b64, dsse, encoding, merkle, tlog
from zegel_protocol.assertion import Assertion, to_signature
from zegel_protocol.objects import Payload, Receipt
from zegel_protocol.objects.manifest import Seen

RELAY = signing_key("relay")
LOG = signing_key("log")


def d_of(payload: Payload) -> str:
    """Return `D`."""
    return dsse.digest(dsse.payload_type(payload.KIND), encoding.encode(payload))


def envelope(payload: Payload, *signers: SigningKey | Assertion) -> bytes:
    """Return the envelope of an object, signed by Ed25519 keys and passkeys in this order."""
    media, body = dsse.payload_type(payload.KIND), encoding.encode(payload)
    signatures = tuple(
        signer.sign_object(media, body) if isinstance(signer, SigningKey) else to_signature(signer)
        for signer in signers
    )
    return dsse.seal_envelope(media, body, signatures)


@dataclass(frozen=True)
class Item:
    """An envelope with its receipt, if a relay accepted it."""

    d: str
    envelope: bytes
    receipt: bytes | None = None

    def as_json(self) -> dict[str, str]:
        """Return the item as vectors hold it."""
        found = {"object": self.envelope.decode("utf-8")}
        return found if self.receipt is None else {**found, "receipt": self.receipt.decode("utf-8")}


@dataclass
class Ledger:
    """A log of one Huis in one of its epochs, with its nodes, in memory."""

    huis: str
    epoch: int = 0
    frontier: merkle.Frontier = field(default_factory=merkle.Frontier)
    nodes: dict[merkle.Place, bytes] = field(default_factory=dict)

    def fork(self) -> "Ledger":
        """Return a log that goes on from here by itself."""
        return copy.deepcopy(self)

    @property
    def seen(self) -> Seen:
        """The head, as a manifest states it."""
        return Seen(size=self.frontier.size, root=b64.encode(self.frontier.root()))

    def append(self, d: str) -> int:
        """Add a leaf; return its index."""
        index = self.frontier.size
        for level, at, node in self.frontier.append(merkle.leaf_hash(b64.decode(d, 32))):
            self.nodes[level, at] = node
        return index

    def checkpoint(self, key: SigningKey = LOG, origin: str | None = None) -> str:
        """Return the signed checkpoint of the present head."""
        name = tlog.log_origin(self.huis, self.epoch) if origin is None else origin
        body = tlog.checkpoint_body(name, self.frontier.size, self.frontier.root())
        return tlog.attach_signature(body, name, key.public, key.sign(body))

    def proof(self, index: int, checkpoint: str | None = None) -> str:
        """Return the proof that leaf `index` is in the log as it is now."""
        hashes = merkle.inclusion_proof(index, self.frontier.size, lambda level, at: self.nodes[level, at])
        return tlog.format_proof(index, hashes, self.checkpoint() if checkpoint is None else checkpoint)

    def receipt(self, d: str, proof: str, at: int, **changes: Any) -> Receipt:
        """Return the receipt of an object."""
        fields = {"wraps": (), "notices": (), **changes}
        label = f"receipt {d}"
        return Receipt(v=1, huis=self.huis, nonce=nonce(label), object=d, accepted_at=at, proof=proof, **fields)

    def accept(self, data: bytes, at: int, **changes: Any) -> Item:
        """Append an envelope's object and return it with its receipt."""
        media, payload, _ = dsse.open_envelope(data)
        d = dsse.digest(media, payload)
        receipt = self.receipt(d, self.proof(self.append(d)), at, **changes)
        return Item(d, data, envelope(receipt, RELAY))
