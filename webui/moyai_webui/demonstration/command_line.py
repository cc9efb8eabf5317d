"""`moyai demo load`: 七尾市's January 2024 on the ledger, with progress and a table of what happened."""
from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from moyai_webui.command_line import WebuiGroup
from moyai_webui.demonstration.catalogue import assumptions
from moyai_webui.demonstration.load import Demonstration, Outcome
from moyai_webui.demonstration.towns import open_towns

CREDIT = "避難所の名称・所在地・避難者数は石川県・七尾市のオープンデータ（CC BY 4.0）"


class Teller:
    """A progress bar for a person, a line a chapter for a file, and the table at the end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Progress(SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
                             TimeElapsedColumn(), console=console, disable=not console.is_terminal)
        self._task = self._bar.add_task("", total=None)
        self._outcomes: list[Outcome] = []

    def begin(self, title: str, total: int) -> None:
        """Starts a chapter's bar."""
        if not self._outcomes:
            self._bar.start()
        self._bar.update(self._task, description=title, total=total, completed=0)

    def advance(self) -> None:
        """Moves the chapter's bar."""
        self._bar.advance(self._task)

    def end(self, outcome: Outcome) -> None:
        """Keeps the outcome for the table."""
        self._outcomes.append(outcome)
        if not self._console.is_terminal:
            click.echo(f"{outcome.title}: {outcome.recorded} recorded, {outcome.standing} stood already")

    def stop(self) -> None:
        """Takes the bar off the screen."""
        self._bar.stop()

    def table(self) -> Table:
        """What happened, a row a chapter."""
        table = Table("step", "recorded now", "stood already")
        for column in table.columns[1:]:
            column.justify = "right"
        for outcome in self._outcomes:
            table.add_row(outcome.title, str(outcome.recorded), str(outcome.standing))
        return table


@click.group(cls=WebuiGroup)
def demo() -> None:
    """The demonstration: real shelters, invented relief."""


@demo.command()
@click.option("--state", type=click.Path(path_type=Path), envvar="MOYAI_STATE", default="var", show_default=True,
              help="Folder that everything generated lies in.")
def load(state: Path) -> None:
    """七尾市's shelters of January 2024 with needs, offers and boxes; harmless when repeated."""
    console = Console(highlight=False)
    teller = Teller(console)
    try:
        Demonstration(open_towns(state), teller).play()
    finally:
        teller.stop()
    console.print(teller.table())
    console.print(f"{CREDIT}\n{assumptions()}", style="dim", soft_wrap=True)
