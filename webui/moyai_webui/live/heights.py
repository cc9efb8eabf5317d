"""How far each kind of document is, read from the database a few times a second whatever the number of open pages."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from moyai_webui.rows import DocumentHeights

KEPT_SECONDS = 0.3


class Heights:
    """The heights of this process. While one thread reads them anew the others go on with what is there."""

    def __init__(self, read: Callable[[], DocumentHeights], clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._reader = threading.Lock()
        self._known: tuple[float, DocumentHeights] | None = None

    def now(self) -> DocumentHeights:
        """At most `KEPT_SECONDS` old, and as much older as one reading takes."""
        if self._known is None:
            with self._reader:
                return self._fresh()
        if self._clock() >= self._known[0] and self._reader.acquire(blocking=False):
            try:
                return self._fresh()
            finally:
                self._reader.release()
        return self._known[1]

    def of(self, topics: Iterable[str]) -> int:
        """Number of the last block that wrote one of these kinds of documents, −1 before the first."""
        blocks = self.now().blocks
        return max((blocks.get(topic, -1) for topic in topics), default=-1)

    def _fresh(self) -> DocumentHeights:
        known = self._known
        if known is None or self._clock() >= known[0]:
            known = self._known = (self._clock() + KEPT_SECONDS, self._read())
        return known[1]
