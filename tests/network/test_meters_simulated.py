"""Simulated homes over broker and bridge, both killed -9 under load: every reading once, every fault seen."""
from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from moyai_bridge.device_certificates import DeviceCertificate
from moyai_bridge.simulator import faults
from moyai_bridge.simulator.homes import Span
from moyai_bridge.simulator.simulation import Simulation
from moyai_bridge.simulator.year import HALF_HOUR, recorded_year
from moyai_bridge.store import schema
from moyai_bridge.store.device_readings import DeviceReadings
from moyai_bridge.store.devices import DeviceRegistry

from tests.network.meters_apart import MetersApart

SPAN = Span(1_767_193_200, 96)
"""Two days from 2026-01-01 in Japan."""
HOMES, SEED = 10, 4
SECONDS = 24.0
"""For the two days."""
KILLS = ((4.0, "bridge"), (9.0, "broker"), (15.0, "bridge"), (18.0, "broker"))


@pytest.fixture
def meters(tmp_path: Path) -> Iterator[MetersApart]:
    running = MetersApart(tmp_path)
    try:
        running.start("broker")
        running.start("bridge")
        yield running
    finally:
        running.close()


class CertificatesOf:
    """Enrols at the broker's device CA."""

    def __init__(self, meters: MetersApart, folder: Path) -> None:
        self._meters, self._folder = meters, folder

    def enrol(self, device_id: str) -> DeviceCertificate:
        files = self._meters.authority.write(self._folder, device_id)
        return DeviceCertificate(files.certificate.read_bytes(), files.private_key.read_bytes())


def test_ten_homes_for_two_days_end_in_exactly_the_known_totals_whatever_is_killed(
        meters: MetersApart, tmp_path: Path) -> None:
    simulation, stop = Simulation(HOMES, SPAN, recorded_year(), SEED), threading.Event()
    assert {fault.kind for one in simulation.devices.values() for fault in one.planned} == set(faults.KINDS)
    database = schema.open_readings(meters.readings_url)
    registry, readings = DeviceRegistry(database), DeviceReadings(database)
    credentials = simulation.enrol(registry, CertificatesOf(meters, tmp_path / "authority"), tmp_path / "devices")
    progress: list[tuple[float, int]] = []
    began = time.monotonic()
    killing = threading.Thread(target=_kill, args=(meters, began, stop))
    watchdog = threading.Timer(150, stop.set)
    killing.start()
    watchdog.start()
    left = simulation.play(meters.address, credentials, SPAN.count * HALF_HOUR / SECONDS, stop,
                           lambda waiting: progress.append((time.monotonic() - began, waiting)))
    watchdog.cancel()
    killing.join()
    assert left == 0, f"{left} messages are not durable\n{meters.log()}"
    result = simulation.compare(registry, readings, 0)
    database.close()
    assert result.differences == []
    assert {line.what: line for line in result.lines}["readings"].found > HOMES * 3 * 80
    for after, _ in KILLS:
        assert next(waiting for at, waiting in progress if at > after) > 0, "killed when nothing was under way"


def _kill(meters: MetersApart, began: float, stop: threading.Event) -> None:
    for after, program in KILLS:
        if stop.wait(max(0.0, began + after - time.monotonic())):
            return
        meters.kill(program)
