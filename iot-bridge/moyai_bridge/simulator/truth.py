"""What must be found in the end, from the recorded year and the planned faults alone.

It knows nothing of how meters count, of messages, or of the bridge: everything is a sum over the year's rows.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from moyai_bridge.simulator import faults
from moyai_bridge.simulator.faults import Fault, fault_at
from moyai_bridge.simulator.homes import REGISTERS, Home, Span
from moyai_bridge.simulator.year import HALF_HOUR, CalendarMonth, Year

GAP, RESET, ROLLOVER, CLOCK, JUMP = "gap", "reset", "rollover", "clock", "jump"


@dataclass(frozen=True, slots=True)
class Value:
    """A reading of one register: the sequence of its message, what the counter showed, and what is odd about it."""

    seq: int
    raw: int
    marks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Total:
    """One register over the whole span: Wh between its first and its last reading, as far as they tell.

    What ran between the last reading before a reset and the first one after it is told by nobody and counts nothing.
    """

    amount: int
    rollovers: int
    resets: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class MonthTotal:
    """One register in a month: from the last right reading up to its beginning to the last one up to its end.

    `received`: readings after the first one, of those with the right time.
    """

    from_at: int
    to_at: int
    received: int
    total: Total


@dataclass(frozen=True)
class Truth:
    """One home: `values` by (register, the meter's time), `totals` by register, `months` by (month, register).

    `duplicates`: readings of registers that were sent twice.
    """

    duplicates: int
    values: dict[tuple[str, int], Value] = field(default_factory=dict)
    totals: dict[str, Total] = field(default_factory=dict)
    months: dict[tuple[str, str], MonthTotal] = field(default_factory=dict)


def truth_of(home: Home, span: Span, year: Year, planned: Sequence[Fault],
             months: Sequence[CalendarMonth] = ()) -> Truth:
    """What one home's meter must have left behind; `months` are those that end within the span."""
    rows = [home.energy(year.starting(span.at(number))) for number in range(span.count)]
    read = [reading for reading in range(span.count + 1) if _kind(planned, reading) != faults.DEAD]
    found = Truth(len(REGISTERS) * sum(_kind(planned, reading) == faults.TWICE for reading in read))
    for index, register in enumerate(REGISTERS):
        passed = list(accumulate((row[index] for row in rows), initial=0))
        steps = _steps(home, index, passed, planned)
        found.totals[register] = _total(home, read[0], read[-1], steps, planned)
        for month in months:
            found.months[month.name, register] = _month(home, span, month, read, steps, planned)
        for place, reading in enumerate(read):
            marks = _marks(home, span, steps, planned, read[place - 1] if place else None, reading)
            found.values[register, _time(span, planned, reading)] = Value(
                1 + place, steps[reading] % 10**home.digits, marks)
    return found


def _steps(home: Home, index: int, passed: Sequence[int], planned: Sequence[Fault]) -> list[int]:
    """What the counter would show at every reading if it had digits without end."""
    reset = next((fault.first for fault in planned if fault.kind == faults.RESET), len(passed))
    before = [home.first[index] + energy // home.step for energy in passed[:reset]]
    return before + [(energy - passed[reset - 1]) // home.step for energy in passed[reset:]]


def _month(home: Home, span: Span, month: CalendarMonth, read: Sequence[int], steps: Sequence[int],
           planned: Sequence[Fault]) -> MonthTotal:
    right = [reading for reading in read if _kind(planned, reading) != faults.CLOCK]
    until_end = [reading for reading in right if span.at(reading) <= month.end]
    first = max((reading for reading in until_end if span.at(reading) <= month.start), default=until_end[0])
    return MonthTotal(span.at(first), span.at(until_end[-1]), sum(reading > first for reading in until_end),
                      _total(home, first, until_end[-1], steps, planned))


def _total(home: Home, first: int, last: int, steps: Sequence[int], planned: Sequence[Fault]) -> Total:
    """From reading number `first` to `last`."""
    resets = tuple((steps[fault.first - 1], steps[fault.first]) for fault in planned
                   if fault.kind == faults.RESET and first < fault.first <= last)
    counted = steps[last] - steps[first] + sum(before - after for before, after in resets)
    size = 10**home.digits
    return Total(counted * home.step, steps[last] // size - steps[first] // size, resets)


def _marks(home: Home, span: Span, steps: Sequence[int], planned: Sequence[Fault], before: int | None,
           reading: int) -> frozenset[str]:
    """What has to be seen when this reading follows `before` by sequence."""
    found, fault = set(), fault_at(planned, reading)
    if fault and fault.offset > 0:
        found.add(CLOCK)
    if before is None:
        return frozenset(found)
    passed = _time(span, planned, reading) - _time(span, planned, before)
    if passed <= 0:
        # Where time runs backwards nothing can be told of the counter's pace.
        return frozenset(found | {CLOCK})
    if passed > HALF_HOUR * 3 // 2:
        found.add(GAP)
    if fault and fault.kind == faults.RESET:
        found.add(RESET)
    elif steps[before] // 10**home.digits != steps[reading] // 10**home.digits:
        found.add(ROLLOVER)
    return frozenset(found)


def _time(span: Span, planned: Sequence[Fault], reading: int) -> int:
    """By the meter's own clock."""
    fault = fault_at(planned, reading)
    return span.at(reading) + (fault.offset if fault else 0)


def _kind(planned: Sequence[Fault], reading: int) -> str:
    fault = fault_at(planned, reading)
    return fault.kind if fault else ""
