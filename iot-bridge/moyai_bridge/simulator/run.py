"""A run from its roster to the comparison: register, play, wait for the ledger, compare."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click
from moyai_client import Ledger, Profile
from moyai_client.directory import Console
from moyai_contracts.api import Actor
from moyai_database.database import Database

from moyai_bridge.device_certificates import DeviceCertificates
from moyai_bridge.ledger_pages import LedgerPages
from moyai_bridge.simulator import teller as stages
from moyai_bridge.simulator.comparison import Comparison
from moyai_bridge.simulator.homes import REGISTERS
from moyai_bridge.simulator.office import Office
from moyai_bridge.simulator.publisher import BrokerAddress
from moyai_bridge.simulator.settings import SimulatorSettings
from moyai_bridge.simulator.simulation import Simulation
from moyai_bridge.simulator.teller import Teller
from moyai_bridge.store.anchoring import Anchoring
from moyai_bridge.store.device_readings import DeviceReadings
from moyai_bridge.store.devices import DeviceRegistry
from moyai_bridge.store.epoch_keys import EpochKeys

_LOOK_SECONDS = 2.0


class Stopped(click.ClickException):
    """A signal ended the run before there was anything to compare."""


@dataclass(frozen=True)
class Run:
    """One run of a simulation; `patience` are the seconds that the ledger gets once everything is durable."""

    settings: SimulatorSettings
    database: Database
    simulation: Simulation
    folder: Path
    speed: float
    patience: float
    stop: threading.Event

    def through(self, teller: Teller) -> list[Comparison]:
        """Everything up to the comparisons with the database and with the ledger. Raises Stopped, MoyaiError."""
        with closing(Ledger.open(Profile.load(self.settings.profile))) as ledger:
            self._play(ledger, teller)
            self._wait_anchored(teller)
            stored = self.simulation.compare(DeviceRegistry(self.database), DeviceReadings(self.database))
            return [stored, self._compare_ledger(LedgerPages(ledger, self.settings.municipality), teller)]

    def _play(self, ledger: Ledger, teller: Teller) -> None:
        registry, settings = DeviceRegistry(self.database), self.settings
        office = Office(registry, EpochKeys(self.database), DeviceCertificates(settings), ledger,
                        _administrator(settings.console_profile), self.folder)
        homes, span = len(self.simulation.devices), self.simulation.span
        teller.begin(stages.HOMES, homes)
        credentials = self.simulation.register(office, lambda ready: teller.come(stages.HOMES, ready))
        teller.reached(stages.HOMES, f"{homes} homes are registered; {span.count} half-hours from {span.start}, "
                                     f"{self.speed:g} times as fast")
        broker = BrokerAddress(settings.broker_host, settings.broker_port, settings.broker_ca)
        left = self.simulation.play(broker, credentials, registry, self.speed, self.stop, self._progress(teller))
        if left:
            raise Stopped(f"Stopped: {left} messages were not durable yet, nothing was compared.")
        teller.reached(stages.DURABLE, "Everything is durable.")

    def _progress(self, teller: Teller) -> Callable[[int, int], None]:
        """Moves the bars of readings: published, durable, anchored."""
        total, anchoring = self.simulation.messages(), Anchoring(self.database)
        for stage in (stages.READINGS, stages.DURABLE, stages.ANCHORED):
            teller.begin(stage, total * len(REGISTERS))
        look_at = 0.0

        def progress(waiting: int, unsent: int) -> None:
            nonlocal look_at
            if time.monotonic() < look_at:
                return
            look_at = time.monotonic() + _LOOK_SECONDS
            durable = (total - waiting) * len(REGISTERS)
            teller.come(stages.READINGS, (total - unsent) * len(REGISTERS))
            teller.come(stages.DURABLE, durable)
            teller.come(stages.ANCHORED, max(0, durable - anchoring.waiting(anchoring.latest())))
        return progress

    def _wait_anchored(self, teller: Teller) -> None:
        anchoring, total = Anchoring(self.database), self.simulation.messages() * len(REGISTERS)
        for stage in (stages.READINGS, stages.DURABLE):
            teller.come(stage, total)
        latest, waiting = anchoring.latest(), 0

        def anchored() -> bool:
            nonlocal waiting
            waiting = anchoring.waiting(latest)
            teller.come(stages.ANCHORED, max(0, total - waiting))
            return not waiting
        if not self._within_patience(anchored):
            raise click.ClickException(f"{waiting} readings are not anchored {self.patience:.0f} s after all were "
                                       "durable: does the bridge run?")
        teller.reached(stages.ANCHORED, "Everything is anchored.")

    def _compare_ledger(self, totals: LedgerPages, teller: Teller) -> Comparison:
        months = self.simulation.months
        teller.begin(stages.MONTHS, len(months))
        result = self.simulation.compare_ledger(totals)

        def agrees() -> bool:
            nonlocal result
            result = self.simulation.compare_ledger(totals)
            return not result.differences
        if result.differences and self._within_patience(agrees):
            teller.come(stages.MONTHS, len(months))
        if months and not result.differences:
            teller.reached(stages.MONTHS, f"The ledger has the totals of {', '.join(month.name for month in months)}.")
        return result

    def _within_patience(self, condition: Callable[[], bool]) -> bool:
        """Whether it comes to hold. Raises Stopped."""
        end = time.monotonic() + self.patience
        while not condition():
            if self.stop.wait(_LOOK_SECONDS):
                raise Stopped("Stopped: everything is durable, nothing was compared.")
            if time.monotonic() > end:
                return False
        return True


def _administrator(console_profile: Path) -> Actor:
    """Whose office registers the homes."""
    console = Console.open(console_profile)
    try:
        return console.administrator()[0]
    finally:
        console.ledger.close()
