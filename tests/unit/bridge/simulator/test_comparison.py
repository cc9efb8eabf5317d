"""Whatever differs is named: a comparison that cannot fail proves nothing."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from moyai_bridge.simulator import faults
from moyai_bridge.simulator.comparison import Comparison, Reading, compare, compare_months
from moyai_bridge.simulator.faults import Fault
from moyai_bridge.simulator.homes import Span, make_homes
from moyai_bridge.simulator.truth import RESET, MonthTotal, Total, Truth, truth_of
from moyai_bridge.simulator.year import recorded_year

SPAN = Span(1_767_193_200, 96)
DEVICE = "00000000000000000000000001"


def truth() -> Truth:
    """A home with faults: it can be seen what is missing."""
    planned = (Fault(faults.TWICE, 5, 6), Fault(faults.DEAD, 20, 22), Fault(faults.RESET, 40, 40),
               Fault(faults.LATE, 60, 62))
    return truth_of(make_homes(1, 5, SPAN, recorded_year())[0], SPAN, recorded_year(), planned)


def stored(told: Truth) -> list[Reading]:
    return [Reading(register, at, value) for (register, at), value in told.values.items()]


def compared(found: list[Reading], totals: dict[str, Total] | None = None, duplicates: int | None = None) -> Comparison:
    told = truth()
    return compare({DEVICE: told}, {DEVICE: found}, {DEVICE: told.totals if totals is None else totals},
                   told.duplicates if duplicates is None else duplicates)


def test_what_is_as_expected_has_no_difference() -> None:
    result = compared(stored(truth()))
    assert result.differences == []
    assert all(line.expected == line.found for line in result.lines)
    assert {line.what: line.expected for line in result.lines}["readings"] == len(truth().values)


def lose(found: list[Reading]) -> None:
    found.pop(40)


def double(found: list[Reading]) -> None:
    found.append(found[40])


def invent(found: list[Reading]) -> None:
    found.append(replace(found[40], at=found[40].at + 1))


def alter(found: list[Reading]) -> None:
    found[40] = replace(found[40], value=replace(found[40].value, raw=found[40].value.raw + 1))


def hide_mark(found: list[Reading]) -> None:
    at = next(index for index, reading in enumerate(found) if reading.value.marks)
    found[at] = replace(found[at], value=replace(found[at].value, marks=frozenset()))


def invent_mark(found: list[Reading]) -> None:
    at = next(index for index, reading in enumerate(found) if not reading.value.marks)
    found[at] = replace(found[at], value=replace(found[at].value, marks=frozenset({"jump"})))


@pytest.mark.parametrize(("spoil", "said"), [
    (lose, "lost"), (double, "2 times instead of once"), (invent, "never taken"), (alter, "shows"),
    (hide_mark, "is missing"), (invent_mark, "mark jump is there")])
def test_one_wrong_reading_is_found_and_named(spoil: Callable[[list[Reading]], None], said: str) -> None:
    found = stored(truth())
    spoil(found)
    assert len(compared(found).differences) == 1
    assert said in compared(found).differences[0]


def test_one_watt_hour_too_much_on_the_ledger_is_found() -> None:
    totals = truth().totals
    totals["import"] = replace(totals["import"], amount=totals["import"].amount + 1)
    assert len(compared(stored(truth()), totals).differences) == 1


def test_a_total_that_is_missing_and_a_device_that_nobody_simulates_are_found() -> None:
    assert len(compared(stored(truth()), {}).differences) == 3
    told = truth()
    result = compare({DEVICE: told}, {DEVICE: stored(told), "other": []}, {DEVICE: told.totals}, told.duplicates)
    assert result.differences == ["other: nobody simulates this device"]


def test_a_reading_that_overtook_another_may_have_more_marks_but_shows_every_fall() -> None:
    found = stored(truth())
    found[40] = replace(found[40], overtook=True, value=replace(found[40].value, marks=frozenset({"gap"})))
    assert compared(found).differences == []
    fell = next(place for place, reading in enumerate(found) if RESET in reading.value.marks)
    found[fell] = replace(found[fell], overtook=True)
    assert compared(found).differences == []
    found[fell] = replace(found[fell], value=replace(found[fell].value, marks=frozenset({"gap"})))
    assert len(compared(found).differences) == 1 and "mark reset is missing" in compared(found).differences[0]
    found[40] = replace(found[40], value=replace(found[40].value, raw=0))
    assert len(compared(found).differences) == 2


def test_more_duplicates_than_planned_are_no_difference_and_fewer_are() -> None:
    planned = truth().duplicates
    assert planned > 0
    assert compared(stored(truth()), duplicates=planned + 3).differences == []
    assert len(compared(stored(truth()), duplicates=planned - 1).differences) == 1


MONTHS = {("2026-01", "import"): MonthTotal(0, 1800, 1, Total(500, 0, ())),
          ("2026-02", "import"): MonthTotal(1800, 3600, 1, Total(700, 1, ()))}


def months(**changed: list[MonthTotal]) -> Comparison:
    found = {(DEVICE, *key): [total] for key, total in MONTHS.items()}
    found |= {(DEVICE, month.replace("_", "-").removeprefix("m"), "import"): rows for month, rows in changed.items()}
    return compare_months({DEVICE: Truth(0, months=MONTHS)}, found)


def test_months_that_agree_have_no_difference_and_a_line_each() -> None:
    result = months()
    assert result.differences == []
    assert [(line.what, line.expected, line.found) for line in result.lines] == [
        ("2026-01 import, Wh on the ledger", 500, 500), ("2026-02 import, Wh on the ledger", 700, 700)]


@pytest.mark.parametrize(("rows", "said"), [
    ([], "0 rows of totals"), ([MonthTotal(0, 1800, 1, Total(500, 0, ()))] * 2, "2 rows of totals"),
    ([MonthTotal(0, 1800, 1, Total(501, 0, ()))], "instead of"),
    ([MonthTotal(0, 1800, 2, Total(500, 0, ()))], "instead of"),
    ([MonthTotal(0, 1799, 1, Total(500, 0, ()))], "instead of")])
def test_one_wrong_row_of_the_ledger_is_named(rows: list[MonthTotal], said: str) -> None:
    difference, = months(m2026_01=rows).differences
    assert difference.startswith(f"{DEVICE} 2026-01 import") and said in difference


def test_a_row_of_a_month_that_nothing_was_measured_in_is_named() -> None:
    difference, = months(m2026_03=[MONTHS["2026-02", "import"]]).differences
    assert "nothing was measured" in difference
