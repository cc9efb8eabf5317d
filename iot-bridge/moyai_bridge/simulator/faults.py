"""What goes wrong with meters, planned by a seed before anything runs, so that it is known what must be found."""
from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from moyai_bridge.simulator.homes import Home

SILENT, LATE, DEAD, TWICE, RESET, CLOCK = "silent", "late", "dead", "twice", "reset", "clock"
"""silent: no network, readings are kept and sent in their order; late: they are sent after newer ones; dead: no
readings at all, the counter counts on; twice: every message is sent again; reset: the counter falls to zero at the
beginning; clock: the meter's clock is hours behind, or years ahead: later than anybody's now."""
KINDS = (SILENT, LATE, DEAD, TWICE, RESET, CLOCK)

_BLOCK = 16
_LONGEST = 8
_LONGEST_BY_KIND = {RESET: 1, CLOCK: 3}
"""Wrong times stay fewer than the right ones that they contradict: the bridge believes what most readings say."""
OVERTAKING = 2
"""Readings that are sent before those that are late."""
_MARGIN = 4
"""Readings between two faults that are sound, so that the marks of one are not those of another."""
_TEN_YEARS = 3650 * 86400
_HOURS_BACK = (3, 6)
_MINUTES = (1, 29)
"""Beside the full hours, so that a wrong time is never the right time of another reading."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Readings `first` to `last` suffer; `offset` seconds are what a wrong clock is ahead."""

    kind: str
    first: int
    last: int
    offset: int = 0

    def __contains__(self, reading: int) -> bool:
        return self.first <= reading <= self.last


def plan(seed: int | None, home: Home, legs: Sequence[int]) -> tuple[Fault, ...]:
    """The faults of one home in order, apart from each other; the first and the last reading of every leg are sound.

    `legs`: number of the last reading of each run; what was planned for one run stays so whatever follows. None plans
    none. Counters with few digits are never reset: after a long silence a fall might be a rollover.
    """
    if seed is None:
        return ()
    planned: list[Fault] = []
    for begin, end in zip((0, *legs), legs):
        chance = random.Random(f"faults {seed} {home.number} {begin}")
        kinds = _kinds(chance, may_reset=begin == 0 and not home.rolls_over)
        planned += (_fault(chance, next(kinds), first) for first in range(begin + _MARGIN, end - _BLOCK, _BLOCK)
                    if chance.random() < 0.7)
    return tuple(planned)


def fault_at(planned: Sequence[Fault], reading: int) -> Fault | None:
    """What a reading suffers; `planned` as `plan` gives it."""
    place = bisect_right(planned, reading, key=attrgetter("first")) - 1
    return planned[place] if place >= 0 and reading in planned[place] else None


def _kinds(chance: random.Random, may_reset: bool) -> Iterator[str]:
    """Every kind before any comes again; a reset once at most, in the first leg: a counter that was reset is near zero
    already."""
    possible = [kind for kind in KINDS if kind != RESET or may_reset]
    while True:
        chance.shuffle(possible)
        yield from tuple(possible)
        possible = [kind for kind in possible if kind != RESET]


def _fault(chance: random.Random, kind: str, block: int) -> Fault:
    length = chance.randint(1, _LONGEST_BY_KIND.get(kind, _LONGEST))
    first = block + chance.randint(0, _BLOCK - _MARGIN - _LONGEST)
    return Fault(kind, first, first + length - 1, _offset(chance) if kind == CLOCK else 0)


def _offset(chance: random.Random) -> int:
    base = chance.choice((_TEN_YEARS, -3600 * chance.randint(*_HOURS_BACK)))
    return base + 60 * chance.randint(*_MINUTES)
