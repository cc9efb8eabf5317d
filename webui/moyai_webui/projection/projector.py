"""Keeps the projection at the head of the chain: block after block, each in one database transaction."""
from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Protocol

import structlog
from moyai_client import Block, NotSent

from moyai_webui.projection.block import changes_of
from moyai_webui.projection.changes import BlockChanges

GLANCE_SECONDS = 2.0

log = structlog.get_logger()


class Chain(Protocol):
    """What the projector asks of the ledger client."""

    def blocks(self, start: int, *, stop: threading.Event | None = None, last: int | None = None) -> Iterator[Block]:
        ...

    def height(self) -> int: ...


class Store(Protocol):
    """What the projector asks of the database."""

    def cursor(self) -> int: ...

    def apply(self, changes: BlockChanges) -> bool: ...

    def seen(self, block: int, at: datetime) -> None: ...


class Projector:
    """Applies the blocks of a chain to a store, for one municipality."""

    def __init__(self, chain: Chain, store: Store, municipality: str,
                 clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> None:
        self._chain = chain
        self._store = store
        self._municipality = municipality
        self._clock = clock

    def run(self, stop: threading.Event) -> None:
        """Follows the chain until `stop` is set. Raises BrokenHandler at what it does not understand: the cursor
        then stays before that block."""
        start = self._store.cursor() + 1
        log.info("projecting", block=start)
        with self._glancing(stop):
            for block in self._chain.blocks(start, stop=stop):
                self._store.apply(changes_of(block, self._municipality))

    def glance(self) -> None:
        """Notes the time when the chain has nothing that the projection lacks."""
        at, applied = self._clock(), self._store.cursor()
        try:
            height = self._chain.height()
        except NotSent as error:
            log.warning("own peer away", reason=str(error))
            return
        if height == applied + 1:
            self._store.seen(applied, at)
        elif height <= applied:
            log.warning("own peer is behind the projection", height=height, applied=applied)

    @contextmanager
    def _glancing(self, stop: threading.Event) -> Iterator[None]:
        """Glances every few seconds beside the blocks; what goes wrong there ends the projector too."""
        done = threading.Event()
        failures: list[Exception] = []

        def glance_again_and_again() -> None:
            try:
                while not done.wait(GLANCE_SECONDS):
                    self.glance()
            except Exception as error:
                failures.append(error)
                stop.set()

        thread = threading.Thread(target=glance_again_and_again, name="glance", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
        if failures:
            raise failures[0]
