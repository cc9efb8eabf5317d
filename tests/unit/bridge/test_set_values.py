"""Values set for half-hours without a reading: they move what was counted, and the sums stay."""
from __future__ import annotations

import pytest
from hypothesis import given, strategies as st
from moyai_bridge.set_values import SetValue, place

HALF, HOUR = 1800, 3600
EDGES = [number * HOUR for number in range(5)]


def test_e02_what_stands_after_the_gap_moves_to_where_it_was() -> None:
    """Read at 1 h and at 4 h; two half-hours of the second hour are set."""
    amounts = [100, None, None, 900]
    counts = place(amounts, EDGES, [HOUR, 4 * HOUR], [HOUR, 4 * HOUR],
                   [SetValue(HOUR, 250), SetValue(HOUR + HALF, 200)])
    assert amounts == [100, 450, None, 450] and counts == [0, 2, 0, 0]


def test_e02_a_value_that_is_too_large_is_cut_to_what_was_counted() -> None:
    amounts = [100, None, None, 300]
    place(amounts, EDGES, [HOUR, 4 * HOUR], [HOUR, 4 * HOUR], [SetValue(HOUR, 1000)])
    assert amounts == [100, 300, None, 0]


def test_e02_before_the_next_reading_comes_a_value_stands_by_itself() -> None:
    amounts: list[int | None] = [100, None, None, None]
    counts = place(amounts, EDGES, [HOUR], [HOUR], [SetValue(HOUR, 250)])
    assert amounts == [100, 250, None, None] and counts == [0, 1, 0, 0]


def test_e02_what_was_measured_after_all_is_not_set() -> None:
    amounts: list[int | None] = [100, 120, None, None]
    assert place(amounts, EDGES, [HOUR, HOUR + HALF], [HOUR, HOUR + HALF], [SetValue(HOUR, 250)]) == [0, 0, 0, 0]
    assert amounts == [100, 120, None, None]


def test_e02_a_gap_that_began_before_takes_its_part_away() -> None:
    """The value lies before the first edge, the reading after the gap within."""
    amounts: list[int | None] = [500, 100, 0, 0]
    counts = place(amounts, EDGES, [HOUR, 2 * HOUR], [HOUR, 2 * HOUR], [SetValue(-HOUR, 200)])
    assert amounts == [300, 100, 0, 0] and counts == [0, 0, 0, 0]


@given(st.lists(st.tuples(st.integers(2, 6), st.integers(0, 2000)), max_size=8))
def test_e02_sums_never_change_once_the_gap_is_over(values: list[tuple[int, int]]) -> None:
    amounts: list[int | None] = [100, None, None, 900]
    place(amounts, EDGES, [HOUR, 4 * HOUR], [HOUR, 4 * HOUR],
          [SetValue(number * HALF, amount) for number, amount in values])
    assert sum(amount or 0 for amount in amounts) == 1000
    assert all(amount is None or amount >= 0 for amount in amounts)


@pytest.mark.parametrize("begin", [4 * HOUR, 90 * HOUR])
def test_e02_what_lies_beyond_is_left_alone(begin: int) -> None:
    amounts: list[int | None] = [1, 2, 3, 4]
    assert place(amounts, EDGES, [HOUR], [HOUR], [SetValue(begin, 5)]) == [0, 0, 0, 0] and amounts == [1, 2, 3, 4]
