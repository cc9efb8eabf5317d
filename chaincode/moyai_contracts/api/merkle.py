"""Merkle trees of RFC 9162 over SHA-256: the root of a batch of readings, and the proof that one reading is in it.

A tree is given by its leaf hashes in order. Every node is the hash of its two children; a node without a neighbour
rises unchanged, which gives the tree that the RFC defines by halves.
"""
from __future__ import annotations

import hashlib
from collections.abc import Sequence

HASH_BYTES = 32


def leaf_hash(content: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; of none, the hash of nothing."""
    if not leaves:
        return hashlib.sha256().digest()
    level = leaves
    while len(level) > 1:
        level = _parents(level)
    return level[0]


def inclusion_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The neighbours from leaf `index` up to the root, lowest first. Raises IndexError."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} among {len(leaves)}")
    path, level = [], leaves
    while len(level) > 1:
        neighbour = index ^ 1
        if neighbour < len(level):
            path.append(level[neighbour])
        level, index = _parents(level), index // 2
    return path


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf hash stands at `index` of the tree of `size` leaves with this root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, steps = leaf, size - 1, iter(path)
    while last > 0:
        if index % 2 == 1 or index < last:
            neighbour = next(steps, None)
            if neighbour is None:
                return False
            node = _node(neighbour, node) if index % 2 == 1 else _node(node, neighbour)
        index, last = index // 2, last // 2
    return next(steps, None) is None and node == root


def _parents(level: Sequence[bytes]) -> list[bytes]:
    paired = len(level) - len(level) % 2
    parents = [_node(level[place], level[place + 1]) for place in range(0, paired, 2)]
    return [*parents, *level[paired:]]


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
