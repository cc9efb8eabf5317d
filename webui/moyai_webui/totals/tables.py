"""The totals as plain tables, the same for CSV, Excel and paper."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from moyai_webui.rows import Municipality
from moyai_webui.totals.figures import Figures, TotalLine, Totals, balance, by_item

Cell = str | int

_FIGURES = ("必要", "確保", "発送", "輸送中", "受取", "破損・不足など", "予定より多い", "あと必要", "余り")
_SENT = ("発送", "輸送中", "受取", "破損・不足など")


class Table(NamedTuple):
    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def tables(totals: Totals, towns: Sequence[Municipality]) -> dict[str, Table]:
    """Key of the page's tab → its table."""
    return {
        "item": Table("品目ごと", ("品目", "単位", *_FIGURES), tuple(
            (line.item.name, line.item.unit, *_all(line.figures)) for line in by_item(totals.at_places))),
        "site": Table("避難所ごと", ("市区町村", "場所", "品目", "単位", *_FIGURES), tuple(_at_places(totals.at_places))),
        "sender": Table("送り主ごと", ("送り主", "品目", "単位", *_SENT), tuple(
            (line.sender.label if line.sender else "", line.item.name, line.item.unit, *_sent(line.figures))
            for line in totals.from_senders)),
        "day": Table("日ごと", ("日付", "受け取った箱"), tuple(
            (day.isoformat(), boxes) for day, boxes in totals.boxes_on_days)),
        "balance": Table("過不足", ("品目", "単位", *_two_of_each(towns)), tuple(
            (item.name, item.unit, *(value for town in towns for value in _two(figures.get(town.code, Figures()))))
            for item, figures in balance(totals.at_places))),
    }


def _two_of_each(towns: Sequence[Municipality]) -> Iterable[str]:
    return (f"{town.name} {words}" for town in towns for words in ("あと必要", "余り"))


def _at_places(lines: Iterable[TotalLine]) -> Iterable[tuple[Cell, ...]]:
    for line in lines:
        if line.place is not None:
            yield (line.place.municipality, line.place.name, line.item.name, line.item.unit, *_all(line.figures))


def _all(figures: Figures) -> tuple[int, ...]:
    return (figures.needed, figures.committed, figures.shipped, figures.in_transit, figures.received, figures.missing,
            figures.surplus, figures.lack, figures.excess)


def _sent(figures: Figures) -> tuple[int, ...]:
    return figures.shipped, figures.in_transit, figures.received, figures.missing


def _two(figures: Figures) -> tuple[int, int]:
    return figures.lack, figures.excess
