"""The truth of the simulator against the bridge's marks and counting, with no program between: both must agree."""
from __future__ import annotations

import time
from pathlib import Path

import pytest
from moyai_bridge.pump import Pump
from moyai_bridge.sequences import Sequence
from moyai_bridge.simulator import faults
from moyai_bridge.simulator.comparison import Comparison, compare
from moyai_bridge.simulator.found import counted_totals, stored_readings
from moyai_bridge.simulator.homes import CAPACITY, REGISTERS, Home, Span, make_homes
from moyai_bridge.simulator.meter import sendings
from moyai_bridge.simulator.truth import truth_of
from moyai_bridge.simulator.year import recorded_year
from moyai_bridge.spool import Spool
from moyai_bridge.store import schema
from moyai_bridge.store.device_readings import DeviceReadings
from moyai_bridge.store.devices import DeviceRegistry, NewDevice
from moyai_bridge.store.intake import Intake

START = 1_767_193_200
"""2026-01-01 00:00 in Japan."""


class Nobody:
    """Hears what is durable."""

    def publish_durable(self, device_id: str, sequence: Sequence) -> None:
        pass


def device_id(home: Home) -> str:
    return f"{home.number:026}"


def as_registered(home: Home) -> NewDevice:
    return NewDevice(device_id(home), "", "meter", "", "", "", REGISTERS, CAPACITY, "Wh", home.step, 1, home.digits,
                     "2026-01-01")


def taken_in(folder: Path, seed: int, days: int, spoil: bool = False) -> Comparison:
    """Every message of four homes through spool, decoder and database in the order of its sending."""
    span, year = Span(START, days * 48), recorded_year()
    homes = {device_id(home): home for home in make_homes(4, seed, span, year)}
    planned = {name: faults.plan(seed, home, (span.count,)) for name, home in homes.items()}
    database = schema.open_readings(f"sqlite:///{folder / 'readings.sqlite'}")
    schema.prepare(database)
    registry, spool = DeviceRegistry(database), Spool(folder / "spool.sqlite")
    for home in homes.values():
        registry.add(as_registered(home), START)
    sent = sorted(((sending.ready, name, sending) for name, home in homes.items()
                   for sending in sendings(home, span, year, planned[name])), key=lambda item: item[:2])
    messages = [(f"m/{name}/registers", sending.payload, int(time.time()))
                for _, name, sending in sent for _ in range(sending.copies)]
    spool.append(messages[:-1] if spoil else messages)
    pump = Pump(spool, Intake(database, "1"), Nobody())
    while pump.move() is not None:
        pass
    readings = DeviceReadings(database)
    stored = {name: stored_readings(readings, name) for name in homes}
    totals = {name: counted_totals(registry.find(name).counter, found) for name, found in stored.items()}
    truths = {name: truth_of(home, span, year, planned[name]) for name, home in homes.items()}
    spool.close()
    database.close()
    return compare(truths, stored, totals, readings.duplicates())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_bridge_finds_exactly_what_the_year_and_the_faults_make(seed: int, tmp_path: Path) -> None:
    result = taken_in(tmp_path, seed, days=10)
    assert result.differences == []
    lines = {line.what.partition(",")[0]: line for line in result.lines}
    assert all(lines[f"marked {mark}"].found > 0 for mark in ("gap", "reset", "rollover", "clock"))
    assert lines["overtook another"].found > 0
    assert lines["duplicates"].found == lines["duplicates"].expected > 0


def test_one_lost_message_is_noticed(tmp_path: Path) -> None:
    assert len(taken_in(tmp_path, 1, days=3, spoil=True).differences) >= 3
