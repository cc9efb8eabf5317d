"""One run: homes get devices, the devices publish, and what is stored is held against the truth."""
from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from moyai_client.directory import new_account_id
from moyai_contracts.api.identifiers import CROCKFORD

from moyai_bridge.device_certificates import DeviceCertificate
from moyai_bridge.simulator import faults
from moyai_bridge.simulator.comparison import Comparison, compare
from moyai_bridge.simulator.faults import Fault
from moyai_bridge.simulator.found import counted_totals, stored_readings
from moyai_bridge.simulator.homes import CAPACITY, REGISTERS, Home, Span, make_homes
from moyai_bridge.simulator.meter import sendings
from moyai_bridge.simulator.outbox import Outbox
from moyai_bridge.simulator.publisher import BrokerAddress, Credentials, Device, Publisher
from moyai_bridge.simulator.truth import truth_of
from moyai_bridge.simulator.year import HALF_HOUR, LOCAL, Year
from moyai_bridge.store.device_readings import DeviceReadings
from moyai_bridge.store.devices import DeviceRegistry, NewDevice


class Authority(Protocol):
    """Whoever makes certificates of devices."""

    def enrol(self, device_id: str) -> DeviceCertificate:
        """A new device's certificate."""


@dataclass(frozen=True)
class Simulated:
    """A home and what is planned to go wrong with its meter."""

    home: Home
    planned: tuple[Fault, ...]


class Simulation:
    """Homes over a span; their devices are new ones at every run."""

    def __init__(self, homes: int, span: Span, year: Year, seed: int | None) -> None:
        """`seed` decides over homes and faults; None is a world without faults."""
        self.span, self._year = span, year
        self.devices = {_new_device_id(): Simulated(home, faults.plan(seed, home, span))
                        for home in make_homes(homes, seed or 0, span, year)}

    def enrol(self, registry: DeviceRegistry, authority: Authority, folder: Path) -> dict[str, Credentials]:
        """Enters every device in the registry and gets its certificate; files by device id, the keys for us alone.

        Raises AuthorityAway, AuthorityRefused.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = {}
        for device_id, simulated in self.devices.items():
            registry.add(self._as_registered(device_id, simulated.home), int(time.time()))
            certificate = authority.enrol(device_id)
            registry.set_certificate(device_id, certificate.fingerprint, certificate.serial)
            found[device_id] = _write(folder, device_id, certificate)
        return found

    def play(self, broker: BrokerAddress, credentials: dict[str, Credentials], speed: float, stop: threading.Event,
             progress: Callable[[int], None]) -> int:
        """Publishes the span `speed` times as fast as it was, until all is durable or `stop` is set.

        Returns how many messages are not durable; `progress` hears that too, again and again.
        """
        publisher = Publisher(
            Device(device_id, credentials[device_id], broker,
                   Outbox(sendings(simulated.home, self.span, self._year, simulated.planned)))
            for device_id, simulated in self.devices.items())
        began = time.monotonic()
        publisher.run(lambda: int((time.monotonic() - began) * speed / HALF_HOUR), stop, progress)
        return publisher.waiting

    def compare(self, registry: DeviceRegistry, readings: DeviceReadings, duplicates_before: int) -> Comparison:
        """The truth against what is stored; `duplicates_before`: those counted before the run. Raises StoreAway."""
        stored = {device_id: stored_readings(readings, device_id) for device_id in self.devices}
        totals = {device_id: counted_totals(device.counter, stored[device_id]) for device_id in self.devices
                  if (device := registry.find(device_id)) is not None}
        truths = {device_id: truth_of(simulated.home, self.span, self._year, simulated.planned)
                  for device_id, simulated in self.devices.items()}
        return compare(truths, stored, totals, readings.duplicates() - duplicates_before)

    def _as_registered(self, device_id: str, home: Home) -> NewDevice:
        day = datetime.fromtimestamp(self.span.start, LOCAL).date().isoformat()
        return NewDevice(device_id=device_id, label=f"simulated home {home.number + 1}", kind="meter",
                         account=new_account_id(), serial=f"SIMULATED-{device_id}", supply_point="",
                         registers=REGISTERS, capacity=CAPACITY, unit="Wh", coefficient_n=home.step, coefficient_d=1,
                         digits=home.digits, installed_on=day)


def _new_device_id() -> str:
    return "".join(secrets.choice(CROCKFORD) for _ in range(26))


def _write(folder: Path, device_id: str, certificate: DeviceCertificate) -> Credentials:
    found = Credentials(folder / f"{device_id}.crt", folder / f"{device_id}.key")
    found.certificate.write_bytes(certificate.certificate)
    with open(os.open(found.private_key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(certificate.private_key)
    return found
