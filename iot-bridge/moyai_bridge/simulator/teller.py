"""How far a simulation has come: bars for a person, a line a stage for a file; at the end expected against found."""
from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from moyai_bridge.simulator.comparison import Comparison

HOMES, READINGS, DURABLE, ANCHORED, MONTHS = "homes", "readings", "durable", "anchored", "months on the ledger"
_MOST_DIFFERENCES = 20


class Teller:
    """A context in which bars are shown; what is totalled at 0 has no bar. `seconds`: when each stage was reached."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        self._bars = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                              console=self._console, disable=not self._console.is_terminal)
        self._tasks = {name: self._bars.add_task(name, total=None, visible=False)
                       for name in (HOMES, READINGS, DURABLE, ANCHORED, MONTHS)}
        self._began = time.monotonic()
        self.seconds: dict[str, float] = {}

    def __enter__(self) -> Teller:
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._bars.stop()

    def begin(self, stage: str, total: int) -> None:
        """Shows the bar of a stage."""
        self._bars.update(self._tasks[stage], total=total, visible=total > 0)

    def come(self, stage: str, completed: int) -> None:
        """Moves it."""
        self._bars.update(self._tasks[stage], completed=completed)

    def reached(self, stage: str, sentence: str) -> None:
        """The stage is over."""
        self.seconds[stage] = round(time.monotonic() - self._began, 1)
        # A pipe gets it at once: whoever reads may wait for it.
        self._console.print(sentence, soft_wrap=True)
        self._console.file.flush()

    def tell(self, results: Sequence[Comparison], report: Path | None) -> None:
        """The table and, in the file `report`, the same as JSON. Raises ClickException with the first difference."""
        table = Table("", "expected", "found")
        for column in table.columns[1:]:
            column.justify = "right"
        lines = [line for result in results for line in result.lines]
        differences = [difference for result in results for difference in result.differences]
        for line in lines:
            table.add_row(line.what, str(line.expected), str(line.found))
        self._console.print(table)
        if report is not None:
            report.write_text(json.dumps({
                "lines": {line.what: [line.expected, line.found] for line in lines}, "differences": differences,
                "seconds": self.seconds}, indent=1) + "\n", "utf-8")
        for difference in differences[:_MOST_DIFFERENCES]:
            click.echo(difference, err=True)
        if differences:
            raise click.ClickException(f"{len(differences)} differences between expected and found, the first: "
                                       f"{differences[0]}")
        click.echo("Everything is there once, and every fault is marked.")
