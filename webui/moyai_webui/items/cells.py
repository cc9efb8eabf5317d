"""The cells of an item list that hold more than one value, and the same words in a form: 箱=24、ケース=48."""
from __future__ import annotations

import re
from collections.abc import Iterable

from moyai_contracts.api.directory import Attribute, Pack, Ratio
from moyai_webui.presentation.vocabulary import ATTRIBUTES
from moyai_webui.sites.cells import TRUE_MARKS, FALSE_MARKS, Unreadable, plain, text

_KEYS = {words: key for key, words in ATTRIBUTES.items()}
_BETWEEN = re.compile(r"[、,;；\n]")
_EQUALS = re.compile(r"[=＝:：]")
_VALUES = re.compile(r"[/／|｜]")


def packs(cell: str) -> tuple[Pack, ...]:
    """箱=24、ケース=48: packing units and how many base units are in each. Raises Unreadable."""
    found = []
    for name, amount in _pairs(cell, "入り数"):
        digits = plain(amount).replace(",", "")
        if not re.fullmatch(r"\d{1,7}", digits) or not 1 <= int(digits) <= 1_000_000:
            raise Unreadable(f"入り数は「箱=24」のように書いてください（{name}={amount}）。")
        found.append(Pack(name, int(digits)))
    return tuple(found)


def packs_text(values: Iterable[tuple[str, int]]) -> str:
    return "、".join(f"{name}={per}" for name, per in values)


def attributes(cell: str) -> tuple[Attribute, ...]:
    """サイズ=S/M/L、種類=A/B: what an item may be told apart by. Raises Unreadable."""
    found = []
    for name, values in _pairs(cell, "種類・サイズ"):
        key = _KEYS.get(name) or (name if name in ATTRIBUTES else "")
        if not key:
            raise Unreadable(f"「{name}」は使えません。{'・'.join(_KEYS)}のどれかで書いてください。")
        found.append(Attribute(key, tuple(value for part in _VALUES.split(values) if (value := text(part)))))
    if any(not attribute.values for attribute in found):
        raise Unreadable("種類・サイズは「サイズ=S/M/L」のように書いてください。")
    return tuple(found)


def attributes_text(values: Iterable[tuple[str, Iterable[str]]]) -> str:
    return "、".join(f"{ATTRIBUTES.get(key, key)}={'/'.join(choices)}" for key, choices in values)


def per_person(cell: str) -> Ratio | None:
    """3, or 1/3: pieces that a person needs a day; None where the cell is empty. Raises Unreadable."""
    value = plain(cell)
    if not value:
        return None
    match = re.fullmatch(r"(\d{1,6})(?:/(\d{1,6}))?", value)
    if match is None or int(match[2] or 1) == 0:
        raise Unreadable(f"1人1日あたりは、3や1/3のように書いてください（{value[:20]}）。")
    return Ratio(int(match[1]), int(match[2] or 1))


def per_person_text(value: tuple[int, int] | None) -> str:
    return "" if value is None else str(value[0]) if value[1] == 1 else f"{value[0]}/{value[1]}"


def yes(cell: str, column: str) -> bool:
    """Raises Unreadable."""
    value = plain(cell).upper()
    if value in TRUE_MARKS:
        return True
    if value in FALSE_MARKS:
        return False
    raise Unreadable(f"{column}は、1か空で書いてください（{value[:20]}）。")


def _pairs(cell: str, column: str) -> Iterable[tuple[str, str]]:
    for part in _BETWEEN.split(cell):
        if not part.strip():
            continue
        name, *rest = _EQUALS.split(part, maxsplit=1)
        if not rest or not text(name):
            raise Unreadable(f"{column}の「{text(part)[:30]}」を読めません。「名前=値」の形で書いてください。")
        yield text(name), rest[0]
