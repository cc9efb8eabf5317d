"""What a register's counter can do, and what it did between two readings; pure."""
from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from moyai_contracts.api import metering


class Move(Enum):
    """How a counter came from one reading to a later one."""
    ONWARD = "onward"
    ROLLOVER = "rollover"
    RESET = "reset"
    """Fell back without rolling over."""
    JUMP = "jump"
    """Rose by more than the device can do."""

    @property
    def counts(self) -> bool:
        """Whether the difference tells what was counted."""
        return self in (Move.ONWARD, Move.ROLLOVER)


@dataclass(frozen=True)
class Point:
    """One reading of one register: the device's sequence, its clock in UTC seconds, the raw counter."""
    seq: int
    at: int
    raw: int


@dataclass(frozen=True)
class Counter:
    """`n`/`d` units are one raw step, `digits` until it starts again at zero, `capacity` units an hour at most."""
    n: int
    d: int
    digits: int
    capacity: int

    @property
    def size(self) -> int:
        """What the counter never shows: the next step shows zero."""
        return int(10 ** self.digits)

    def move(self, before: Point, after: Point, seconds: int | None = None) -> Move:
        """`after` is later by the clock; `seconds` is what passed, where the clock does not tell it."""
        passed, steps = after.at - before.at if seconds is None else seconds, after.raw - before.raw
        if after.raw >= self.size:
            return Move.JUMP
        if steps >= 0:
            return Move.ONWARD if self.can_count(steps, passed) else Move.JUMP
        return Move.ROLLOVER if self.can_count(steps + self.size, passed) else Move.RESET

    def can_count(self, steps: int, seconds: int) -> bool:
        """Whether the device can do so much in the time."""
        return metering.is_plausible(steps, self.n, self.d, capacity=self.capacity, seconds=seconds)

    def amount(self, steps: int) -> int:
        """Units of so many steps, rounded half up."""
        return metering.amount(steps, self.n, self.d)
