"""Identifiers that follow from a label: the same demonstration has the same ids, so that nothing is recorded twice."""
from __future__ import annotations

import hashlib
from collections.abc import Callable

from moyai_contracts.api import identifiers

SPACE = "moyai demonstration"


def ulid(label: str) -> str:
    """A ULID from SHA-256 of a label, such as `need CC0000000518 000000-0101`."""
    number = int.from_bytes(_digest(label)[:16])
    return "".join(identifiers.CROCKFORD[(number >> (5 * place)) & 31] for place in reversed(range(26)))


def package_id(label: str) -> str:
    """The id of a box from SHA-256 of a label, check symbol and all."""
    return identifiers.package_id("P", _chooser(_digest(label)))


def _digest(label: str) -> bytes:
    return hashlib.sha256(f"{SPACE} {label}".encode()).digest()


def _chooser(digest: bytes) -> Callable[[str], str]:
    numbers = iter(digest)
    return lambda alphabet: alphabet[next(numbers) % len(alphabet)]
