"""One run: homes have devices, the devices publish, and what is stored is held against the truth."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from moyai_bridge.device_certificates import AlreadyEnrolled
from moyai_bridge.ledger_pages import LedgerPages
from moyai_bridge.simulator import faults
from moyai_bridge.simulator.comparison import Comparison, compare, compare_months
from moyai_bridge.simulator.faults import Fault
from moyai_bridge.simulator.found import counted_totals, stored_readings
from moyai_bridge.simulator.homes import REGISTERS, Home, Span, make_homes
from moyai_bridge.simulator.ledger_totals import ledger_totals
from moyai_bridge.simulator.meter import Sending, sendings
from moyai_bridge.simulator.office import Office
from moyai_bridge.simulator.outbox import Outbox
from moyai_bridge.simulator.publisher import BrokerAddress, Credentials, Device, Publisher
from moyai_bridge.simulator.roster import Roster
from moyai_bridge.simulator.truth import Truth, truth_of
from moyai_bridge.simulator.year import HALF_HOUR, CalendarMonth, Year, months_over
from moyai_bridge.store.device_readings import DeviceReadings
from moyai_bridge.store.devices import DeviceRegistry

_AT_ONCE = 4
"""Devices that are registered at a time."""


@dataclass(frozen=True)
class Simulated:
    """A home and what is planned to go wrong with its meter."""

    home: Home
    planned: tuple[Fault, ...]


class Simulation:
    """The homes of a roster from its start to the end of its last leg."""

    def __init__(self, roster: Roster, file: Path, year: Year) -> None:
        """`file` keeps the roster."""
        self.span = Span(roster.start, roster.legs[-1])
        self._roster, self._file, self._year = roster, file, year
        self._lock = threading.Lock()
        homes = make_homes(len(roster.households), roster.seed or 0, Span(roster.start, roster.legs[0]), year)
        self._simulated = [Simulated(home, faults.plan(roster.seed, home, roster.legs)) for home in homes]

    @property
    def devices(self) -> Mapping[str, Simulated]:
        """Homes by device id."""
        return {household.device_id: simulated
                for household, simulated in zip(self._roster.households, self._simulated, strict=True)}

    @property
    def months(self) -> list[CalendarMonth]:
        """Those whose totals must be on the ledger: something was read after their end."""
        return months_over(self.span.start, self.span.at(self.span.count))

    @cached_property
    def truths(self) -> dict[str, Truth]:
        """What must be found in the end, by device id."""
        return {device_id: truth_of(simulated.home, self.span, self._year, simulated.planned, self.months)
                for device_id, simulated in self.devices.items()}

    def register(self, office: Office, progress: Callable[[int], None]) -> dict[str, Credentials]:
        """Gives every home its resident and its device, as far as it has none; files by device id.

        `progress` hears how many homes are ready. Raises MoyaiError.
        """
        height, ready, found = office.open_accounts(self._roster), 0, {}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for device_id, credentials in pool.map(lambda place: self._register(office, place, height),
                                                   range(len(self._simulated))):
                found[device_id], ready = credentials, ready + 1
                progress(ready)
        return found

    def play(self, broker: BrokerAddress, credentials: Mapping[str, Credentials], registry: DeviceRegistry,
             speed: float, stop: threading.Event, progress: Callable[[int, int], None]) -> int:
        """Publishes what is not in the database `speed` times as fast as it was, until all is or `stop` is set.

        Returns how many messages are not durable; `progress` hears that and how many were never published.
        """
        outboxes = {device_id: Outbox(self._not_stored(registry, device_id)) for device_id in self.devices}
        publisher = Publisher(Device(device_id, credentials[device_id], broker, outbox)
                              for device_id, outbox in outboxes.items())
        first = min((outbox.first for outbox in outboxes.values() if not outbox.empty), default=0)
        began = time.monotonic()
        publisher.run(lambda: first + int((time.monotonic() - began) * speed / HALF_HOUR), stop,
                      lambda: progress(publisher.waiting, publisher.unsent))
        return publisher.waiting

    def messages(self) -> int:
        """How many different ones the meters take in the whole span."""
        return sum(len(truth.values) for truth in self.truths.values()) // len(REGISTERS)

    def compare(self, registry: DeviceRegistry, readings: DeviceReadings) -> Comparison:
        """The truth against what is stored. Raises StoreAway."""
        stored = {device_id: stored_readings(readings, device_id) for device_id in self.devices}
        totals = {device_id: counted_totals(device.counter, stored[device_id]) for device_id in self.devices
                  if (device := registry.find(device_id)) is not None}
        return compare(self.truths, stored, totals, readings.duplicates() - self._roster.duplicates)

    def compare_ledger(self, pages: LedgerPages) -> Comparison:
        """The truth of all months that are over against the ledger. Raises Refused, NotSent."""
        return compare_months(self.truths, ledger_totals(
            pages, [month.name for month in self.months], frozenset(self.truths)))

    def _register(self, office: Office, place: int, height: int | None) -> tuple[str, Credentials]:
        home = self._simulated[place].home
        household = self._roster.households[place]
        try:
            return household.device_id, office.register(household, home, self.span.start, height)
        except AlreadyEnrolled:
            office.forget(household)
        household = household.with_new_device()
        with self._lock:
            self._roster = self._roster.replaced(place, household)
            self._roster.save(self._file)
        return household.device_id, office.register(household, home, self.span.start, height)

    def _not_stored(self, registry: DeviceRegistry, device_id: str) -> list[Sending]:
        """What an earlier run did not bring home."""
        simulated, device = self.devices[device_id], registry.find(device_id)
        last, missing = (-1, ()) if device is None or device.last_seq is None else (device.last_seq, device.missing)
        return [sending for sending in sendings(simulated.home, self.span, self._year, simulated.planned)
                if sending.seq > last or sending.seq in missing]
