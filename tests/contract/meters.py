"""A meter that counts, forgets, falls back to zero and is not always heard: its truth is what went through it."""
from __future__ import annotations

import random
from dataclasses import dataclass, field

from moyai_contracts.api.devices import Reset, TotalsRow

from tests.contract.devices_story import HALF_HOUR

DIGITS = 4
MOST = 20
"""Steps in a half-hour."""


@dataclass
class Meter:
    """One register; `counted` are the steps of the current row that some reading tells of."""

    device_id: str
    chance: random.Random
    at: int
    raw: int = 0
    first: tuple[int, int] = field(init=False)
    read: tuple[int, int] = field(init=False)
    counted: int = 0
    received: int = 0
    rollovers: int = 0
    resets: list[Reset] = field(default_factory=list)
    _unread: int = 0
    _unread_rollovers: int = 0
    _fell: bool = False

    def __post_init__(self) -> None:
        self.raw = self.chance.randrange(10**DIGITS)
        self.first = self.read = (self.at, self.raw)

    def month(self, end: int, numerator: int, denominator: int) -> TotalsRow:
        """Runs until `end`; the row of what was read since the last one. A step is numerator/denominator units."""
        while self.at < end:
            self._half_hour()
            if self.chance.random() > 0.1:
                self._hear()
        amount, remainder = divmod(self.counted * numerator, denominator)
        row = TotalsRow(
            device_id=self.device_id, register="import", from_at=self.first[0], to_at=self.read[0],
            first_raw=self.first[1], last_raw=self.read[1], amount=amount + (2 * remainder >= denominator),
            expected=(self.read[0] - self.first[0]) // HALF_HOUR, received=self.received, quality="measured",
            rollovers=self.rollovers, resets=tuple(self.resets))
        self.first, self.counted, self.received, self.rollovers, self.resets = self.read, 0, 0, 0, []
        return row

    def _half_hour(self) -> None:
        self.at += HALF_HOUR
        steps = self.chance.randint(0, MOST)
        self.raw += steps
        self._unread += steps
        if self.raw >= 10**DIGITS:
            self.raw -= 10**DIGITS
            self._unread_rollovers += 1
        elif self.raw > 10**DIGITS // 2 and self.chance.random() < 0.002:
            self.raw, self._fell = 0, True

    def _hear(self) -> None:
        """A reading arrives. Where the counter fell since the last one, nobody knows what it had counted."""
        if self._fell:
            # Seen only by the fall: a rollover just before it leaves no trace.
            self.resets.append(Reset(self.read[1], self.raw))
        else:
            self.counted += self._unread
            self.rollovers += self._unread_rollovers
        self.read = (self.at, self.raw)
        self.received += 1
        self._unread, self._unread_rollovers, self._fell = 0, 0, False
