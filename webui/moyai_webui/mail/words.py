"""Goods and places in the words of the mails."""
from __future__ import annotations

from moyai_webui.presentation.formats import number
from moyai_webui.rows import Item, Place


def goods(item: Item | None, item_name: str, quantity: int) -> str:
    """毛布 1,200枚; what was named freely is counted in pieces."""
    return f"{item.name if item else item_name} {number(quantity)}{item.unit if item else '個'}"


def destination(place: Place) -> str:
    """七尾市 和倉小学校"""
    return f"{place.municipality} {place.name}"
