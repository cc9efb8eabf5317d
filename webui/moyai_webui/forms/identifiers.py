"""Ids that a form carries. One id is drawn with the form; all others follow from it, so that the same form sent
twice asks for the same thing."""
from __future__ import annotations

import hashlib
import re

from ulid import ULID

from moyai_contracts.api import identifiers


def new_op() -> str:
    """The operation id of a freshly drawn form."""
    return str(ULID())


def is_op(text: str) -> bool:
    return re.fullmatch(identifiers.ULID_PATTERN, text) is not None


def derived_ulid(op: str, purpose: str) -> str:
    """The id of a record that operation `op` creates: same minute, the rest from both texts."""
    return str(ULID(ULID.from_str(op).bytes[:6] + _digest(op, purpose)[:10]))


def derived_package_id(op: str, purpose: str, *, drill: bool = False) -> str:
    """The code of the box that operation `op` creates; those of drills begin with another letter."""
    symbols = iter(_digest(op, purpose))
    return identifiers.package_id("T" if drill else "P", lambda alphabet: alphabet[next(symbols) % len(alphabet)])


def derived_device_id(op: str) -> str:
    """The id of the device that operation `op` registers."""
    return "".join(identifiers.CROCKFORD[symbol % 32] for symbol in _digest(op, "device")[:26])


def _digest(op: str, purpose: str) -> bytes:
    return hashlib.sha256(f"{op}\n{purpose}".encode()).digest()
