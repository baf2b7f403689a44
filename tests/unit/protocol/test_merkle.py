"""The Merkle tree against published values, and against the recursive definition of RFC 9162 written down naively."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unit.protocol.naive_tree import (
    MANY,
    MANY_NODES,
    MANY_ROOTS,
    grow,
    largest_power_below,
    naive_consistency,
    naive_inclusion,
    naive_root,
)
from zegel_protocol import merkle
from zegel_protocol.errors import LogError

# The test tree that Certificate Transparency implementations share: eight leaves, and the root at every size.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
N01 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
N02 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUSION = [
    (0, 1, []),
    (0, 8, ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7", N01,
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"]),
    (5, 8, ["bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0", ROOTS[4]]),
    (2, 3, [ROOTS[2]]),
    (1, 5, [ROOTS[1], N01, "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"]),
]  # fmt: skip
CONSISTENCY = [
    (1, 1, []),
    (1, 8, ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7", N01,
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"]),
    (6, 8, [N02, "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0", ROOTS[4]]),
    (2, 5, [N01, "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"]),
]  # fmt: skip


def test_the_published_roots():
    for size, root in enumerate(ROOTS):
        assert grow(LEAVES[:size])[0].root().hex() == root


@pytest.mark.parametrize(("index", "size", "expected"), INCLUSION)
def test_the_published_inclusion_proofs(index, size, expected):
    proof = merkle.inclusion_proof(index, size, grow(LEAVES)[1])
    assert [value.hex() for value in proof] == expected
    merkle.verify_inclusion(merkle.leaf_hash(LEAVES[index]), index, size, proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("size1", "size2", "expected"), CONSISTENCY)
def test_the_published_consistency_proofs(size1, size2, expected):
    proof = merkle.consistency_proof(size1, size2, grow(LEAVES)[1])
    assert [value.hex() for value in proof] == expected
    merkle.verify_consistency(size1, bytes.fromhex(ROOTS[size1]), size2, bytes.fromhex(ROOTS[size2]), proof)


def inclusion_fails(leaf, index, size, proof, root):
    with pytest.raises(LogError) as caught:
        merkle.verify_inclusion(leaf, index, size, proof, root)
    return caught.value.code


def consistency_fails(size1, root1, size2, root2, proof):
    with pytest.raises(LogError) as caught:
        merkle.verify_consistency(size1, root1, size2, root2, proof)
    return caught.value.code


def test_every_proof_of_every_small_tree():
    for size in range(40):
        assert merkle.tree_root(size, MANY_NODES) == MANY_ROOTS[size]
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, MANY_NODES)
            assert proof == naive_inclusion(index, MANY[:size])
            merkle.verify_inclusion(merkle.leaf_hash(MANY[index]), index, size, proof, MANY_ROOTS[size])
        for older in range(1, size + 1):
            proof = merkle.consistency_proof(older, size, MANY_NODES)
            assert proof == naive_consistency(older, MANY[:size])
            merkle.verify_consistency(older, MANY_ROOTS[older], size, MANY_ROOTS[size], proof)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), size=st.integers(1, 300))
def test_an_inclusion_proof_holds_and_no_changed_one_does(data, size):
    index = data.draw(st.integers(0, size - 1))
    leaf, root = merkle.leaf_hash(MANY[index]), MANY_ROOTS[size]
    proof = merkle.inclusion_proof(index, size, MANY_NODES)
    assert proof == naive_inclusion(index, MANY[:size])
    merkle.verify_inclusion(leaf, index, size, proof, root)

    changed = data.draw(changed_proofs(proof))
    assert inclusion_fails(leaf, index, size, changed, root) == "log.inclusion"
    other = data.draw(st.integers(-2, size + 2).filter(lambda value: value != index))
    assert inclusion_fails(leaf, other, size, proof, root) == "log.inclusion"
    assert inclusion_fails(flip(leaf, 0), index, size, proof, root) == "log.inclusion"
    assert inclusion_fails(leaf, index, size, proof, flip(root, 255)) == "log.inclusion"


@settings(max_examples=150, deadline=None)
@given(data=st.data(), size2=st.integers(1, 300))
def test_a_consistency_proof_holds_and_no_changed_one_does(data, size2):
    size1 = data.draw(st.integers(1, size2))
    root1, root2 = MANY_ROOTS[size1], MANY_ROOTS[size2]
    proof = merkle.consistency_proof(size1, size2, MANY_NODES)
    assert proof == naive_consistency(size1, MANY[:size2])
    merkle.verify_consistency(size1, root1, size2, root2, proof)

    changed = data.draw(changed_proofs(proof))
    assert consistency_fails(size1, root1, size2, root2, changed) == "log.consistency"
    assert consistency_fails(size1, flip(root1, 7), size2, root2, proof) == "log.consistency"
    assert consistency_fails(size1, root1, size2, flip(root2, 7), proof) == "log.consistency"
    if size1 != size2:
        assert consistency_fails(size2, root2, size1, root1, proof) == "log.consistency"


@settings(max_examples=100, deadline=None)
@given(data=st.data(), size2=st.integers(2, 120))
def test_a_rewritten_entry_has_no_proof(data, size2):
    size1 = data.draw(st.integers(1, size2))
    rewritten = list(MANY[:size2])
    rewritten[data.draw(st.integers(0, size1 - 1))] = b"another"
    frontier, nodes = grow(rewritten)
    honest = merkle.consistency_proof(size1, size2, MANY_NODES)
    for proof in (honest, merkle.consistency_proof(size1, size2, nodes)):
        assert consistency_fails(size1, MANY_ROOTS[size1], size2, frontier.root(), proof) == "log.consistency"


def naive_climb(m, n, leaf, proof):
    """Return the root that a proof leads to, walking down the definition; None where its length is not (m, n)'s."""
    if n == 1 or not proof:
        return leaf if n == 1 and not proof else None
    k = largest_power_below(n)
    below = naive_climb(m, k, leaf, proof[:-1]) if m < k else naive_climb(m - k, n - k, leaf, proof[:-1])
    if below is None:
        return None
    return merkle.node_hash(below, proof[-1]) if m < k else merkle.node_hash(proof[-1], below)


def naive_heads(m, n, root, proof, known=True):
    """Return the old and the new root that a proof leads to; None where its length is not that of (m, n)."""
    if m == n:
        if len(proof) != (0 if known else 1):
            return None
        return (root, root) if known else (proof[0], proof[0])
    if not proof:
        return None
    k = largest_power_below(n)
    left = m <= k
    below = naive_heads(m, k, root, proof[:-1], known) if left else naive_heads(m - k, n - k, root, proof[:-1], False)
    if below is None:
        return None
    old, new = below
    side = proof[-1]
    return (old, merkle.node_hash(new, side)) if left else (merkle.node_hash(side, old), merkle.node_hash(side, new))


def outcome(verify, *arguments):
    try:
        verify(*arguments)
    except LogError:
        return False
    return True


def variants(proof):
    return [proof, proof[:-1], proof[1:], [*proof, MANY_ROOTS[1]], [MANY_ROOTS[1], *proof]]


CLAIMS = [(small, large) for large in range(1, 12) for small in range(large + 1)]


def test_the_check_of_inclusion_decides_as_the_definition_does_whatever_size_is_claimed():
    """A claim of another index or size with the same hashes: the walk along the bits sees every length that is off."""
    accepted = 0
    for index, size in CLAIMS:
        if index == size:
            continue
        leaf, root = merkle.leaf_hash(MANY[index]), MANY_ROOTS[size]
        for proof in variants(merkle.inclusion_proof(index, size, MANY_NODES)):
            for place, claimed in CLAIMS:
                expected = place < claimed and naive_climb(place, claimed, leaf, proof) == root
                assert outcome(merkle.verify_inclusion, leaf, place, claimed, proof, root) == expected
                accepted += expected
    assert accepted >= 66


def test_the_check_of_consistency_decides_as_the_definition_does_whatever_sizes_are_claimed():
    accepted = 0
    for size1, size2 in CLAIMS:
        if size1 == 0:
            continue
        root1, root2 = MANY_ROOTS[size1], MANY_ROOTS[size2]
        for proof in variants(merkle.consistency_proof(size1, size2, MANY_NODES)):
            for old, new in CLAIMS:
                expected = old > 0 and naive_heads(old, new, root1, proof) == (root1, root2)
                assert outcome(merkle.verify_consistency, old, root1, new, root2, proof) == expected
                accepted += expected
    assert accepted >= 66


def flip(value, bit):
    return (int.from_bytes(value) ^ (1 << bit)).to_bytes(len(value))


@st.composite
def changed_proofs(draw, proof):
    """A proof with a bit flipped, or a hash dropped, repeated, added or moved."""
    kind = draw(st.sampled_from(["flip", "drop", "repeat", "swap", "add"])) if proof else "add"
    place = draw(st.integers(0, max(len(proof) - 1, 0)))
    changed = list(proof)
    if kind == "flip":
        changed[place] = flip(changed[place], draw(st.integers(0, 255)))
    elif kind == "drop":
        del changed[place]
    elif kind == "repeat":
        changed.insert(place, changed[place])
    elif kind == "swap" and len(proof) > 1:
        other = (place + 1) % len(proof)
        changed[place], changed[other] = changed[other], changed[place]
    else:
        changed.insert(draw(st.integers(0, len(proof))), draw(st.binary(min_size=32, max_size=32)))
    return changed


@settings(max_examples=60, deadline=None)
@given(size1=st.integers(0, 300), size2=st.integers(1, 300), index=st.integers(0, 299))
def test_the_listed_nodes_are_the_ones_asked_for(size1, size2, index):
    size1, size2 = sorted((size1, size2))
    index %= size2
    asked = []

    def nodes(level, place):
        asked.append((level, place))
        return MANY_NODES(level, place)

    merkle.inclusion_proof(index, size2, nodes)
    assert asked == merkle.inclusion_nodes(index, size2)
    asked.clear()
    merkle.consistency_proof(size1, size2, nodes)
    assert asked == merkle.consistency_nodes(size1, size2)
    asked.clear()
    merkle.tree_root(size2, nodes)
    assert asked == merkle.root_nodes(size2)


def test_proofs_of_the_largest_tree_stay_within_bounds():
    size = merkle.MAX_SIZE
    for index in (0, 1, size // 2, size - 2, size - 1):
        places = merkle.inclusion_nodes(index, size)
        assert all((place + 1) << level <= size for level, place in places)
        assert len(merkle.inclusion_proof(index, size, lambda _level, _index: bytes(32))) <= merkle.MAX_PATH
    assert len(merkle.consistency_proof(size - 1, size, lambda _level, _index: bytes(32))) <= merkle.MAX_PATH + 1


def test_append_reports_a_leaf_and_what_it_completes():
    frontier = merkle.Frontier()
    reported = [[node[:2] for node in frontier.append(merkle.leaf_hash(leaf))] for leaf in MANY[:8]]
    assert reported == [
        [(0, 0)], [(0, 1), (1, 0)], [(0, 2)], [(0, 3), (1, 1), (2, 0)],
        [(0, 4)], [(0, 5), (1, 2)], [(0, 6)], [(0, 7), (1, 3), (2, 1), (3, 0)],
    ]  # fmt: skip


def test_a_stored_frontier_goes_on_where_it_stopped():
    for size in range(70):
        stored = merkle.Frontier(size, [MANY_NODES(*place) for place in merkle.root_nodes(size)])
        grown = grow(MANY[:size])[0]
        assert stored.roots == grown.roots
        assert stored.append(merkle.leaf_hash(b"next")) == grown.append(merkle.leaf_hash(b"next"))
        assert (stored.size, stored.root()) == (size + 1, naive_root([*MANY[:size], b"next"]))


@pytest.mark.parametrize(
    ("size", "roots"),
    [(0, [bytes(32)]), (1, []), (3, [bytes(32)]), (2, [bytes(31)]), (-1, [bytes(32)]), (merkle.MAX_SIZE + 1, [])],
)
def test_a_damaged_frontier_is_refused(size, roots):
    with pytest.raises(LogError) as caught:
        merkle.Frontier(size, roots)
    assert caught.value.code == "log.malformed"


def test_a_full_tree_and_a_short_hash_are_not_appended_to():
    full = merkle.Frontier(merkle.MAX_SIZE, [bytes(32)] * merkle.MAX_SIZE.bit_count())
    for frontier, value in ((full, bytes(32)), (merkle.Frontier(), bytes(31))):
        before = (frontier.size, frontier.roots)
        with pytest.raises(LogError) as caught:
            frontier.append(value)
        assert caught.value.code == "log.malformed"
        assert (frontier.size, frontier.roots) == before


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 5), (5, 5), (0, merkle.MAX_SIZE + 1)])
def test_no_proof_is_made_for_an_entry_that_is_not_there(index, size):
    with pytest.raises(LogError) as caught:
        merkle.inclusion_proof(index, size, MANY_NODES)
    assert caught.value.code == "log.inclusion"


@pytest.mark.parametrize(("size1", "size2"), [(6, 5), (-1, 5), (1, merkle.MAX_SIZE + 1)])
def test_no_consistency_proof_is_made_backwards(size1, size2):
    with pytest.raises(LogError) as caught:
        merkle.consistency_proof(size1, size2, MANY_NODES)
    assert caught.value.code == "log.consistency"


def test_the_empty_tree_is_the_beginning_of_every_tree_and_only_with_its_own_root():
    empty, some = merkle.EMPTY_ROOT, MANY_ROOTS[5]
    merkle.verify_consistency(0, empty, 5, some, [])
    merkle.verify_consistency(0, empty, 0, empty, [])
    assert merkle.consistency_proof(0, 5, MANY_NODES) == []
    assert consistency_fails(0, some, 5, some, []) == "log.consistency"
    assert consistency_fails(0, empty, 5, some, [some]) == "log.consistency"
    assert consistency_fails(0, some, 0, some, []) == "log.consistency"
    assert consistency_fails(0, empty, 0, some, []) == "log.consistency"


def test_equal_sizes_need_equal_roots():
    for size, other in pairwise(range(1, 20)):
        merkle.verify_consistency(size, MANY_ROOTS[size], size, MANY_ROOTS[size], [])
        assert consistency_fails(size, MANY_ROOTS[size], size, MANY_ROOTS[other], []) == "log.consistency"


def test_malformed_input_has_its_own_code():
    good, short = bytes(32), bytes(31)
    assert inclusion_fails(short, 0, 2, [good], good) == "log.malformed"
    assert inclusion_fails(good, 0, 2, [short], good) == "log.malformed"
    assert inclusion_fails(good, 0, 2, [good], short) == "log.malformed"
    assert inclusion_fails(good, 0, merkle.MAX_SIZE + 1, [good], good) == "log.malformed"
    assert consistency_fails(1, short, 2, good, [good]) == "log.malformed"
    assert consistency_fails(1, good, 2, short, [good]) == "log.malformed"
    assert consistency_fails(1, good, 2, good, [short]) == "log.malformed"
    assert consistency_fails(-1, good, 2, good, [good]) == "log.malformed"
    assert consistency_fails(1, good, merkle.MAX_SIZE + 1, good, [good]) == "log.malformed"


def test_a_leaf_is_never_taken_for_a_node():
    left, right = merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")
    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)
    # A tree of two cannot be shown as a tree of one whose leaf is the two hashes.
    root = merkle.node_hash(left, right)
    assert inclusion_fails(merkle.leaf_hash(left + right), 0, 1, [], root) == "log.inclusion"


@settings(max_examples=200, deadline=None)
@given(
    size1=st.integers(),
    size2=st.integers(),
    hashes=st.lists(st.binary(max_size=33) | st.binary(min_size=32, max_size=32), min_size=2, max_size=70, unique=True),
)
def test_arbitrary_claims_fail_and_only_as_log_errors(size1, size2, hashes):
    """Two different hashes are never leaf and root, nor two roots, of what anyone could have proved by chance."""
    first, second, *proof = hashes
    assert inclusion_fails(first, size1, size2, proof, second) in {"log.malformed", "log.inclusion"}
    assert consistency_fails(size1, first, size2, second, proof) in {"log.malformed", "log.consistency"}
