"""From a register's readings to what it counted; pure, the same for monthly totals and live pages.

Readings are not believed one by one. Times must rise with the sequence: where they do not, the clocks that disagree
with most others are left out. That may be the right ones: so between two readings beside which others were left out as
much time is granted as their sequences tell, a message a half-hour. A counter that falls is believed when the next
reading goes on from there; one that jumps beyond what the device can do is never counted, neither the jump nor what
follows on its level. What is left out stays in the database with its marks, and the counter's next believed reading
contains what it measured.
"""
from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from moyai_contracts.api.metering import HALF_HOUR

from moyai_bridge.counter import Counter, Move, Point


@dataclass(frozen=True)
class Believed:
    """A reading that counts: `steps` since the first believed one, and how the counter came here."""
    point: Point
    steps: int
    move: Move
    fell_from: int | None = None
    """What the counter showed before a reset; what it did until this reading is unknown and counts as nothing."""


@dataclass(frozen=True)
class Counted:
    """Believed readings in the order of time, and those left out."""
    believed: tuple[Believed, ...]
    left_out: tuple[Point, ...]


def count(counter: Counter, readings: Iterable[Point], start: Point | None = None) -> Counted:
    """`start`: the reading to count from, believed whatever its sequence; the earliest one if None.

    Readings not later than `start` are not counted. Where it is among them itself, those that followed it tell that a
    clock was set back.
    """
    given = sorted(readings, key=lambda point: (point.seq, point.at, point.raw))
    offered = [point for point in given if start is None or point.at > start.at]
    possible = [point for point in offered if point.raw < counter.size]
    ordered = _rising(possible)
    astray = set(possible) - set(ordered)
    if start is not None:
        start, set_back = _among(start, given)
        astray |= set_back
        ordered.insert(0, start)
    believed = _Walk(counter, astray).through(ordered)
    kept = {item.point for item in believed}
    return Counted(tuple(believed), tuple(point for point in offered if point not in kept))


def _among(start: Point, given: Sequence[Point]) -> tuple[Point, set[Point]]:
    """`start` with its sequence among the readings given, and those after it whose clock says that they were before."""
    own = next((point for point in reversed(given) if (point.at, point.raw) == (start.at, start.raw)), None)
    if own is None:
        later = [point.seq for point in given if point.at > start.at]
        return replace(start, seq=min(later, default=start.seq) - 1), set()
    return own, {point for point in given if point.seq > own.seq and point.at <= own.at}


def amounts(counter: Counter, counted: Counted, edges: Sequence[int]) -> list[int | None]:
    """Units between each two neighbouring times; None where nothing was read.

    What a reading has counted since the one before it stands where it was read: after a gap all of it there, and
    nothing is spread over times that nobody saw. The amounts add up to that of the whole.
    """
    times = [item.point.at for item in counted.believed]
    places = [bisect_right(times, edge) - 1 for edge in edges]  # last reading up to each edge, -1 before the first
    total = [counter.amount(counted.believed[max(place, 0)].steps) if times else 0 for place in places]
    return [total[index + 1] - total[index] if places[index + 1] > max(places[index], 0) else None
            for index in range(len(edges) - 1)]


def _rising(points: Sequence[Point]) -> list[Point]:
    """The longest part of `points` in their order whose times rise."""
    ends: list[int] = []  # smallest last time of a rising part of each length, as places in `points`
    times: list[int] = []
    before: list[int] = []
    for place, point in enumerate(points):
        length = bisect_left(times, point.at)
        before.append(ends[length - 1] if length else -1)
        if length == len(ends):
            ends.append(place)
            times.append(point.at)
        else:
            ends[length], times[length] = place, point.at
    rising, place = [], ends[-1] if ends else -1
    while place >= 0:
        rising.append(points[place])
        place = before[place]
    return rising[::-1]


class _Walk:
    """One pass over readings in order of time."""

    def __init__(self, counter: Counter, astray: Iterable[Point]) -> None:
        """`astray`: readings that were left out because times do not rise with them."""
        self._counter, self._astray = counter, tuple(astray)
        self._believed: list[Believed] = []
        self._suspect: Point | None = None
        """The last reading that does not go on from the last believed one."""
        self._jumped = False
        """The suspect rose too much, or goes on from one that did."""

    def through(self, ordered: Iterable[Point]) -> list[Believed]:
        for point in ordered:
            if not self._believed:
                self._believed.append(Believed(point, 0, Move.ONWARD))
            elif self._suspect is not None and self._move(self._suspect, point).counts:
                self._after_suspect(self._suspect, point)
            else:
                self._after_believed(point)
        return self._believed

    def _after_suspect(self, suspect: Point, point: Point) -> None:
        if self._jumped:
            self._suspect = point
            return
        last = self._believed[-1]
        self._believed.append(Believed(suspect, last.steps, Move.RESET, fell_from=last.point.raw))
        self._suspect = None
        self._after_believed(point)

    def _after_believed(self, point: Point) -> None:
        last = self._believed[-1]
        move = self._move(last.point, point)
        if not move.counts:
            self._suspect, self._jumped = point, move is Move.JUMP
            return
        self._suspect = None
        steps = point.raw - last.point.raw + (self._counter.size if move is Move.ROLLOVER else 0)
        self._believed.append(Believed(point, last.steps + steps, move))

    def _move(self, before: Point, after: Point) -> Move:
        move = self._counter.move(before, after)
        if move.counts or not any(before.seq < point.seq < after.seq and not before.at < point.at < after.at
                                  for point in self._astray):
            return move
        by_sequence = self._counter.move(before, after, (after.seq - before.seq) * HALF_HOUR)
        return by_sequence if by_sequence.counts else move
