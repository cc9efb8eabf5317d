"""Expected against found: every difference by name. Pure."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from moyai_bridge.simulator.truth import CLOCK, GAP, JUMP, RESET, ROLLOVER, MonthTotal, Total, Truth, Value

JUDGED = (GAP, RESET, ROLLOVER, CLOCK, JUMP)
"""Marks that must be where they are expected and nowhere else. A value that repeats for days is no fault: it rains."""


MonthKey = tuple[str, str, str]
"""Device id, month, register."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One stored reading as the municipality's database tells of it.

    `overtook`: it came, or may have come, before the one with the sequence next below. Its marks tell how it looked
    then: it may have more of them, and must show the fall of a counter all the same. Which reading overtakes another,
    the network and what is killed decide.
    """

    register: str
    at: int
    value: Value
    overtook: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: what was counted, how many were expected and found."""

    what: str
    expected: int
    found: int


@dataclass
class Comparison:
    """`lines` for the table, `differences` in words; all is well where there are none of these."""

    lines: list[Line] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


def compare(truths: Mapping[str, Truth], stored: Mapping[str, Iterable[Reading]],
            totals: Mapping[str, Mapping[str, Total]], duplicates: int) -> Comparison:
    """By device id the truth, the readings in the database, the totals made of them; and how many readings came again.

    Nothing lost, nothing double, every value, every mark and every total as it must be. More than the planned
    duplicates may have come: a message whose acknowledgement was lost is sent again.
    """
    result = Comparison()
    found = {device: list(readings) for device, readings in stored.items()}
    for device, truth in truths.items():
        result.differences += _values(device, truth, found.get(device, []))
        result.differences += _totals(device, truth, totals.get(device, {}))
    result.differences += [f"{device}: nobody simulates this device" for device in found.keys() - truths.keys()]
    planned = sum(truth.duplicates for truth in truths.values())
    if duplicates < planned:
        result.differences.append(f"{planned} readings were sent twice, {duplicates} duplicates are counted")
    result.lines = [*_counted(truths, found), Line("duplicates, at least", planned, duplicates),
                    *_energy(truths, totals)]
    return result


def compare_months(truths: Mapping[str, Truth], found: Mapping[MonthKey, Sequence[MonthTotal]]) -> Comparison:
    """The truth of every month that is over against the rows of the ledger's pages: each there once, and as it must
    be."""
    expected = {(device, *key): total for device, truth in truths.items() for key, total in truth.months.items()}
    result = Comparison()
    for key, total in sorted(expected.items()):
        rows = found.get(key, ())
        if len(rows) != 1:
            result.differences.append(f"{' '.join(key)}: {len(rows)} rows of totals on the ledger instead of one")
        elif rows[0] != total:
            result.differences.append(f"{' '.join(key)}: {rows[0]} on the ledger instead of {total}")
    result.differences += [f"{' '.join(key)}: on the ledger, yet nothing was measured"
                           for key in sorted(found.keys() - expected.keys())]
    for month, register in sorted({key[1:] for key in expected}):
        of_truth = sum(total.total.amount for key, total in expected.items() if key[1:] == (month, register))
        of_ledger = sum(row.total.amount for key, rows in found.items() if key[1:] == (month, register) for row in rows)
        result.lines.append(Line(f"{month} {register}, Wh on the ledger", of_truth, of_ledger))
    return result


def _values(device: str, truth: Truth, found: list[Reading]) -> Iterator[str]:
    times = Counter((reading.register, reading.at) for reading in found)
    for (register, at), number in sorted(times.items()):
        if (register, at) not in truth.values:
            yield f"{device} {register} {at}: never taken, yet {number} found"
        elif number > 1:
            yield f"{device} {register} {at}: {number} times instead of once"
    for register, at in sorted(truth.values.keys() - times.keys()):
        yield f"{device} {register} {at}: lost"
    for reading in found:
        expected = truth.values.get((reading.register, reading.at))
        if expected:
            yield from (f"{device} {reading.register} {reading.at}: {problem}"
                        for problem in _problems(expected, reading))


def _problems(expected: Value, reading: Reading) -> Iterator[str]:
    found = reading.value
    if (found.seq, found.raw) != (expected.seq, expected.raw):
        yield f"sequence {found.seq} shows {found.raw} instead of {expected.seq} and {expected.raw}"
    if reading.overtook:
        yield from (f"mark {mark} is missing" for mark in (RESET, ROLLOVER)
                    if mark in expected.marks and not found.marks & {mark, CLOCK})
        return
    for mark in JUDGED:
        if (mark in found.marks) != (mark in expected.marks):
            yield f"mark {mark} is {'there' if mark in found.marks else 'missing'}"


def _totals(device: str, truth: Truth, found: Mapping[str, Total]) -> Iterator[str]:
    for register, expected in truth.totals.items():
        if register not in found:
            yield f"{device} {register}: no total"
        elif found[register] != expected:
            yield f"{device} {register}: {found[register]} instead of {expected}"


def _counted(truths: Mapping[str, Truth], found: Mapping[str, list[Reading]]) -> Iterator[Line]:
    """The marks of those that overtook are in neither column: they may have more than expected."""
    readings = {(device, reading.register, reading.at): reading for device, of in found.items() for reading in of}
    apart = {key for key, reading in readings.items() if reading.overtook}
    expected = {(device, *key): value for device, truth in truths.items() for key, value in truth.values.items()}
    yield Line("readings", len(expected), sum(map(len, found.values())))
    for mark in JUDGED:
        yield Line(f"marked {mark}", sum(mark in value.marks for key, value in expected.items() if key not in apart),
                   sum(mark in one.value.marks for key, one in readings.items() if key not in apart))
    yield Line("overtook another, judged by falls alone", len(apart), len(apart))


def _energy(truths: Mapping[str, Truth], totals: Mapping[str, Mapping[str, Total]]) -> Iterator[Line]:
    registers = sorted({register for truth in truths.values() for register in truth.totals})
    for register in registers:
        expected = sum(truth.totals[register].amount for truth in truths.values())
        found = sum(device[register].amount for device in totals.values() if register in device)
        yield Line(f"{register}, Wh", expected, found)
