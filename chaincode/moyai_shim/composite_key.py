"""Composite keys: an object type and attributes in one key, apart from all simple keys."""
from __future__ import annotations

from typing import Sequence

from moyai_shim.errors import InvalidKey

_LOWEST = "\x00"
_HIGHEST = "\U0010ffff"


def create_composite_key(object_type: str, attributes: Sequence[str]) -> str:
    """Key U+0000 type U+0000 attribute U+0000 …; InvalidKey if a part holds one of the two delimiters."""
    parts = (object_type, *attributes)
    if not object_type:
        raise InvalidKey("a composite key needs an object type")
    for part in parts:
        if _LOWEST in part or _HIGHEST in part:
            raise InvalidKey("a part of a composite key must hold neither U+0000 nor U+10FFFF")
    return _LOWEST + "".join(part + _LOWEST for part in parts)


def split_composite_key(key: str) -> tuple[str, list[str]]:
    """Object type and attributes of a composite key; InvalidKey for any other key."""
    if len(key) < 3 or key[0] != _LOWEST or key[-1] != _LOWEST:
        raise InvalidKey("not a composite key")
    object_type, *attributes = key[1:-1].split(_LOWEST)
    return object_type, attributes


def partial_key_range(object_type: str, attributes: Sequence[str]) -> tuple[str, str]:
    """Start (inclusive) and end (exclusive) of all keys that begin with these parts."""
    start = create_composite_key(object_type, attributes)
    return start, start + _HIGHEST


def is_composite(key: str) -> bool:
    """True if the key lies in the space of composite keys."""
    return key.startswith(_LOWEST)
