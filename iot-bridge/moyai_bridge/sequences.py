"""Which of a device's sequences have come, as the bridge tells it back to the device; pure."""
from __future__ import annotations

from collections.abc import Iterable

from moyai_contracts.api import canonical

MOST_MISSING = 200
"""So many of the latest that have not come are remembered; an older hole is told by its gap alone."""


class Sequence:
    """The greatest sequence that came, and those below it that did not."""

    def __init__(self, last: int | None = None, missing: Iterable[int] = ()) -> None:
        self.last = last
        self.missing = tuple(missing)

    def arrived(self, seq: int, *, counts: bool) -> None:
        """Takes note of one; where a device does not count, nothing can be missing."""
        if self.last is None or seq > self.last:
            if counts and self.last is not None:
                self.missing = (*self.missing, *range(max(self.last + 1, seq - MOST_MISSING), seq))[-MOST_MISSING:]
            self.last = seq
        elif seq in self.missing:
            self.missing = tuple(other for other in self.missing if other != seq)

    def message(self) -> bytes:
        """What is published to the device: it forgets a reading that it has sent when the reading's sequence is at
        most `seq` and not among `missing`."""
        return canonical.encode({"missing": list(self.missing), "seq": self.last})
