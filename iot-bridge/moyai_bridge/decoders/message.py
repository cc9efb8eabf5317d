"""What one message of a meter says, whatever form it came in."""
from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


class Undecodable(ValueError):
    """The payload is no message of its kind; the text says why. The raw bytes are kept as a dead letter."""


@dataclass(frozen=True)
class Message:
    """All registers of a device at one moment.

    `seq`: the device's own count, rising; `at`: its clock, UTC seconds; `registers`: register → cumulative counter as
    shown. `step`: units (Wh) of one counter step and `digits`, where the message states them; else those of the
    device's registration hold.
    """
    device_id: str
    seq: int
    at: int
    registers: dict[str, int]
    step: Fraction | None = None
    digits: int | None = None
