"""Fragments that were drawn, for all who see the same: by address and viewer, until a block touches what they show."""
from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request

from moyai_webui.live.heights import Heights
from moyai_webui.pages.serving import is_phone

HEADER = "Moyai-Fragment"
KEPT_SECONDS = 30.0
"""A list also changes with the time of day: what became late, what became old."""
MOST_KEPT = 500
DRAWING_SECONDS = 5.0
"""How long one waits for another who draws the same."""
LOCKS = 64

Key = tuple[Any, ...]
VISITOR: Key = ()
"""Nobody is signed in, in no drill."""


def key_of(request: Request, scope: str | None, viewer: Key) -> Key:
    """Two people see the same who look at the same address with the same rights for the same office."""
    return (request.full_path, scope, is_phone(request.headers), *viewer)


def key_of_visitor(request: Request) -> Key:
    return key_of(request, None, VISITOR)


@dataclass(frozen=True)
class Fragment:
    """`block` is that of its topics when the drawing began."""

    topics: tuple[str, ...]
    block: int
    until: float
    body: bytes


class Shelf:
    """The latest few hundred fragments; safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, Fragment] = OrderedDict()
        self._drawing = [threading.Lock() for _ in range(LOCKS)]

    def take(self, key: Key, heights: Heights) -> bytes | None:
        """The fragment, if nothing that it shows has changed since."""
        with self._lock:
            found = self._kept.get(key)
        if found is None or found.until <= self._clock() or found.block != heights.of(found.topics):
            return None
        return found.body

    def put(self, key: Key, topics: tuple[str, ...], block: int, body: bytes) -> None:
        with self._lock:
            self._kept[key] = Fragment(topics, block, self._clock() + KEPT_SECONDS, body)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)

    def begin(self, key: Key) -> threading.Lock | None:
        """Waits until nobody draws this one; the caller releases the lock when it is done. None after a while."""
        lock = self._drawing[hash(key) % LOCKS]
        return lock if lock.acquire(timeout=DRAWING_SECONDS) else None
