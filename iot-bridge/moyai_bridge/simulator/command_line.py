"""`moyai bridge simulate`: homes with certificates on the real broker, and at the end expected against found."""
from __future__ import annotations

import signal
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from moyai_bridge.simulator.comparison import Comparison
    from moyai_bridge.simulator.homes import Span

DEFAULT_DAYS = 2
_MOST_DIFFERENCES = 20
_DAY = click.DateTime(("%Y-%m-%d",))


@click.command()
@click.option("--homes", type=click.IntRange(1, 400), default=10, show_default=True, help="A device each.")
@click.option("--from", "first", type=_DAY, help=f"First day in Japan; {DEFAULT_DAYS} days ago if left out.")
@click.option("--until", type=_DAY, help="Day in Japan before whose beginning it ends; now if left out.")
@click.option("--speed", type=click.FloatRange(min=1), default=3600.0, show_default=True,
              help="How much faster than it was.")
@click.option("--faults", "seed", type=int, help="Seed of what goes wrong; nothing does if left out.")
def simulate(homes: int, first: datetime | None, until: datetime | None, speed: float, seed: int | None) -> None:
    """Simulated homes, from the recorded year of a real one; exit code 1 if anything is lost, doubled or wrong."""
    from moyai_bridge.device_certificates import DeviceCertificates
    from moyai_bridge.simulator.publisher import BrokerAddress
    from moyai_bridge.simulator.settings import SimulatorSettings
    from moyai_bridge.simulator.simulation import Simulation
    from moyai_bridge.simulator.year import recorded_year
    from moyai_bridge.store import schema
    from moyai_bridge.store.device_readings import DeviceReadings
    from moyai_bridge.store.devices import DeviceRegistry

    settings = SimulatorSettings()  # type: ignore[call-arg]
    simulation = Simulation(homes, span_of(first, until, time.time()), recorded_year(), seed)
    database = schema.open_readings(settings.readings)
    schema.check(database)
    registry, readings = DeviceRegistry(database), DeviceReadings(database)
    duplicates = readings.duplicates()
    credentials = simulation.enrol(registry, DeviceCertificates(settings), _folder(settings.folder))
    click.echo(f"{homes} devices are enrolled; {simulation.span.count} half-hours, {speed:g} times as fast")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    broker = BrokerAddress(settings.broker_host, settings.broker_port, settings.broker_ca)
    left = simulation.play(broker, credentials, speed, stop, lambda _: None)
    if left:
        raise click.ClickException(f"Stopped: {left} messages were not durable yet, nothing was compared.")
    _tell(simulation.compare(registry, readings, duplicates))


def span_of(first: datetime | None, until: datetime | None, now: float) -> Span:
    """Half-hours from the beginning of one day in Japan to that of another, or to `now` (UTC seconds).

    Raises UsageError where it is empty or not over yet.
    """
    from moyai_bridge.simulator.homes import Span
    from moyai_bridge.simulator.year import HALF_HOUR, LOCAL
    day = first or datetime.fromtimestamp(now, LOCAL) - timedelta(days=DEFAULT_DAYS)
    start = int(day.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=LOCAL).timestamp())
    end = int(until.replace(tzinfo=LOCAL).timestamp()) if until else int(now)
    if end > now:
        raise click.UsageError("--until lies ahead: what is simulated ends before now.")
    if end - start < HALF_HOUR:
        raise click.UsageError("--from has to be before the end by half an hour at least.")
    return Span(start, (end - start) // HALF_HOUR)


def _folder(bridges: Path) -> Path:
    return bridges / "simulated"


def _tell(result: Comparison) -> None:
    from rich.console import Console
    from rich.table import Table
    table = Table("", "expected", "found")
    for column in table.columns[1:]:
        column.justify = "right"
    for line in result.lines:
        table.add_row(line.what, str(line.expected), str(line.found))
    Console(highlight=False).print(table)
    for difference in result.differences[:_MOST_DIFFERENCES]:
        click.echo(difference, err=True)
    if result.differences:
        raise click.ClickException(f"{len(result.differences)} differences between expected and found.")
    click.echo("Everything is there once, and every fault is marked.")
