"""What a cumulative register has counted between two readings: the arithmetic that contract, bridge and pages share."""
from __future__ import annotations

from collections.abc import Iterable

HALF_HOUR = 1800
"""Seconds between two readings of a meter."""
_HOUR = 3600


def counted(first: int, last: int, *, digits: int, rollovers: int = 0,
            resets: Iterable[tuple[int, int]] = ()) -> int:
    """Steps from the first to the last reading.

    Each rollover passed 10^digits. Each reset (before, after) fell back without having counted; what the register did
    between these two readings is unknown and counts as nothing.
    """
    return last - first + rollovers * 10**digits + sum(before - after for before, after in resets)


def amount(steps: int, n: int, d: int) -> int:
    """Units of so many steps, one of which is n/d units; rounded half up, once."""
    return (2 * steps * n + d) // (2 * d)


def is_plausible(steps: int, n: int, d: int, *, capacity: int, seconds: int) -> bool:
    """Whether a device that does at most `capacity` units an hour can have counted so many steps in the time.

    One step more is granted: a register shows whole steps only.
    """
    return (steps - 1) * n * _HOUR <= capacity * seconds * d
