"""What is odd about a reading, told from the one before it; pure. A mark changes no value and hides none."""
from __future__ import annotations

from moyai_contracts.api.metering import HALF_HOUR

from moyai_bridge.counter import Counter, Move, Point

GAP, DUPLICATE, RESET, ROLLOVER, REPEAT, JUMP, CLOCK = (
    "gap", "duplicate", "reset", "rollover", "repeat", "jump", "clock")
MARKS = (GAP, DUPLICATE, RESET, ROLLOVER, REPEAT, JUMP, CLOCK)
"""As a batch counts them. A duplicate is counted with the reading that stands and not kept twice."""

STUCK_SECONDS = 3 * 24 * 3600
"""No sun for two days is weather; a counter that stands still for longer is worth a look."""
AHEAD_SECONDS = 15 * 60
_GAP_SECONDS = HALF_HOUR * 3 // 2
_OF_MOVE = {Move.ROLLOVER: ROLLOVER, Move.RESET: RESET, Move.JUMP: JUMP}


def marks(counter: Counter, before: Point | None, point: Point, *, received_at: int,
          unchanged_since: int | None = None) -> frozenset[str]:
    """Marks of `point`, whose register read `before` at the sequence next below, None for its first.

    `unchanged_since`: meter time from which on the register has shown what `before` shows.
    """
    found = set()
    if point.at > received_at + AHEAD_SECONDS:
        found.add(CLOCK)
    if before is None:
        return frozenset(found | ({JUMP} if point.raw >= counter.size else set()))
    if point.at <= before.at:
        # Time runs against the sequence: one of both clocks was wrong, and no speed can be told.
        return frozenset(found | {CLOCK})
    if point.at - before.at > _GAP_SECONDS:
        found.add(GAP)
    move = counter.move(before, point)
    if move in _OF_MOVE:
        found.add(_OF_MOVE[move])
    elif point.raw == before.raw and unchanged_since is not None and point.at - unchanged_since >= STUCK_SECONDS:
        found.add(REPEAT)
    return frozenset(found)


def to_bits(found: frozenset[str]) -> int:
    """Marks as one small number, bit i for MARKS[i]."""
    return sum(1 << place for place, mark in enumerate(MARKS) if mark in found)


def from_bits(bits: int) -> tuple[str, ...]:
    """The marks in a number, in the order of MARKS."""
    return tuple(mark for place, mark in enumerate(MARKS) if bits >> place & 1)
