"""Canonical JSON: RFC 8785 restricted to integers, NFC strings, booleans, arrays and objects with ASCII keys.

The same bytes on every endorser and in every signature; null, floats, duplicate keys and numbers beyond
2^53-1 (which JavaScript could not read back) do not exist.
"""
from __future__ import annotations

import json
import unicodedata
from typing import Any, NoReturn

MAX_INTEGER = 2**53 - 1


class NotCanonical(ValueError):
    """The value or text cannot be written as canonical JSON; the message says where and why."""


def encode(value: Any) -> bytes:
    """Bytes of `value` (dict, list, tuple, str, int, bool). Raises NotCanonical."""
    _check(value, "$")
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def decode(data: bytes | str) -> Any:
    """Value of a JSON text that obeys the restrictions (order and blanks are free). Raises NotCanonical."""
    try:
        value = json.loads(data, object_pairs_hook=_unique, parse_float=_no_number, parse_constant=_no_number)
        _check(value, "$")
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"not JSON: {error}") from error
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise NotCanonical("a key stands twice in one object")
    return result


def _no_number(text: str) -> NoReturn:
    raise NotCanonical(f"{text} is not an integer")


def _check(value: Any, path: str) -> None:
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise NotCanonical(f"{path} is beyond 2^53-1")
    elif isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, (list, tuple)):
        for index, element in enumerate(value):
            _check(element, f"{path}[{index}]")
    elif isinstance(value, dict):
        for key, element in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise NotCanonical(f"{path} has a key that is not ASCII")
            _check(element, f"{path}.{key}")
    else:
        raise NotCanonical(f"{path} is {type(value).__name__}")


def _check_text(text: str, path: str) -> None:
    if not unicodedata.is_normalized("NFC", text):
        raise NotCanonical(f"{path} is not NFC")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical(f"{path} has a lone surrogate") from error
