"""The running bridge: broker → spool → database → ledger, each step in a thread of its own."""
from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence

import structlog
from moyai_client import Ledger, Profile
from moyai_client.errors import MoyaiError

from moyai_bridge import status
from moyai_bridge.anchor import Anchor
from moyai_bridge.mqtt_source import MqttSource
from moyai_bridge.pump import Pump
from moyai_bridge.settings import BridgeSettings
from moyai_bridge.spool import Spool
from moyai_bridge.store import schema
from moyai_bridge.store.batches import Batches
from moyai_bridge.store.intake import Intake

STATUS_SECONDS = 1.0
PAUSE_SECONDS = 1.0
"""Before the database or the ledger is tried again."""
IDLE_SECONDS = 0.5
CURRENT_SECONDS = 5
"""How often the database is told up to when it has everything; pages call what is a minute old late."""

log = structlog.get_logger()


class Worker:
    """A step that is done again and again in a thread of its own; `trouble` is what it waits for, empty if nothing."""

    def __init__(self, name: str, step: Callable[[], float], stop: threading.Event,
                 wake: threading.Event | None = None) -> None:
        """`step` returns how many seconds to wait, less if `wake` is set; its foreseen errors are tried again."""
        self.trouble = ""
        self.failure: BaseException | None = None
        self._name, self._step, self._stop, self._wake = name, step, stop, wake or stop
        self._thread = threading.Thread(target=self._run, name=name)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def join(self) -> None:
        """Waits until it has ended."""
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                pause = self._once()
                self._wake.wait(pause)
                if self._wake is not self._stop:
                    self._wake.clear()
        except BaseException as error:
            self.failure = error

    def _once(self) -> float:
        try:
            pause = self._step()
        except MoyaiError as error:
            if str(error) != self.trouble:
                log.warning("waiting", what=self._name, reason=str(error))
            self.trouble = str(error)
            return PAUSE_SECONDS
        self.trouble = ""
        return pause


class Bridge:
    """One bridge, from `run` until it is told to stop or drained."""

    def __init__(self, settings: BridgeSettings) -> None:
        self._settings = settings
        settings.folder.mkdir(parents=True, exist_ok=True)
        database = schema.open_readings(settings.readings)
        schema.prepare(database)
        self._ledger = Ledger.open(Profile.load(settings.bridge_profile))
        self._spool = Spool(settings.spool_file)
        self._source = MqttSource(settings.broker, self._keep)
        self._anchor = Anchor(Batches(database, settings.bridge_name), self._ledger)
        self._pump = Pump(self._spool, Intake(database, settings.bridge_name), self._source)
        self._stop, self._spooled = threading.Event(), threading.Event()
        self._pumping = Worker("pump", self._pump_once, self._stop, self._spooled)
        self._anchoring = Worker("anchor", self._anchor_once, self._stop)
        self._next_anchor = time.monotonic() + settings.anchor_seconds
        self._next_current = 0.0

    def run(self, stop: threading.Event, drain: threading.Event) -> None:
        """Until `stop` is set, or `drain` and everything in flight is on the ledger.

        Raises what ended a thread of its own.
        """
        workers = (self._pumping, self._anchoring)
        for worker in workers:
            worker.start()
        self._source.start()
        state = status.RUNNING
        self._tell(state)
        try:
            while not stop.wait(STATUS_SECONDS) and state != status.DRAINED:
                state = self._watch(state, drain)
        finally:
            self._stop.set()
            self._spooled.set()
            for worker in workers:
                worker.join()
            if state == status.DRAINED:
                self._source.leave()
                self._pump.tell_gone()
            else:
                self._source.stop()
                state = status.STOPPED
            self._tell(state)
            self._spool.close()
            self._ledger.close()

    def _watch(self, state: str, drain: threading.Event) -> str:
        for thread in (self._pumping, self._anchoring, self._source):
            if thread.failure is not None:
                raise thread.failure
        if drain.is_set() and state == status.RUNNING:
            log.info("draining")
            self._source.begin_draining()
            state = status.DRAINING
        if state == status.DRAINING and self._source.is_drained() and not len(self._spool) and self._anchor_all():
            state = status.DRAINED
            log.info("drained")
        self._tell(state)
        return state

    def _anchor_all(self) -> bool:
        """What was taken in is on the ledger before the bridge goes for good."""
        self._next_anchor = 0.0
        return not self._anchor.has_waiting()

    def _pump_once(self) -> float:
        moved = self._pump.move()
        # While the broker or the disk is away, more may be waiting than anybody here knows of.
        if time.monotonic() >= self._next_current and not self._source.trouble:
            self._pump.tell_current()
            self._next_current = time.monotonic() + CURRENT_SECONDS
        return IDLE_SECONDS if moved is None else 0.0

    def _anchor_once(self) -> float:
        if time.monotonic() >= self._next_anchor:
            self._anchor.run_once()
            self._next_anchor = time.monotonic() + self._settings.anchor_seconds
        return min(IDLE_SECONDS, self._settings.anchor_seconds)

    def _keep(self, messages: Sequence[tuple[str, bytes, int]]) -> None:
        self._spool.append(messages)
        self._spooled.set()

    def _tell(self, state: str) -> None:
        trouble = tuple(sentence for sentence in (self._source.trouble, self._pumping.trouble,
                                                  self._anchoring.trouble) if sentence)
        status.write(self._settings.status_file,
                     status.Status(os.getpid(), state, len(self._spool), trouble, int(time.time())))
