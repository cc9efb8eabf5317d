"""Simulated homes on a real network while everything that carries their readings is killed -9: nothing is lost or
doubled: in the database, on the ledger, in the read model, by the auditor's judgement.

`make chaos-meters` does the same with 200 homes for a month (tests/chaos/meters_month.py).
"""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moyai_bridge import status
from moyai_network.waiting import wait_for

from tests.chaos.meters_site import (
    CODE, FIRST_BRIDGE, SECOND_BRIDGE, TOTALS, VICTIMS, MetersSite, Simulation, kill_under_load, require_agreement,
    require_anchored_once, require_projected, require_proofs)
from tests.network.consortium import RunningConsortium

NAME = ("--name", "short")
HOMES, SEED = 10, 4
FIRST, NEW_YEAR_NOON, NEXT_NOON = "2025-12-30", "2026-01-01T12:00", "2026-01-02T12:00"
SPEED = 6000
"""Sixty hours in 36 seconds."""
PAUSE_SECONDS = 2.0


@pytest.fixture(scope="module")
def site(honest_consortium: RunningConsortium) -> Iterator[MetersSite]:
    opened = MetersSite(honest_consortium)
    yield opened
    opened.close()


def test_what_ten_homes_measure_ends_in_the_known_totals_on_the_ledger_whatever_is_killed(
        site: MetersSite, tmp_path: Path) -> None:
    story = (*NAME, "--homes", str(HOMES), "--from", FIRST, "--until", NEW_YEAR_NOON, "--speed", str(SPEED), "--faults",
             str(SEED))
    with site.needs() as load:
        simulation = Simulation(site, tmp_path, *story)
        try:
            simulation.wait_registered(60)
            assert kill_under_load(site.network, simulation, VICTIMS, PAUSE_SECONDS) == len(VICTIMS)
            assert simulation.is_under_load()
            simulation.kill()
            simulation = Simulation(site, tmp_path, *story)
            report = simulation.finish(300)
        finally:
            simulation.kill()
    assert site.rows("SELECT count(*) FROM device") == [(HOMES,)], "killed like the others, it went on with its homes"
    readings = require_anchored_once(site)
    assert report["lines"]["readings"] == [readings, readings] and readings > HOMES * 3 * 100
    assert report["lines"]["2025-12 import, Wh on the ledger"][1] > 0 and site.months()["recorded"] == "2025-12"
    assert all(report["lines"][f"marked {mark}"][1] for mark in ("gap", "reset", "rollover", "clock"))
    require_proofs(site, 5, SEED)
    assert require_projected(site, load) > 10


def test_of_two_bridges_one_is_drained_and_taken_out_the_other_killed(site: MetersSite, tmp_path: Path) -> None:
    site.network.start(SECOND_BRIDGE)
    file = site.folder / "spool-2.status.json"
    wait_for(lambda: (now := status.read(file)) and now.state == status.RUNNING and not now.trouble, seconds=30,
             failure=lambda: "\n".join(site.network.log(SECOND_BRIDGE, 20)))
    simulation = Simulation(site, tmp_path, *NAME, "--until", NEXT_NOON, "--speed", str(SPEED))
    try:
        simulation.wait_registered(60)
        wait_for(lambda: site.rows("SELECT 1 FROM batch JOIN reading USING (batch) WHERE bridge = '2' LIMIT 1"),
                 seconds=30, failure=lambda: "the second bridge gets no messages")
        drained = site.bridge("drain", str(file))
        assert (drained.returncode, drained.stdout.strip()) == (0, "drained"), drained.stderr
        assert kill_under_load(site.network, simulation, (FIRST_BRIDGE,), 0.0) == 1
        simulation.finish(300)
    finally:
        simulation.kill()
    require_anchored_once(site)
    assert site.network.pids(SECOND_BRIDGE) == [], "it is taken out"
    taken = dict(site.rows("SELECT bridge, sum(size) FROM batch GROUP BY bridge"))
    assert taken["1"] > taken["2"] > 0


def test_readings_that_come_after_their_month_are_told_and_a_clerk_corrects_the_page(
        site: MetersSite, tmp_path: Path) -> None:
    late = ("--name", "late", "--speed", "100000")
    Simulation(site, tmp_path, *late, "--homes", "1", "--from", FIRST, "--until", "2025-12-31T12:00").finish(120)
    wait_for(lambda: site.months()["waiting"] == {"2025-12": 1}, seconds=30, failure=lambda: str(site.months()))
    by_hand = site.bridge("totals", "--month", "2025-12")
    assert by_hand.returncode == 0 and "page 1: 3 rows" in by_hand.stdout, by_hand.stdout + by_hand.stderr
    simulation = Simulation(site, tmp_path, *late, "--until", NEW_YEAR_NOON)
    try:
        wait_for(lambda: site.months()["late"] == {"2025-12": 3}, seconds=60, failure=lambda: str(site.months()))
        noted = site.network.moyai("network", "status").stdout
        assert f"{TOTALS}: 2025-12: 3 rows are overtaken" in noted, noted
        corrected = site.bridge("correct-totals", "--month", "2025-12", "--clerk", _clerk(site), "--reason",
                                "通信の復旧後に届いた")
        assert corrected.returncode == 0 and "page 1: corrected" in corrected.stdout, corrected.stderr
        assert simulation.finish(120)["lines"]["2025-12 import, Wh on the ledger"][1] > 0
    finally:
        simulation.kill()
    wait_for(lambda: site.months()["late"] == {}, seconds=30, failure=lambda: str(site.months()))


def test_the_auditor_agrees_with_all_that(site: MetersSite) -> None:
    (readings,), = site.rows("SELECT count(*) FROM reading")
    assert f"{readings} readings in " in require_agreement(site.network)


def _clerk(site: MetersSite) -> str:
    """An account of role C with a key at the console, made by the command line."""
    told = site.network.moyai("directory", "--as", CODE, "open-account", "--role", "C", "--office", CODE)
    assert told.returncode == 0, told.stderr
    account = told.stdout.split()[1]
    told = site.network.moyai("directory", "--as", CODE, "register-key", account)
    assert told.returncode == 0, told.stderr
    return account
