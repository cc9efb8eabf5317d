"""`moyai bridge simulate`: homes with certificates on the real broker, and at the end expected against found."""
from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from moyai_bridge.simulator.homes import Span
    from moyai_bridge.simulator.roster import Roster
    from moyai_bridge.simulator.settings import SimulatorSettings

DEFAULT_DAYS, DEFAULT_HOMES = 2, 10
ROSTER_FILE, ACCOUNTS_FILE = "roster.json", "accounts.json"
_DAY, _MINUTE = "%Y-%m-%d", "%Y-%m-%dT%H:%M"


@click.command()
@click.option("--name", default="homes", show_default=True, metavar="NAME",
              help="The same name goes on with the same homes and devices, where they stopped.")
@click.option("--homes", type=click.IntRange(1, 400), help=f"A device each; {DEFAULT_HOMES} if left out.")
@click.option("--from", "first", type=click.DateTime((_DAY,)),
              help=f"First day in Japan; {DEFAULT_DAYS} days ago if left out.")
@click.option("--until", type=click.DateTime((_DAY, _MINUTE)), help="Time in Japan at which it ends; now if left out.")
@click.option("--speed", type=click.FloatRange(min=1), default=3600.0, show_default=True,
              help="How much faster than it was.")
@click.option("--faults", "seed", type=int, help="Seed of what goes wrong; nothing does if left out.")
@click.option("--resident", is_flag=True, help="The first home is that of the demonstration's resident.")
@click.option("--patience", type=click.FloatRange(min=0), default=900.0, show_default=True,
              help="Seconds that the ledger gets for roots and totals once everything is durable.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Writes the figures there as JSON.")
def simulate(name: str, homes: int | None, first: datetime | None, until: datetime | None, speed: float,
             seed: int | None, resident: bool, patience: float, report: Path | None) -> None:
    """Simulated homes, from the recorded year of a real one; exit code 1 if anything is lost, doubled or wrong.

    They are residents and devices on the ledger like any other; the truth comes from the recorded year alone and is
    held against the readings database and against the ledger's pages of monthly totals.
    """
    from moyai_bridge.simulator.run import Run
    from moyai_bridge.simulator.settings import SimulatorSettings
    from moyai_bridge.simulator.simulation import Simulation
    from moyai_bridge.simulator.teller import Teller
    from moyai_bridge.simulator.year import recorded_year
    from moyai_bridge.store import schema
    from moyai_bridge.store.device_readings import DeviceReadings

    settings = SimulatorSettings()  # type: ignore[call-arg]
    database = schema.open_readings(settings.readings)
    schema.check(database)
    folder = settings.folder / "simulated" / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    wish = Wish(homes, first, until, seed, _resident(settings) if resident else "")
    roster = roster_of(folder / ROSTER_FILE, wish, time.time(), DeviceReadings(database).duplicates)
    roster.save(folder / ROSTER_FILE)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    simulation = Simulation(roster, folder / ROSTER_FILE, recorded_year())
    with Teller() as teller:
        results = Run(settings, database, simulation, folder, speed, patience, stop).through(teller)
    teller.tell(results, report)


@dataclass(frozen=True)
class Wish:
    """What was asked for; None is left to us."""

    homes: int | None = None
    first: datetime | None = None
    until: datetime | None = None
    seed: int | None = None
    resident: str = ""


def roster_of(file: Path, wish: Wish, now: float, duplicates: Callable[[], int]) -> Roster:
    """The roster of a file with one more leg, a new one where there is none.

    `duplicates`: readings that came twice so far. Raises UsageError where the wish contradicts the roster.
    """
    from moyai_bridge.simulator.roster import Roster
    from moyai_bridge.simulator.year import HALF_HOUR
    known = Roster.load(file)
    if known is None:
        span = span_of(wish.first, wish.until, now)
        homes = wish.homes or DEFAULT_HOMES
        return Roster.new(homes, span.start, wish.seed, duplicates(), wish.resident).until(span.count)
    for option, wanted, there in (("--homes", wish.homes, len(known.households)),
                                  ("--from", wish.first and _seconds(wish.first), known.start),
                                  ("--faults", wish.seed, known.seed)):
        if wanted is not None and wanted != there:
            raise click.UsageError(f"{option}: these homes were begun otherwise; leave it out, or give a new --name.")
    return known.until((_end(wish.until, now) - known.start) // HALF_HOUR)


def span_of(first: datetime | None, until: datetime | None, now: float) -> Span:
    """Half-hours from the beginning of one day in Japan to a time in Japan, or to `now` (UTC seconds).

    Raises UsageError where it is empty or not over yet.
    """
    from moyai_bridge.simulator.homes import Span
    from moyai_bridge.simulator.year import HALF_HOUR, LOCAL
    start = _seconds((first or datetime.fromtimestamp(now, LOCAL) - timedelta(days=DEFAULT_DAYS)).replace(
        hour=0, minute=0, second=0, microsecond=0))
    end = _end(until, now)
    if end - start < HALF_HOUR:
        raise click.UsageError("--from has to be before the end by half an hour at least.")
    return Span(start, (end - start) // HALF_HOUR)


def _resident(settings: SimulatorSettings) -> str:
    """The account of the municipality's demonstration resident, empty where there is none."""
    try:
        accounts = json.loads((settings.state / ACCOUNTS_FILE).read_text("utf-8"))
    except FileNotFoundError:
        return ""
    return next((account["account"] for account in accounts
                 if account["municipality"] == settings.municipality and "M" in account["roles"]), "")


def _end(until: datetime | None, now: float) -> int:
    end = _seconds(until) if until else int(now)
    if end > now:
        raise click.UsageError("--until lies ahead: what is simulated ends before now.")
    return end


def _seconds(local: datetime) -> int:
    """UTC seconds of a time in Japan."""
    from moyai_bridge.simulator.year import LOCAL
    return int(local.replace(tzinfo=LOCAL).timestamp())
