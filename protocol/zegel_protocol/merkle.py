"""The Merkle tree of the transparency log: hashing, growing, and the two proofs (RFC 9162 sections 2.1.1 to 2.1.4).

Pure arithmetic over hashes. Nothing here stores, signs or knows what a leaf means; checkpoints and the text of proofs
are in `zegel_protocol.tlog`, the rules of the log in `docs/spec/log.md`.

A *node* is named by `(level, index)`: it is the root over the leaves `index * 2**level` up to, not including,
`(index + 1) * 2**level`, and exists once all of them do. Such a node never changes again, so it may be stored for good.
The subtrees at the right edge of a tree that is not full do change; they are never stored, always derived.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

from zegel_protocol.errors import LogError
from zegel_protocol.fields import MAX_INT

HASH_SIZE = 32
MAX_SIZE = MAX_INT
"""Most leaves that a tree may claim, so that sizes and indexes fit every integer of the wire."""
MAX_PATH = MAX_SIZE.bit_length()
"""Most hashes in an inclusion proof; a consistency proof may have one more."""
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""Root of the tree without leaves."""

Place = tuple[int, int]
"""`(level, index)` of a complete node."""
Node = tuple[int, int, bytes]
"""`(level, index, hash)` of a complete node."""
NodeGetter = Callable[[int, int], bytes]
"""Returns the 32-byte hash of the complete node at `(level, index)`."""
_Range = tuple[int, int]


def leaf_hash(leaf: bytes) -> bytes:
    """Return the 32-byte hash of a leaf; in the log a leaf is the 32 raw bytes of an object's `D`."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash of two children. The prefix differs from a leaf's, so neither passes for the other."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: enough to append and to give the root, whatever the size.

    `roots` are the roots of the complete subtrees that make up the tree, largest first: one for each bit set in `size`,
    the nodes that `root_nodes(size)` names. Only the object is changed by `append`; a caller whose transaction fails
    drops it and reads the stored one again.
    """

    def __init__(self, size: int = 0, roots: Iterable[bytes] = ()) -> None:
        """Take up a tree of `size` leaves. Raises `LogError` (`log.malformed`) if `roots` can't belong to that size."""
        kept = list(roots)
        if not 0 <= size <= MAX_SIZE or len(kept) != size.bit_count():
            raise LogError("log.malformed", f"{len(kept)} subtrees do not make a tree of {size} leaves")
        _check_hashes(*kept)
        self._size = size
        self._roots = kept

    @property
    def size(self) -> int:
        """Number of leaves; also the index that the next leaf gets."""
        return self._size

    @property
    def roots(self) -> tuple[bytes, ...]:
        """Roots of the complete subtrees, largest first."""
        return tuple(self._roots)

    def append(self, leaf: bytes) -> list[Node]:
        """Add a leaf by its `leaf_hash`; return the nodes that this completes, the leaf's own (level 0) first.

        Raises `LogError` (`log.malformed`) for a hash that is not 32 bytes, or a full tree.
        """
        _check_hashes(leaf)
        if self._size >= MAX_SIZE:
            raise LogError("log.malformed", "the tree is full")
        level, index, node = 0, self._size, leaf
        completed = [(level, index, node)]
        while index & 1:
            level, index, node = level + 1, index >> 1, node_hash(self._roots.pop(), node)
            completed.append((level, index, node))
        self._roots.append(node)
        self._size += 1
        return completed

    def root(self) -> bytes:
        """Return the 32-byte root of the whole tree."""
        return _fold(self._roots)


def root_nodes(size: int) -> list[Place]:
    """Return the complete nodes that make up a tree of `size` leaves, largest first: a `Frontier` in storage."""
    if not 0 <= size <= MAX_SIZE:
        raise LogError("log.malformed", f"a tree cannot have {size} leaves")
    return _cover((0, size))


def tree_root(size: int, nodes: NodeGetter) -> bytes:
    """Return the root of the first `size` leaves."""
    return _fold([nodes(*place) for place in root_nodes(size)])


def inclusion_nodes(index: int, size: int) -> list[Place]:
    """Return every complete node that `inclusion_proof` will ask for, so that storage fetches them in one query."""
    return [place for span in _inclusion_path(index, size) for place in _cover(span)]


def inclusion_proof(index: int, size: int, nodes: NodeGetter) -> list[bytes]:
    """Return the hashes from the leaf's sibling up to the root's child (RFC 9162 section 2.1.3.1).

    Raises `LogError` (`log.inclusion`) if the tree of `size` leaves has no leaf `index`.
    """
    return [_span_hash(span, nodes) for span in _inclusion_path(index, size)]


def consistency_nodes(size1: int, size2: int) -> list[Place]:
    """Return every complete node that `consistency_proof` will ask for."""
    return [place for span in _consistency_path(size1, size2) for place in _cover(span)]


def consistency_proof(size1: int, size2: int, nodes: NodeGetter) -> list[bytes]:
    """Return the proof that the first `size1` leaves of a tree of `size2` are unchanged (RFC 9162 section 2.1.4.1).

    Empty where there is nothing to prove: from the empty tree, and between equal sizes. Raises `LogError`
    (`log.consistency`) if `size1` is the larger.
    """
    return [_span_hash(span, nodes) for span in _consistency_path(size1, size2)]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return if the tree of `size` leaves with this `root` has `leaf` (a `leaf_hash`) at `index`.

    Written after RFC 9162 section 2.1.3.2, and not after `inclusion_proof`, so that one mistake cannot pass both.
    `size` and `root` must come from one verified checkpoint: some proofs hold for another size with the same root.
    Raises `LogError` with `log.malformed` (a hash that is not 32 bytes, a size out of range) or `log.inclusion`.
    """
    _check_hashes(leaf, root, *proof)
    _check_size(size)
    if not 0 <= index < size:
        raise LogError("log.inclusion", f"a log of {size} entries has no entry {index}")
    place, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise LogError("log.inclusion", "the proof is too long")
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            # Levels where this subtree ends the tree and is a left child have no sibling, and no hash in the proof.
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    if last or node != root:
        raise LogError("log.inclusion", "the proof does not lead to the root")


def verify_consistency(size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]) -> None:
    """Return if the tree (`size2`, `root2`) begins with all leaves of the tree (`size1`, `root1`), in their order.

    RFC 9162 section 2.1.4.2. Raises `LogError` with `log.malformed` (a hash that is not 32 bytes, a size out of range)
    or `log.consistency`.
    """
    _check_hashes(root1, root2, *proof)
    _check_size(size1)
    _check_size(size2)
    if size1 > size2:
        raise LogError("log.consistency", "the log is shorter than it was")
    # The RFC leaves these two open; only the empty proof is accepted, so that there is one proof for each question.
    if size1 == 0 or size1 == size2:
        expected = EMPTY_ROOT if size1 == 0 else root2
        if proof or root1 != expected or (size2 == 0 and root2 != EMPTY_ROOT):
            raise LogError("log.consistency", "the two trees are not the same, or the proof is too long")
        return
    path = list(proof) if size1 & (size1 - 1) else [root1, *proof]
    if not path:
        raise LogError("log.consistency", "the proof is too short")
    place, last = size1 - 1, size2 - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise LogError("log.consistency", "the proof is too long")
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    if last or old != root1 or new != root2:
        raise LogError("log.consistency", "the proof does not lead to both roots")


def _inclusion_path(index: int, size: int) -> list[_Range]:
    """Return the leaf ranges whose roots make an inclusion proof, the leaf's sibling first."""
    if not 0 <= index < size <= MAX_SIZE:
        raise LogError("log.inclusion", f"a log of {size} entries has no entry {index}")
    start, end, path = 0, size, list[_Range]()
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def _consistency_path(size1: int, size2: int) -> list[_Range]:
    """Return the leaf ranges whose roots make a consistency proof, the deepest first."""
    if not 0 <= size1 <= size2 <= MAX_SIZE:
        raise LogError("log.consistency", f"a log of {size2} entries does not continue one of {size1}")
    start, end, path = 0, size2, list[_Range]()
    while size1 and size1 != end:
        middle = start + _split(end - start)
        if size1 <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    # A verifier knows the old root itself; only when the old tree is not this whole left part is its last piece told.
    return ([(start, end)] if start else []) + path[::-1]


def _split(width: int) -> int:
    """Return the largest power of two below `width` (at least 2): where RFC 9162 divides a tree."""
    return 1 << ((width - 1).bit_length() - 1)


def _cover(span: _Range) -> list[Place]:
    """Return the complete nodes that make up a subtree, largest first.

    Every range asked for is one that RFC 9162's division gives, so its start is a multiple of each node's width.
    """
    start, end = span
    places = []
    while start < end:
        level = (end - start).bit_length() - 1
        places.append((level, start >> level))
        start += 1 << level
    return places


def _span_hash(span: _Range, nodes: NodeGetter) -> bytes:
    return _fold([nodes(*place) for place in _cover(span)])


def _fold(roots: Sequence[bytes]) -> bytes:
    """Return the root over complete subtrees, largest first: the smaller ones on the right are joined first."""
    if not roots:
        return EMPTY_ROOT
    node = roots[-1]
    for left in reversed(roots[:-1]):
        node = node_hash(left, node)
    return node


def _check_size(size: int) -> None:
    if not 0 <= size <= MAX_SIZE:
        raise LogError("log.malformed", f"a tree cannot have {size} leaves")


def _check_hashes(*hashes: bytes) -> None:
    if any(len(value) != HASH_SIZE for value in hashes):
        raise LogError("log.malformed", f"a hash of the log has {HASH_SIZE} bytes")
