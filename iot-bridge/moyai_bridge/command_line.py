"""`moyai bridge …`: the bridge between a municipality's meters and the ledger."""
from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from moyai_client.command_group import OneSentenceGroup, variables

from moyai_bridge.epoch_key_commands import epoch_key
from moyai_bridge.simulator.command_line import simulate

if TYPE_CHECKING:
    from moyai_bridge.monthly_row import Month
    from moyai_bridge.status import Status

DRAIN_SECONDS = 300.0
_LOOK_SECONDS = 0.2


class BridgeGroup(OneSentenceGroup):
    """Adds the errors of settings."""

    def sentence(self, error: Exception) -> str | None:
        from pydantic import ValidationError
        if isinstance(error, ValidationError):
            return f"Missing or wrong settings in the environment: {variables(error.errors())}."
        return super().sentence(error)


@click.group(cls=BridgeGroup)
def bridge() -> None:
    """Readings of meters: from the broker to the database and the ledger. Settings come from the environment."""
    from moyai_client import program_log
    program_log.configure()


bridge.add_command(simulate)
bridge.add_command(epoch_key)


@bridge.command()
def prepare() -> None:
    """Make or update the readings database; harmless when repeated."""
    from moyai_bridge.settings import StoreSettings
    from moyai_bridge.store import schema
    settings = StoreSettings()  # type: ignore[call-arg]
    settings.folder.mkdir(parents=True, exist_ok=True)
    schema.prepare(schema.open_readings(settings.readings))


@bridge.command()
def run() -> None:
    """Take readings in until told to stop; SIGUSR1 drains."""
    from moyai_bridge.bridge import Bridge
    from moyai_bridge.settings import BridgeSettings
    Bridge(BridgeSettings()).run(_event_of(signal.SIGTERM, signal.SIGINT),  # type: ignore[call-arg]
                                 _event_of(signal.SIGUSR1))


@bridge.command()
def access() -> None:
    """Keep the broker's access file and revocation list in step with the ledger and the device CA."""
    from moyai_bridge.access import AccessSettings
    from moyai_bridge.access import run as follow
    follow(AccessSettings(), _event_of(signal.SIGTERM, signal.SIGINT))  # type: ignore[call-arg]


@bridge.command()
@click.argument("status_file", type=click.Path(path_type=Path))
def drain(status_file: Path) -> None:
    """Have a running bridge finish what is in flight and end, so that the others take over. Names its status file."""
    from moyai_bridge import status
    current = status.read(status_file)
    if current is None or current.state not in (status.RUNNING, status.DRAINING) or not _runs(current.pid):
        raise click.ClickException(f"No bridge runs that tells its status in {status_file}.")
    os.kill(current.pid, signal.SIGUSR1)
    end, last = time.monotonic() + DRAIN_SECONDS, current
    while _runs(current.pid):
        if time.monotonic() > end:
            raise click.ClickException(f"The bridge is still draining after {DRAIN_SECONDS:.0f} seconds: {last}")
        threading.Event().wait(_LOOK_SECONDS)
        last = _status_of(status_file, last)
    if last.state != status.DRAINED:
        raise click.ClickException(f"The bridge ended before it was drained: {last}")
    click.echo("drained")


@bridge.command()
@click.option("--month", "name", metavar="YYYY-MM", help="A month in Japan; the last one that is over if left out.")
def totals(name: str | None) -> None:
    """Write the totals of a month onto the ledger, page by page; harmless when repeated."""
    from moyai_bridge.monthly_row import Month
    from moyai_bridge.programs import totals as open_totals
    from moyai_bridge.settings import LedgerSettings
    month = Month.before(int(time.time())) if name is None else _month(name)
    for page in open_totals(LedgerSettings()).record(month):  # type: ignore[call-arg]
        click.echo(f"{month.name} page {page.page}: {page.rows} rows, "
                   f"transaction {page.transaction_id or 'known to the ledger alone'}")


@bridge.command("close-months")
def close_months() -> None:
    """Record the totals of every month that is over and complete by itself, until told to stop."""
    from moyai_bridge.month_closing import run as close
    from moyai_bridge.month_status import StatusFile
    from moyai_bridge.programs import month_closing
    from moyai_bridge.settings import TotalsSettings
    settings = TotalsSettings()  # type: ignore[call-arg]
    close(month_closing(settings), StatusFile(settings.totals_status), settings.totals_look_seconds,
          _event_of(signal.SIGTERM, signal.SIGINT))


@bridge.command("correct-totals")
@click.option("--month", "name", metavar="YYYY-MM", required=True, help="A month in Japan.")
@click.option("--reason", required=True, help="Public, at most 200 characters.")
@click.option("--clerk", required=True, metavar="ACCOUNT", help="Account of role C whose key the console keeps.")
def correct_totals(name: str, reason: str, clerk: str) -> None:
    """Record those pages of a month anew whose readings came late; the earlier version stays on the ledger."""
    from moyai_bridge.programs import correct_totals as correct
    from moyai_bridge.settings import ConsoleSettings
    corrected = 0
    for page, transaction_id in correct(ConsoleSettings(), _month(name), reason, clerk):  # type: ignore[call-arg]
        click.echo(f"{name} page {page}: corrected, transaction {transaction_id}")
        corrected += 1
    if not corrected:
        click.echo(f"{name}: every page says what the readings say")


@bridge.group("dead-letters")
def dead_letters() -> None:
    """Messages that nobody could read."""


@dead_letters.command("list")
def list_dead_letters() -> None:
    """Print those that wait, the oldest first, one JSON object a line."""
    from moyai_bridge.programs import dead_letters as open_letters
    from moyai_bridge.settings import StoreSettings
    for letter in open_letters(StoreSettings()).all():  # type: ignore[call-arg]
        click.echo(json.dumps({"id": letter.id, "topic": letter.topic, "received_at": letter.received_at,
                               "reason": letter.reason, "payload": letter.payload.hex()}))


@dead_letters.command("retry")
def retry_dead_letters() -> None:
    """Take in those that can be read by now: after a registration, or a correction of the program."""
    from moyai_bridge.programs import retry
    from moyai_bridge.settings import StoreSettings
    stored, left = retry(StoreSettings())  # type: ignore[call-arg]
    click.echo(f"{stored} readings stored; {left} messages still cannot be read")


@dead_letters.command("drop")
@click.argument("number", type=int)
def drop_dead_letter(number: int) -> None:
    """Set one aside; its bytes stay."""
    from moyai_bridge.programs import dead_letters as open_letters
    from moyai_bridge.settings import StoreSettings
    open_letters(StoreSettings()).drop(number, int(time.time()))  # type: ignore[call-arg]


@bridge.command()
@click.option("--device", required=True, help="Device id.")
@click.option("--register", required=True, help="import, export, generation, …")
@click.option("--at", required=True, type=int, help="The reading's time by the device's clock, UTC seconds.")
@click.option("--seq", type=int, help="Its sequence, where several readings have this time.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def prove(device: str, register: str, at: int, seq: int | None, file: Path) -> None:
    """Write the proof of a reading to FILE; `moyai verify FILE` checks it offline."""
    from moyai_client.proof import dump

    from moyai_bridge.programs import prove as proof_of
    from moyai_bridge.settings import LedgerSettings
    file.write_bytes(dump(proof_of(LedgerSettings(), device, register, at, seq)))  # type: ignore[call-arg]


def _month(name: str) -> Month:
    from moyai_bridge.monthly_row import Month
    try:
        return Month.named(name)
    except ValueError:
        raise click.BadParameter(f"{name} is no month such as 2024-01.", param_hint="--month") from None


def _status_of(file: Path, last: Status) -> Status:
    """The status of the same process as it is now; its supervisor may have started the next one already."""
    from moyai_bridge import status
    current = status.read(file)
    return current if current is not None and current.pid == last.pid else last


def _event_of(*signals: signal.Signals) -> threading.Event:
    """Set when the program gets one of these signals."""
    event = threading.Event()
    for number in signals:
        signal.signal(number, lambda *_: event.set())
    return event


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
