"""The figures that are added up, and the ways to add them: pure, over lines that the read model gives."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from moyai_webui.rows import Item, Party, Place


@dataclass(frozen=True)
class Figures:
    """Quantities in the item's base unit.

    `needed`: of open needs all, of closed ones what was committed to them. `committed`: taken by matches and not given
    back; it includes what is in transit and received. `missing`: short, damaged or refused at receipt, or lost.
    `surplus`: found beyond what the sender had counted, or in boxes that no receipt fits.
    """

    needed: int = 0
    committed: int = 0
    shipped: int = 0
    in_transit: int = 0
    received: int = 0
    missing: int = 0
    surplus: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))

    @property
    def lack(self) -> int:
        """What nobody has promised yet; never below zero."""
        return max(0, self.needed - self.committed)

    @property
    def excess(self) -> int:
        """What comes or is there beyond the need; never below zero."""
        return max(0, self.received + self.in_transit + self.surplus - self.needed)


@dataclass(frozen=True)
class TotalLine:
    """Figures of one item, at a place or from a sender; None where the line is not about that."""

    item: Item
    figures: Figures
    place: Place | None = None
    sender: Party | None = None


@dataclass(frozen=True)
class Totals:
    """All lines of the operation: by place and item, by sender and item; and the boxes received on each day (JST),
    the newest first."""

    at_places: tuple[TotalLine, ...]
    from_senders: tuple[TotalLine, ...]
    boxes_on_days: tuple[tuple[date, int], ...]

    def of(self, category: str) -> Totals:
        """The same of one category of items; boxes have none and stay."""
        keep = [tuple(line for line in lines if category in ("", line.item.category))
                for lines in (self.at_places, self.from_senders)]
        return Totals(*keep, self.boxes_on_days)


def by_item(lines: Iterable[TotalLine]) -> tuple[TotalLine, ...]:
    """One line an item, what lacks most first."""
    added = _added(lines, lambda line: line.item.code)
    return tuple(sorted((TotalLine(line.item, figures) for line, figures in added),
                        key=lambda line: (-line.figures.lack, -line.figures.needed, line.item.name)))


def balance(lines: Iterable[TotalLine]) -> tuple[tuple[Item, dict[str, Figures]], ...]:
    """For each item the figures of every municipality (code): lack here and excess there stand side by side."""
    found: dict[str, tuple[Item, dict[str, Figures]]] = {}
    for line, figures in _added(lines, lambda line: (line.item.code, line.place.code if line.place else "")):
        item, towns = found.setdefault(line.item.code, (line.item, {}))
        towns[line.place.code if line.place else ""] = figures
    return tuple(sorted(found.values(), key=lambda row: (-_worth_moving(row[1]), row[0].name)))


def _worth_moving(towns: dict[str, Figures]) -> int:
    """How much one municipality lacks while another has it."""
    return min(sum(figures.lack for figures in towns.values()), sum(figures.excess for figures in towns.values()))


def _added(lines: Iterable[TotalLine], key: Callable[[TotalLine], Any]) -> list[tuple[TotalLine, Figures]]:
    first: dict[Any, TotalLine] = {}
    added: dict[Any, Figures] = {}
    for line in lines:
        first.setdefault(key(line), line)
        added[key(line)] = added.get(key(line), Figures()) + line.figures
    return [(first[name], figures) for name, figures in added.items()]
