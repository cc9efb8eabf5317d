"""Simulated homes over broker and bridge, both killed -9 under load: every reading once, every fault seen."""
from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from moyai_bridge.simulator import faults
from moyai_bridge.simulator.comparison import compare
from moyai_bridge.simulator.found import counted_totals, stored_readings
from moyai_bridge.simulator.homes import CAPACITY, REGISTERS, Span, make_homes
from moyai_bridge.simulator.meter import sendings
from moyai_bridge.simulator.outbox import Outbox
from moyai_bridge.simulator.publisher import Device, Publisher
from moyai_bridge.simulator.truth import truth_of
from moyai_bridge.simulator.year import recorded_year
from moyai_bridge.store import schema
from moyai_bridge.store.device_readings import DeviceReadings
from moyai_bridge.store.devices import DeviceRegistry, NewDevice

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


def test_ten_homes_for_two_days_end_in_exactly_the_known_totals_whatever_is_killed(
        meters: MetersApart, tmp_path: Path) -> None:
    year, stop = recorded_year(), threading.Event()
    homes = {f"{home.number:026}": home for home in make_homes(HOMES, SEED, SPAN, year)}
    planned = {name: faults.plan(SEED, home, SPAN) for name, home in homes.items()}
    assert {fault.kind for one in planned.values() for fault in one} == set(faults.KINDS)
    database = schema.open_readings(meters.readings_url)
    registry = DeviceRegistry(database)
    for name, home in homes.items():
        registry.add(NewDevice(name, "", "meter", "", "", "", REGISTERS, CAPACITY, "Wh", home.step, 1, home.digits,
                               "2026-01-01"), int(time.time()))
    publisher = Publisher(
        Device(name, meters.authority.write(tmp_path / "devices", name), meters.address,
               Outbox(sendings(home, SPAN, year, planned[name]))) for name, home in homes.items())

    began = time.monotonic()
    killing = threading.Thread(target=_kill, args=(meters, began, stop))
    killing.start()
    watchdog = threading.Timer(150, stop.set)
    watchdog.start()
    all_durable = publisher.run(lambda: int((time.monotonic() - began) / SECONDS * SPAN.count), stop, lambda _: None)
    watchdog.cancel()
    killing.join()
    assert all_durable, f"{publisher.waiting} messages are not durable\n{meters.log()}"

    readings = DeviceReadings(database)
    stored = {name: stored_readings(readings, name) for name in homes}
    totals = {name: counted_totals(device.counter, stored[name]) for name in homes
              if (device := registry.find(name)) is not None}
    result = compare({name: truth_of(home, SPAN, year, planned[name]) for name, home in homes.items()}, stored, totals,
                     readings.duplicates())
    database.close()
    assert result.differences == []
    assert {line.what: line for line in result.lines}["readings"].found == sum(map(len, stored.values()))


def _kill(meters: MetersApart, began: float, stop: threading.Event) -> None:
    for after, program in KILLS:
        if stop.wait(max(0.0, began + after - time.monotonic())):
            return
        meters.kill(program)
