"""The common items of the demonstration, and how many of each a number of people needs."""
from __future__ import annotations

import json
from importlib import resources
from typing import Any

from moyai_contracts.api import schema
from moyai_contracts.api.directory import ItemLine, ProposeItem

FOOD = "000000-0101"
BLANKET = "000000-0201"
INFANT_MILK = "000000-0301"
INFANT_DIAPER = "000000-0401"
PORTABLE_TOILET = "000000-0601"
TOILET_PAPER = "000000-0701"
SANITARY_PRODUCT = "000000-0801"


def common_items() -> tuple[ItemLine, ...]:
    """The eight items that the state sends unasked, as they are proposed."""
    return schema.decode(ProposeItem, {"items": _content()["items"]}).items


def assumptions() -> str:
    """What the ratios of pieces a person and day rest upon."""
    return str(_content()["assumptions"])


def wanted(item: ItemLine, people: int) -> int:
    """Pieces that so many people need for a day, rounded up; 0 for an item without a ratio."""
    if item.per_person is None:
        return 0
    return -(-people * item.per_person.n // item.per_person.d)


def _content() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(resources.files(__package__).joinpath("data/items.json").read_text("utf-8"))
    return content
