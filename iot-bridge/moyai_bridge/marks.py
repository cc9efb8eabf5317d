"""What is odd about a reading, told from its neighbours; pure. A mark changes no value and hides none."""
from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

SLOT_SECONDS = 1800
GAP, RESET, ROLLOVER, REPEAT, JUMP, CLOCK = "gap", "reset", "rollover", "repeat", "jump", "clock"
DUPLICATE = "duplicate"
"""The same reading again: counted with the one that stands, not kept twice."""
MARKS = (GAP, DUPLICATE, RESET, ROLLOVER, REPEAT, JUMP, CLOCK)

STUCK_SECONDS = 24 * 3600
AHEAD_SECONDS = 15 * 60


@dataclass(frozen=True)
class Counter:
    """What a counter can do: `step` units a raw step, rolls over after `digits`, at most `capacity` units an hour."""
    step: Fraction
    digits: int
    capacity: int

    def possible_steps(self, seconds: int) -> Fraction:
        """Most raw steps in a time; one more than the capacity gives, for both ends are rounded."""
        return Fraction(self.capacity * seconds, 3600) / self.step + 1

    @property
    def size(self) -> int:
        """Where the counter starts again at zero."""
        return int(10 ** self.digits)


@dataclass(frozen=True)
class Point:
    """One reading of one register: device clock and counter."""
    at: int
    raw: int


def marks(counter: Counter, before: Point | None, point: Point, received_at: int,
          unchanged_since: int | None = None) -> frozenset[str]:
    """Marks of `point` after `before`, the register's reading with the greatest earlier time.

    `unchanged_since`: time of the first reading of the run that shows the same counter as `before`.
    """
    found = set()
    if point.at > received_at + AHEAD_SECONDS or point.at % SLOT_SECONDS:
        found.add(CLOCK)
    if point.raw >= counter.size:
        found.add(JUMP)
    if before is None:
        return frozenset(found)
    seconds = point.at - before.at
    if seconds > SLOT_SECONDS * 3 // 2:
        found.add(GAP)
    possible = counter.possible_steps(seconds)
    if point.raw < before.raw:
        rolled = point.raw + counter.size - before.raw
        found.add(ROLLOVER if rolled <= possible else RESET)
    elif point.raw - before.raw > possible:
        found.add(JUMP)
    elif point.raw == before.raw and point.at - (unchanged_since or before.at) >= STUCK_SECONDS:
        found.add(REPEAT)
    return frozenset(found)
