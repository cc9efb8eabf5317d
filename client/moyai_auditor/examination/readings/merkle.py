"""The root of RFC 9162 over leaf hashes."""
from __future__ import annotations

import hashlib
from typing import Sequence


def root(leaves: Sequence[bytes]) -> bytes:
    """Level by level; a node without a neighbour rises as it is."""
    if not leaves:
        return hashlib.sha256().digest()
    level = list(leaves)
    while len(level) > 1:
        last = [level[-1]] if len(level) % 2 else []
        level = [hashlib.sha256(b"\1" + left + right).digest() for left, right in zip(level[::2], level[1::2])] + last
    return level[0]
