"""What a register counted: only from readings that are believed, and always the same sum."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moyai_bridge.counter import Counter, Move, Point
from moyai_bridge.counting import amounts, count
from moyai_bridge.monthly_row import Month, monthly_row
from moyai_contracts.api import metering

COUNTER = Counter(n=10, d=1, digits=4, capacity=6000)
"""10 Wh a step, 300 steps a half-hour at most, rolls over after 9999."""
HALF_HOUR = 1800


def _points(*raws: int | None, start: int = 0) -> list[Point]:
    """Readings half an hour apart; None where there is none."""
    return [Point(place, start + place * HALF_HOUR, raw) for place, raw in enumerate(raws) if raw is not None]


def _found(readings: Sequence[Point], start: Point | None = None) -> tuple[list[int], int, list[tuple[int, int]]]:
    """Believed raws, steps, resets."""
    counted = count(COUNTER, readings, start)
    resets = [(item.fell_from, item.point.raw) for item in counted.believed if item.fell_from is not None]
    return [item.point.raw for item in counted.believed], counted.believed[-1].steps, resets


@pytest.mark.parametrize(("before", "after", "move"), [
    (0, 301, Move.ONWARD), (0, 302, Move.JUMP), (9900, 100, Move.ROLLOVER), (9900, 202, Move.RESET),
    (5000, 0, Move.RESET), (5, 10_000, Move.JUMP), (7, 7, Move.ONWARD)])
def test_moves_of_a_counter(before: int, after: int, move: Move) -> None:
    """One step more than the capacity gives is possible: a counter shows whole steps."""
    assert COUNTER.move(Point(0, 0, before), Point(1, HALF_HOUR, after)) is move


def test_a_counter_goes_on_and_rolls_over() -> None:
    assert _found(_points(9000, 9200, None, 9700, 9990, 210)) == ([9000, 9200, 9700, 9990, 210], 1210, [])


def test_a_fall_that_goes_on_is_a_reset_and_counts_nothing() -> None:
    assert _found(_points(5000, 5100, 20, 120)) == ([5000, 5100, 20, 120], 200, [(5100, 20)])


def test_two_resets_in_a_row() -> None:
    assert _found(_points(5000, 3000, 3100, 20, 120)) == (
        [5000, 3000, 3100, 20, 120], 200, [(5000, 3000), (3100, 20)])


def test_a_fall_at_the_end_waits_for_the_next_reading() -> None:
    assert _found(_points(5000, 5100, 20)) == ([5000, 5100], 100, [])


def test_a_wrong_low_value_between_right_ones_is_left_out() -> None:
    assert _found(_points(5000, 20, 5200, 5300)) == ([5000, 5200, 5300], 300, [])


def test_a_jump_is_left_out() -> None:
    assert _found(_points(5000, 9000, 5200)) == ([5000, 5200], 200, [])
    counted = count(COUNTER, _points(5000, 9000, 5200))
    assert counted.left_out == (Point(1, HALF_HOUR, 9000),)


def test_what_goes_on_from_a_jump_is_never_counted_however_much_time_passes() -> None:
    """After a day the device could have counted as much; its readings still belong to the jump."""
    raws = [1000, *(4000 + 10 * place for place in range(60))]
    assert _found(_points(*raws)) == ([1000], 0, [])


def test_a_counter_that_jumped_and_comes_back_goes_on() -> None:
    assert _found(_points(1000, 8000, 8100, 1100, 1200)) == ([1000, 1100, 1200], 200, [])


def test_a_value_beyond_the_digits_is_left_out() -> None:
    assert _found(_points(9990, 10_050, 210)) == ([9990, 210], 220, [])


def test_clocks_that_disagree_with_most_are_left_out() -> None:
    right = _points(*range(100, 130, 2))
    wrong = [Point(5, 14 * HALF_HOUR + 60, 110), Point(6, 14 * HALF_HOUR + 90, 112)]
    assert _found([*right[:5], *wrong, *right[7:]])[:2] == (
        [point.raw for point in right if point.seq not in (5, 6)], 28)


def _clock_moved(hours: int, first: int, count: int, readings: int = 55) -> list[Point]:
    """A register that counts 100 steps a half-hour, a third of what it can; its clock is wrong for `count` readings."""
    return [Point(seq, (seq + (2 * hours if first <= seq < first + count else 0)) * HALF_HOUR, 100 * seq)
            for seq in range(readings)]


@pytest.mark.parametrize(("hours", "first", "wrong"), [(6, 5, 20), (-6, 5, 20), (12, 5, 20), (-3, 1, 30), (6, 1, 30)])
def test_a_clock_that_is_wrong_for_more_readings_than_it_is_right_loses_no_energy(
        hours: int, first: int, wrong: int) -> None:
    """Wrong times are believed then, and between two of them lies less time than really passed: that is no jump."""
    points = _clock_moved(hours, first, wrong)
    believed = count(COUNTER, points).believed
    assert believed[-1].point == points[-1]
    assert believed[-1].steps == points[-1].raw - believed[0].point.raw
    assert {item.move for item in believed} == {Move.ONWARD}


@pytest.mark.parametrize("seq", [-1, 0])
def test_a_clock_that_goes_back_behind_the_start_loses_no_energy(seq: int) -> None:
    """The month before ended with reading 0; the next twenty are six hours behind, some of them before it."""
    points = _clock_moved(-6, 1, 20)
    assert _found(points, replace(points[0], seq=seq))[1:] == (5400, [])


def test_a_jump_beside_a_wrong_clock_is_still_left_out() -> None:
    """Two messages lie an hour apart whatever a clock says; no device counts so much in it."""
    points = _points(1000, 1010, 1020, 1030, 5030, 5040, 5050)
    points[2] = Point(2, 10**9, 1020)
    assert _found(points)[:2] == ([1000, 1010, 1030], 30)


def test_the_start_is_believed_whatever_its_sequence() -> None:
    """A device that counts its messages from zero again after a repair loses nothing of its month."""
    start = Point(9_999, 0, 100)
    assert _found(_points(110, 120, start=HALF_HOUR), start) == ([100, 110, 120], 20, [])


def test_order_of_arrival_changes_nothing() -> None:
    points = _points(9900, 100, 200, 20, 120, 9000, 220)
    assert count(COUNTER, reversed(points)) == count(COUNTER, points)


def test_nothing_of_nothing() -> None:
    assert count(COUNTER, []).believed == ()
    assert amounts(COUNTER, count(COUNTER, []), [0, 1, 2]) == [None, None]


def test_amounts_stand_where_they_were_read() -> None:
    edges = [0, 2 * HALF_HOUR, 4 * HALF_HOUR, 6 * HALF_HOUR, 8 * HALF_HOUR]
    assert amounts(COUNTER, count(COUNTER, _points(100, 110, 130, None, None, 190)), edges) == [300, None, 600, None]


def test_a_first_reading_alone_tells_nothing() -> None:
    assert amounts(COUNTER, count(COUNTER, _points(100)), [-1, HALF_HOUR]) == [None]


@st.composite
def _stories(draw: st.DrawFn) -> tuple[list[Point], int, int]:
    """A register that counts, rolls over and loses readings; its truth is what went through it."""
    raw, steps, points, rollovers = draw(st.integers(0, 9999)), 0, [], 0
    for place in range(draw(st.integers(2, 40))):
        if place:
            more = draw(st.integers(0, 300))
            steps, rollovers, raw = steps + more, rollovers + (raw + more) // 10_000, (raw + more) % 10_000
        points.append((Point(place, place * HALF_HOUR, raw), steps, rollovers))
    kept = [item for place, item in enumerate(points) if place % 12 == 0 or draw(st.booleans())]
    return [point for point, _, _ in kept], kept[-1][1] - kept[0][1], kept[-1][2] - kept[0][2]


@given(_stories())
def test_what_went_through_is_what_is_counted(story: tuple[list[Point], int, int]) -> None:
    points, steps, rollovers = story
    counted = count(COUNTER, points)
    assert counted.left_out == ()
    assert counted.believed[-1].steps == steps
    assert sum(item.move is Move.ROLLOVER for item in counted.believed) == rollovers
    assert metering.counted(points[0].raw, points[-1].raw, digits=4, rollovers=rollovers) == steps


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 12_000)), max_size=30),
       st.lists(st.integers(-1, 32), min_size=2, max_size=8, unique=True))
def test_whatever_comes_the_parts_make_the_whole_and_the_contract_agrees(
        readings: list[tuple[int, int, int]], places: list[int]) -> None:
    counted = count(COUNTER, [Point(seq, at * HALF_HOUR, raw) for seq, at, raw in readings])
    believed = counted.believed
    times = [item.point.at for item in believed]
    assert times == sorted(set(times))
    edges = [-HALF_HOUR, *(place * HALF_HOUR for place in sorted(places)), 99 * HALF_HOUR]
    if believed:
        assert sum(part or 0 for part in amounts(COUNTER, counted, edges)) == COUNTER.amount(believed[-1].steps)
        resets = [(item.fell_from, item.point.raw) for item in believed if item.fell_from is not None]
        assert believed[-1].steps == metering.counted(
            believed[0].point.raw, believed[-1].point.raw, digits=4, resets=resets,
            rollovers=sum(item.move is Move.ROLLOVER for item in believed))
        seqs = [seq for seq, _, _ in readings]
        assert metering.is_plausible(believed[-1].steps, 10, 1, capacity=6000, seconds=times[-1] - times[0] + (
            max(seqs) - min(seqs)) * HALF_HOUR + len(times) * 6)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(-4, 30), st.integers(0, 12_000)), max_size=30),
       st.booleans())
def test_whatever_comes_a_row_is_one_that_the_contract_takes(
        readings: list[tuple[int, int, int]], has_start: bool) -> None:
    """One row beyond the device's capacity would have its whole page refused."""
    month = Month("2024-01", 0, 20 * HALF_HOUR)
    points = [Point(seq, at * HALF_HOUR, raw) for seq, at, raw in readings]
    start = Point(-1, -HALF_HOUR, 500) if has_start else None
    row = monthly_row("0" * 26, "import", COUNTER, month, points, start=start)
    if row is not None:
        resets = [(reset.before, reset.after) for reset in row.resets]
        steps = metering.counted(row.first_raw, row.last_raw, digits=4, rollovers=row.rollovers, resets=resets)
        assert row.amount == metering.amount(steps, 10, 1)
        assert metering.is_plausible(steps, 10, 1, capacity=6000, seconds=row.to_at - row.from_at)
        assert row.to_at > row.from_at or (row.first_raw == row.last_raw and not resets and not row.received)
