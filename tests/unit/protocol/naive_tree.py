"""The Merkle tree as RFC 9162 defines it, sections 2.1.1, 2.1.3.1 and 2.1.4.1: recursively, over the list of leaves."""

import hashlib

from zegel_protocol import merkle


def naive_root(leaves):
    if len(leaves) < 2:
        return hashlib.sha256(b"\0" + leaves[0]).digest() if leaves else hashlib.sha256().digest()
    k = largest_power_below(len(leaves))
    return hashlib.sha256(b"\1" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_inclusion(m, leaves):
    if len(leaves) == 1:
        return []
    k = largest_power_below(len(leaves))
    if m < k:
        return [*naive_inclusion(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_inclusion(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_consistency(m, leaves, known=True):
    if m == len(leaves):
        return [] if known else [naive_root(leaves)]
    k = largest_power_below(len(leaves))
    if m <= k:
        return [*naive_consistency(m, leaves[:k], known), naive_root(leaves[k:])]
    return [*naive_consistency(m - k, leaves[k:], False), naive_root(leaves[:k])]


def largest_power_below(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def grow(leaves):
    """Return the frontier after all leaves, and a getter over the nodes that `append` reported."""
    frontier, nodes = merkle.Frontier(), dict[merkle.Place, bytes]()
    for leaf in leaves:
        for level, index, value in frontier.append(merkle.leaf_hash(leaf)):
            assert (level, index) not in nodes
            nodes[level, index] = value
    return frontier, lambda level, index: nodes[level, index]


def distinct_leaves(count):
    return [hashlib.sha256(number.to_bytes(8)).digest() for number in range(count)]


MANY = distinct_leaves(300)
MANY_NODES = grow(MANY)[1]
MANY_ROOTS = [naive_root(MANY[:size]) for size in range(len(MANY) + 1)]
