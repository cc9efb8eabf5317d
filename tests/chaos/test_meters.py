"""Simulated homes on the real network; broker, bridge and peer are killed -9: all is stored and anchored once."""
from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator

import pytest
from moyai_bridge.store import schema
from moyai_bridge.store.batches import ANCHORED, Batches
from moyai_network.rendering.meters import simulator_settings
from moyai_network.waiting import wait_for

from tests.contract.fabric_channel import FabricChannel
from tests.network.consortium import MOYAI, RunningConsortium

CODE = "172022"
HOMES, SEED = 10, 4
VICTIMS = (f"bridge-{CODE}-1", f"broker-{CODE}", f"peer-{CODE}", f"bridge-{CODE}-1")
SECONDS_BETWEEN = 4.0
SPEED = 2 * 86400 / 24
"""Two days in 24 seconds, so that all are killed under load."""
ANCHORED_SECONDS = 150


@pytest.fixture
def meters(consortium: RunningConsortium, channel: FabricChannel) -> Iterator[RunningConsortium]:
    """The network with its municipalities on the channel, and their brokers and bridges."""
    done = consortium.moyai("network", "start", "meters")
    assert done.returncode == 0, done.stderr
    yield consortium
    consortium.stop("meters")


def anchored_leaves(meters: RunningConsortium, readings: str) -> int:
    """How many readings of the municipality are anchored, as soon as none is left to anchor."""
    database = schema.open_readings(readings)
    try:
        batches = Batches(database, "1")
        wait_for(lambda: not batches.has_unanchored(), seconds=ANCHORED_SECONDS,
                 failure=lambda: "readings were not anchored:\n" + "\n".join(meters.log(f"bridge-{CODE}-1", 20)))
        return sum(batch.size or 0 for batch in batches.in_state(ANCHORED))
    finally:
        database.close()


def test_what_ten_homes_measure_in_two_days_is_stored_and_anchored_once_whatever_is_killed(
        meters: RunningConsortium) -> None:
    municipality = next(one for one in meters.definition.municipalities if one.code == CODE)
    settings = simulator_settings(municipality, meters.state)
    before = anchored_leaves(meters, settings["MOYAI_READINGS_URL"])
    simulation = subprocess.Popen(
        [MOYAI, "bridge", "simulate", "--homes", str(HOMES), "--from", "2026-01-01", "--until", "2026-01-03",
         "--speed", str(SPEED), "--faults", str(SEED)],
        env={**os.environ, **settings}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert simulation.stdout is not None
        assert "devices are enrolled" in simulation.stdout.readline()
        for victim in VICTIMS:
            time.sleep(SECONDS_BETWEEN)
            assert simulation.poll() is None, "everything was over before all were killed"
            meters.wait_restarted(victim, meters.kill(victim))
        told, _ = simulation.communicate(timeout=180)
    finally:
        simulation.kill()
        simulation.wait()
    assert simulation.returncode == 0, told
    assert "Everything is there once" in told

    stored = int(next(line for line in told.splitlines() if "readings" in line).split("│")[-2])
    assert anchored_leaves(meters, settings["MOYAI_READINGS_URL"]) - before == stored > HOMES * 3 * 80
