"""Tells an administrator what the audit found, and keeps the last result for the web UI's page."""
from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from moyai_auditor.process import Progress as Hear

SHOWN = 20
"""Findings that are printed; `--json` tells them all."""
WORK = {"blocks": "Reading blocks", "documents": "Asking the peers for documents",
        "readings": "Comparing batches of readings"}
LAST = Path("audit") / "last.json"


def keep(result: dict[str, Any], state: Path) -> Path:
    """Writes the result as `<state>/audit/last.json`, whole or not at all."""
    path = state / LAST
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        json.dump(result, file, ensure_ascii=False, indent=1)
        os.fchmod(file.fileno(), 0o644)
    os.replace(file.name, path)
    return path


def sentences(result: dict[str, Any]) -> Iterator[str]:
    """The result in plain words."""
    copies = ", ".join(copy["name"] for copy in result["copies"])
    transactions = result["transactions"]
    yield (f"{result['height']} blocks with {sum(transactions.values())} transactions of {copies} were read "
           f"in {result['seconds']:.1f} s.")
    invalid = ", ".join(f"{count} {code}" for code, count in transactions.items() if code != "VALID")
    if invalid:
        yield f"Not valid, and rightly marked so where nothing below says otherwise: {invalid}."
    if result["replayed_until"] < result["height"] - 1:
        yield f"The rules of the ledger could be checked up to block {result['replayed_until']} only."
    yield from _beside(result)
    if result["agrees"]:
        checks = sum(1 for check in result["checks"] if check["examined"])
        yield f"All agrees: {checks} checks found nothing."
        return
    yield f"It does not agree: {result['findings_total']} findings. The first difference: " \
          + _finding(result["first_difference"])
    for finding in result["findings"][:SHOWN]:
        yield "  " + _finding(finding)
    if result["findings_total"] > SHOWN:
        yield f"  … and {result['findings_total'] - SHOWN} more (--json tells up to {len(result['findings'])})."


def _beside(result: dict[str, Any]) -> Iterator[str]:
    """What was looked at beside the chain."""
    for one in result.get("readings", ()):
        waiting = f", {one['waiting']} batches wait for the ledger" if one["waiting"] else ""
        yield (f"{one['readings']} readings in {one['batches']} batches and {one['totals_rows']} monthly totals of "
               f"{one['municipality']} were compared with its database{waiting}.")
    if "canaries" in result:
        told = result["canaries"]
        yield (f"{told['lines']} texts that must stand nowhere were looked for in {told['transactions']} transactions "
               f"and {told['log_bytes']} bytes of logs.")


def _finding(finding: dict[str, Any]) -> str:
    place = [f"block {finding['block']}"] if "block" in finding else []
    place += [f"transaction {finding['transaction']}"] if "transaction" in finding else []
    place += [f"({finding['tx_id']})"] if "tx_id" in finding else []
    where = " ".join([*place, *([f"at {finding['peer']}"] if "peer" in finding else [])])
    return f"{where + ': ' if where else ''}{finding['sentence']} [{finding['check']}]"


@contextmanager
def bar(console: Console) -> Iterator[Hear]:
    """A bar for a person; nothing where nobody looks at a terminal."""
    if not console.is_terminal:
        yield lambda what, done, total, transactions: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[told]}"),
               TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(WORK["blocks"], total=None, told="")
        yield lambda what, done, total, transactions: progress.update(
            task, description=WORK[what], completed=done, total=total,
            told=f"{transactions} transactions" if transactions else "")
