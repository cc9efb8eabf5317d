"""`make chaos-meters`: 200 homes for a month, with everything that carries their readings killed -9 again and again.

It starts a consortium of its own on free ports, in a temporary folder, and prints what it found. The figures are
written to var/chaos-meters.json; exit code 1 where anything is lost, doubled, wrong or unexplained.
"""
from __future__ import annotations

import json
import tempfile
import time
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from tests.chaos.meters_site import (
    VICTIMS, MetersSite, Simulation, kill_under_load, require_agreement, require_anchored_once, require_projected,
    require_proofs)
from tests.network.consortium import ROOT, running

FIRST, UNTIL = "2025-12-31", "2026-02-01T02:00"
"""January and the day before it, so that two months end within: their totals meet over the year's end."""
ANCHOR_SECONDS = 60
LONGEST_SECONDS = 3 * 3600
PROOFS = 50
RESULT = ROOT / "var" / "chaos-meters.json"


@click.command()
@click.option("--homes", type=click.IntRange(1, 400), default=200, show_default=True)
@click.option("--seed", type=int, default=4, show_default=True, help="Of homes and faults.")
@click.option("--seconds", type=float, default=240.0, show_default=True, help="For the month, if all keep up.")
@click.option("--pause", type=float, default=30.0, show_default=True, help="Seconds between two kills.")
def main(homes: int, seed: int, seconds: float, pause: float) -> None:
    """Homes for a month while broker, bridges, totals, peer and projector are killed."""
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="moyai-chaos-") as folder:
        with running(Path(folder) / "network", anchor_seconds=ANCHOR_SECONDS) as network:
            site = MetersSite(network)
            found = _run(site, Path(folder), Wanted(homes, seed, seconds, pause), console)
            site.close()
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    console.print(_table(found))
    console.print(f"written to {RESULT.relative_to(ROOT)}")


@dataclass(frozen=True)
class Wanted:
    """How many homes by which seed, how long the month takes at least, and how long everybody lives."""

    homes: int
    seed: int
    seconds: float
    pause: float


def _run(site: MetersSite, folder: Path, wanted: Wanted, console: Console) -> dict[str, Any]:
    began = time.monotonic()
    with site.needs() as load:
        simulation = Simulation(
            site, folder, "--homes", str(wanted.homes), "--from", FIRST, "--until", UNTIL, "--faults", str(wanted.seed),
            "--speed", str(32 * 86400 / wanted.seconds), "--patience", "1200")
        try:
            simulation.wait_registered(900)
            console.print(f"{wanted.homes} homes are registered after {time.monotonic() - began:.0f} s")
            kills = _kill_until_durable(site, simulation, wanted.pause, console)
            report = simulation.finish(LONGEST_SECONDS)
        finally:
            simulation.kill()
    console.print(f"all durable, anchored and in the ledger's totals: {report['seconds']}")
    checked = time.monotonic()
    readings = require_anchored_once(site)
    console.print("every batch is on the ledger")
    proofs = require_proofs(site, PROOFS, wanted.seed)
    needs = require_projected(site, load)
    console.print("the read model is what the chain says")
    console.print(require_agreement(site.network))
    return {"homes": wanted.homes, "seed": wanted.seed, "readings": readings, "kills": kills, "proofs": proofs,
            "needs in between": needs, "seconds": report["seconds"],
            "seconds of all checks": round(time.monotonic() - checked, 1), "lines": report["lines"]}


def _kill_until_durable(site: MetersSite, simulation: Simulation, pause: float, console: Console) -> dict[str, int]:
    """One after the other, as long as readings are under way. Raises AssertionError where one was spared."""
    kills = dict.fromkeys(VICTIMS, 0)
    for victim in cycle(VICTIMS):
        if not kill_under_load(site.network, simulation, (victim,), pause):
            break
        kills[victim] += 1
        console.print(f"{time.monotonic() - simulation.began:.0f} s: {victim} killed")
    assert all(kills.values()), f"everything was over before all were killed: {kills}"
    return kills


def _table(found: dict[str, Any]) -> Table:
    table = Table("", "expected", "found")
    for column in table.columns[1:]:
        column.justify = "right"
    for what, (expected, there) in found["lines"].items():
        table.add_row(what, str(expected), str(there))
    for name in ("proofs", "needs in between"):
        table.add_row(name, str(found[name]), str(found[name]))
    for program, number in found["kills"].items():
        table.add_row(f"killed {program}", "at least 1", str(number))
    for stage, after in (found["seconds"] | {"all checks": found["seconds of all checks"]}).items():
        table.add_row(f"seconds: {stage}", "", f"{after:.0f}")
    return table


if __name__ == "__main__":
    main()
