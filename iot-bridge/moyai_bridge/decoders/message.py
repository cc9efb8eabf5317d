"""What one message of a meter says, whatever form it came in."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction


class Undecodable(ValueError):
    """The payload is no message of its kind; the text says why. The raw bytes are kept as a dead letter."""


@dataclass(frozen=True)
class Message:
    """All registers of a device at one moment.

    `seq`: the device's own count, rising by one, or its time where it does not count (`counts` is false); `at`: its
    clock, UTC seconds; `registers`: register → cumulative counter as shown. `step`: units of one counter step and
    `digits`, where the message states them; else those of the device's registration hold.
    """
    device_id: str
    seq: int
    at: int
    registers: Mapping[str, int]
    unit: str
    step: Fraction | None = None
    digits: int | None = None
    counts: bool = True
