"""The last suggestions are kept for a while: everybody who looks sees the same."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from moyai_webui.suggestions.board import KEPT_FOR, Board
from moyai_webui.suggestions.problem import Demand, Material, Supply
from moyai_webui.suggestions.weights import load

NOW = datetime(2026, 1, 9, tzinfo=timezone.utc)
MILK = Demand("need1", "milk", "172022", 0, 10, "normal")
MATERIAL = Material((MILK, replace(MILK, need_id="need2", item="rice", municipality="132012")),
                    (Supply("offer1", "milk", "132012", 10), Supply("offer2", "rice", "132012", 10)), {})


class Asked:
    """Material that counts how often it is read."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Material:
        self.times += 1
        return MATERIAL


def test_they_are_calculated_anew_for_a_new_block_and_not_more_often_than_twice_a_minute() -> None:
    board, asked = Board(load()), Asked()

    def look(height: int, after: timedelta) -> datetime:
        return board.suggestions("live", height, NOW + after, asked, "172022").at

    first = look(5, timedelta())
    assert look(5, timedelta(hours=1)) == look(6, KEPT_FOR - timedelta(seconds=1)) == first and asked.times == 1
    assert look(6, KEPT_FOR) == NOW + KEPT_FOR and asked.times == 2


def test_every_scope_has_its_own_and_other_towns_items_are_left_out() -> None:
    board, asked = Board(load()), Asked()
    found = board.suggestions("live", 5, NOW, asked, "172022")
    assert [one.need_id for one in found.solution.proposals] == ["need1"]
    board.suggestions("01JH00000000000000000000DR", 5, NOW, asked, "172022")
    assert asked.times == 2
