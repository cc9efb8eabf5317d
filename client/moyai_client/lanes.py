"""One lane for each contended key: who waits here does not lose a race in a block."""
from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager


_all: weakref.WeakSet[Lanes] = weakref.WeakSet()


class Lanes:
    """Named locks of one process; a lane exists only while somebody is in it or waits for it."""

    def __init__(self) -> None:
        self._reset()
        _all.add(self)

    @contextmanager
    def hold(self, key: str | None) -> Iterator[None]:
        """Waits until the lane of `key` is free and keeps it; no key, no lane."""
        if key is None:
            yield
            return
        with self._guard:
            lane, users = self._lanes.get(key, (threading.Lock(), 0))
            self._lanes[key] = (lane, users + 1)
        try:
            with lane:
                yield
        finally:
            with self._guard:
                lane, users = self._lanes[key]
                if users == 1:
                    del self._lanes[key]
                else:
                    self._lanes[key] = (lane, users - 1)

    def _reset(self) -> None:
        self._guard = threading.Lock()
        self._lanes: dict[str, tuple[threading.Lock, int]] = {}


def _reset_all() -> None:
    """A child inherits locks that its parent's threads held; nobody would ever release them there."""
    for lanes in _all:
        lanes._reset()


os.register_at_fork(after_in_child=_reset_all)
