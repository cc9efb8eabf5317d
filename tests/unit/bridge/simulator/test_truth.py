"""The truth is summed from the year's rows, the meter counts half-hour by half-hour: they must never disagree."""
from __future__ import annotations

import json
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moyai_bridge.simulator import faults
from moyai_bridge.simulator.faults import Fault
from moyai_bridge.simulator.homes import CAPACITY, REGISTERS, Home, Span, make_homes
from moyai_bridge.simulator.meter import sendings
from moyai_bridge.simulator.truth import CLOCK, GAP, RESET, ROLLOVER, MonthTotal, Total, truth_of
from moyai_bridge.simulator.year import HALF_HOUR, HalfHour, Year, months_over, recorded_year

START = 1_767_193_200
"""2026-01-01 00:00 in Japan."""


class EvenYear(Year):
    """Every half-hour 700 Wh consumed and 200 Wh generated."""

    def __init__(self) -> None:
        pass

    def starting(self, at: int) -> HalfHour:
        return HalfHour(700, 200)


def home(first: int = 1000, digits: int = 8, step: int = 1) -> Home:
    return Home(0, 1000, 1000, step, digits, (first, first, first))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), days=st.integers(2, 40), first_day=st.integers(0, 360))
def test_what_meters_send_is_what_the_truth_expects(seed: int, days: int, first_day: int) -> None:
    span = Span(START + first_day * 86400, days * 48)
    for one in make_homes(3, seed, span, recorded_year()):
        planned = faults.plan(seed, one, (span.count,))
        sent = {}
        for sending in sendings(one, span, recorded_year(), planned):
            body = json.loads(sending.payload)
            assert sending.seq == body["seq"]
            for register, raw in body["registers"].items():
                assert (register, body["at"]) not in sent
                sent[register, body["at"]] = (body["seq"], raw)
        expected = truth_of(one, span, recorded_year(), planned)
        assert sent == {key: (value.seq, value.raw) for key, value in expected.values.items()}


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), days=st.lists(st.integers(1, 20), min_size=2, max_size=4))
def test_a_later_leg_changes_nothing_of_an_earlier_one(seed: int, days: list[int]) -> None:
    ends = list(accumulate(48 * count + 7 for count in days))
    year, first = recorded_year(), Span(START, ends[0])
    for one in make_homes(3, seed, first, year):
        for number in range(1, len(ends)):
            before, after = (faults.plan(seed, one, ends[:legs]) for legs in (number, number + 1))
            assert after[:len(before)] == before
            assert all(fault.first > ends[number - 1] for fault in after[len(before):])
            span = Span(START, ends[number - 1])
            sent = [list(sendings(one, Span(START, ends[legs - 1]), year, faults.plan(seed, one, ends[:legs])))
                    for legs in (number, number + 1)]
            assert sent[1][:len(sent[0])] == sent[0]
            assert sent[0][-1].ready <= span.count


def test_months_meet_and_add_up_to_the_whole(seed: int = 4) -> None:
    """From the middle of December over the year's end; what lies beyond the last month's end is in none."""
    start = START - 15 * 86400
    span, year = Span(start, (15 + 31 + 28) * 48 + 3), recorded_year()
    months = months_over(span.start, span.at(span.count))
    assert [month.name for month in months] == ["2025-12", "2026-01", "2026-02"]
    for one in make_homes(3, seed, span, year):
        planned = faults.plan(seed, one, (span.count,))
        found = truth_of(one, span, year, planned, months)
        ending = truth_of(one, Span(start, span.count - 3), year, planned)
        for register in REGISTERS:
            rows = [found.months[month.name, register] for month in months]
            assert rows[0].from_at == start and rows[-1].to_at <= months[-1].end
            assert all(later.from_at == earlier.to_at <= month.end
                       for earlier, later, month in zip(rows, rows[1:], months))
            assert sum(row.total.amount for row in rows) == ending.totals[register].amount
            assert sum(row.total.rollovers for row in rows) == ending.totals[register].rollovers
            assert sum((row.total.resets for row in rows), ()) == ending.totals[register].resets


def test_of_a_month_counts_what_was_read_with_the_right_time() -> None:
    start = START - 4 * HALF_HOUR
    planned = (Fault(faults.DEAD, 1, 1), Fault(faults.CLOCK, 4, 4, offset=-7000))
    found = truth_of(home(), Span(start, 48), EvenYear(), planned, months_over(start, START + 86400))
    assert found.months == {
        ("2025-12", register): MonthTotal(start, start + 3 * HALF_HOUR, 2, Total(3 * each, 0, ()))
        for register, each in (("import", 500), ("export", 0), ("generation", 200))}


def test_without_faults_the_totals_are_the_sums_of_the_year() -> None:
    span = Span(START, 48)
    found = truth_of(home(), span, EvenYear(), ())
    assert found.totals == {"import": Total(48 * 500, 0, ()), "export": Total(0, 0, ()),
                            "generation": Total(48 * 200, 0, ())}
    assert len(found.values) == 49 * 3
    assert {value.marks for value in found.values.values()} == {frozenset()}


def test_a_reset_takes_the_half_hours_before_it_along() -> None:
    """It shows 1000 + 9·500 = 5500, falls to zero, counts 500 and 38 times 500 more; what it forgot counts nothing."""
    found = truth_of(home(), Span(START, 48), EvenYear(), (Fault(faults.RESET, 10, 10),))
    assert found.totals["import"] == Total((9 + 38) * 500, 0, ((5500, 500),))
    assert found.values["import", START + 10 * HALF_HOUR].marks == {RESET}


def test_a_counter_with_few_digits_rolls_over_and_loses_nothing() -> None:
    found = truth_of(home(first=9500, digits=4, step=10), Span(START, 48), EvenYear(), ())
    assert found.totals["import"] == Total(48 * 500, 1, ())
    assert found.values["import", START + 10 * HALF_HOUR].raw == 0
    assert found.values["import", START + 10 * HALF_HOUR].marks == {ROLLOVER}


def test_a_dead_device_leaves_a_gap_and_its_counter_counts_on() -> None:
    found = truth_of(home(), Span(START, 48), EvenYear(), (Fault(faults.DEAD, 5, 7),))
    assert len(found.values) == 46 * 3
    assert found.values["import", START + 8 * HALF_HOUR].marks == {GAP}
    assert found.values["import", START + 8 * HALF_HOUR].seq == 6
    assert found.totals["import"].amount == 48 * 500


def test_a_double_message_is_counted_and_kept_once() -> None:
    found = truth_of(home(), Span(START, 48), EvenYear(), (Fault(faults.TWICE, 20, 21),))
    assert found.duplicates == 2 * 3
    assert len(found.values) == 49 * 3


def test_late_readings_are_sent_after_two_newer_ones() -> None:
    planned = (Fault(faults.LATE, 10, 11),)
    sent = list(sendings(home(), Span(START, 48), EvenYear(), planned))
    assert [sending.seq for sending in sorted(sent, key=lambda one: one.ready)][9:15] == [10, 13, 14, 11, 12, 15]


def test_a_clock_that_goes_back_is_seen_when_it_does_and_leaves_a_hole_when_it_is_right_again() -> None:
    found = truth_of(home(), Span(START, 48), EvenYear(), (Fault(faults.CLOCK, 10, 11, offset=-7000),))
    assert found.values["import", START + 10 * HALF_HOUR - 7000].marks == {CLOCK}
    assert found.values["import", START + 11 * HALF_HOUR - 7000].marks == frozenset()
    assert found.values["import", START + 12 * HALF_HOUR].marks == {GAP}
    assert found.totals["import"].amount == 48 * 500


def test_a_clock_years_ahead_is_seen_at_every_reading_and_at_the_first_right_one() -> None:
    ahead = 10 * 365 * 86400
    found = truth_of(home(), Span(START, 48), EvenYear(), (Fault(faults.CLOCK, 10, 11, offset=ahead),))
    assert found.values["import", START + 10 * HALF_HOUR + ahead].marks == {CLOCK, GAP}
    assert found.values["import", START + 11 * HALF_HOUR + ahead].marks == {CLOCK}
    assert found.values["import", START + 12 * HALF_HOUR].marks == {CLOCK}
    assert found.values["import", START + 13 * HALF_HOUR].marks == frozenset()


@pytest.mark.parametrize("seed", range(5))
def test_faults_of_every_kind_are_planned_apart_from_each_other(seed: int) -> None:
    span = Span(START, 30 * 48)
    kinds = set()
    for one in make_homes(10, seed, span, recorded_year()):
        planned = faults.plan(seed, one, (span.count,))
        kinds |= {fault.kind for fault in planned}
        assert all(later.first - earlier.last > 3 for earlier, later in zip(planned, planned[1:]))
        assert all(0 < fault.first <= fault.last < span.count for fault in planned)
        assert sum(fault.kind == faults.RESET for fault in planned) == (0 if one.rolls_over else 1)
    assert kinds == set(faults.KINDS)
    assert faults.plan(None, one, (span.count,)) == ()


def test_the_same_seed_makes_the_same_homes_and_faults() -> None:
    span = Span(START, 96)
    homes = make_homes(6, 7, span, recorded_year())
    assert homes == make_homes(6, 7, span, recorded_year())
    assert homes != make_homes(6, 8, span, recorded_year())
    assert len({one.consumption for one in homes}) > 3
    plans = [faults.plan(7, one, (span.count,)) for one in homes]
    assert plans == [faults.plan(7, one, (span.count,)) for one in homes]


def test_no_home_does_more_than_its_meter_can() -> None:
    year = recorded_year()
    largest = Home(0, 1800, 4500, 1, 8, (0, 0, 0))
    most = max(max(largest.energy(year.starting(START + number * HALF_HOUR))) for number in range(366 * 48))
    assert most * 3600 < CAPACITY * HALF_HOUR


def test_homes_with_few_digits_roll_over_within_two_days() -> None:
    span = Span(START, 96)
    homes = [one for one in make_homes(12, 3, span, recorded_year()) if one.rolls_over]
    assert len(homes) == 4
    for one in homes:
        assert truth_of(one, span, recorded_year(), ()).totals["import"].rollovers >= 1
        assert set(truth_of(one, span, recorded_year(), ()).totals) == set(REGISTERS)
