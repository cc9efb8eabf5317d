"""What a device has not heard to be safe yet: it forgets a reading only when the bridge named its sequence durable.

Neither a broker's acknowledgement nor its disk matters then. Pure; the clock is the caller's.
"""
from __future__ import annotations

from collections.abc import Collection, Iterable

from moyai_bridge.simulator.meter import Sending

WINDOW = 32
"""Messages under way at a time: published and not durable yet."""
PATIENCE_SECONDS = 20.0
"""After which what is under way is sent again: somebody lost it without the connection's breaking."""


class Outbox:
    """One device's readings by sequence."""

    def __init__(self, sendings: Iterable[Sending]) -> None:
        self._waiting = {sending.seq: sending for sending in sendings}
        self._under_way: set[int] = set()
        self._sent_once: set[int] = set()
        self._heard = False
        self._moved_at = 0.0

    @property
    def empty(self) -> bool:
        """Everything there ever was is durable."""
        return not self._waiting

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def first(self) -> int:
        """Number of the earliest reading that is not durable; raises ValueError where all are."""
        return min(sending.taken for sending in self._waiting.values())

    @property
    def unsent(self) -> int:
        """Messages that were never published."""
        return len(self._waiting) - len(self._sent_once)

    def due(self, reading: int, now: float) -> list[Sending]:
        """What to publish now that reading number `reading` is over; `now` in seconds of any steady clock."""
        if self._under_way and now - self._moved_at > PATIENCE_SECONDS:
            self._under_way.clear()
        # The bridge counts from the first sequence that it hears of: that one goes alone.
        room = (WINDOW if self._heard else 1) - len(self._under_way)
        chosen: list[Sending] = []
        for sending in self._waiting.values():
            if len(chosen) >= room or sending.taken > reading:
                break
            if sending.ready <= reading and sending.seq not in self._under_way:
                chosen.append(sending)
        self._under_way |= {sending.seq for sending in chosen}
        self._sent_once |= {sending.seq for sending in chosen}
        if chosen:
            self._moved_at = now
        return chosen

    def durable(self, seq: int, missing: Collection[int], now: float) -> None:
        """The bridge has everything up to `seq` but `missing`: forgets as much of what was sent."""
        self._heard = True
        for safe in [one for one in self._sent_once if one <= seq and one not in missing]:
            del self._waiting[safe]
            self._sent_once.remove(safe)
            self._under_way.discard(safe)
            self._moved_at = now

    def disconnected(self) -> None:
        """What was under way may have gone down with the connection; it is sent again."""
        self._under_way.clear()
