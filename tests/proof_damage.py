"""Every way to change a proof file a little: each text's symbols, each number, each list, each member."""
from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

Way = tuple[Any, ...]
SYMBOLS_OF_A_TEXT = 24
"""Places of a long text that are changed: its ends, and some between."""
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def damaged(data: bytes, places: int = SYMBOLS_OF_A_TEXT) -> Iterator[tuple[str, bytes]]:
    """Where something was changed, and the file after it."""
    content = json.loads(data)
    for way in list(_ways(content)):
        for what, value in _changes(_at(content, way), places):
            yield f"{way}: {what}", _dump(_with(content, way, value))
        yield f"{way} removed", _dump(_without(content, way))
    yield "a member more", _dump({**content, "more": 1})


def _changes(value: Any, places: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, int):
        yield from (("+1", value + 1), ("-1", value - 1), ("text", str(value)))
    elif isinstance(value, str):
        step = max(1, len(value) // places)
        for place in sorted({*range(0, len(value), step), len(value) - 1}):
            for symbol in (_other(value[place]), value[place].swapcase()):
                if symbol != value[place]:
                    yield f"symbol {place}", value[:place] + symbol + value[place + 1:]
        yield from (("longer", value + value[0]), ("shorter", value[:-1]), ("empty", ""))
    elif isinstance(value, list):
        if len(value) > 1 and not isinstance(value[0], dict):
            yield "turned round", value[::-1]
        if value:
            yield from (("first twice", [value[0], *value]), ("empty", []))
    elif isinstance(value, dict):
        yield "a member more", {**value, "more": 1}


def _other(symbol: str) -> str:
    return BASE64[(BASE64.find(symbol) + 1) % 64]


def _ways(value: Any, way: Way = ()) -> Iterator[Way]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*way, key)
        yield from _ways(member, (*way, key))


def _at(content: Any, way: Way) -> Any:
    for step in way:
        content = content[step]
    return content


def _with(content: Any, way: Way, value: Any) -> Any:
    changed = copy.deepcopy(content)
    _at(changed, way[:-1])[way[-1]] = value
    return changed


def _without(content: Any, way: Way) -> Any:
    changed = copy.deepcopy(content)
    del _at(changed, way[:-1])[way[-1]]
    return changed


def _dump(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()
