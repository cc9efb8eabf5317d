"""`moyai audit`: has the whole ledger examined by a second, independent reader, and tells what it found."""
from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from moyai_auditor import environment, process, report
from moyai_auditor.connection import find_profile, load_profile, write_connection
from moyai_auditor.errors import AuditError

DIFFERENCES, NO_RESULT = 1, 2
CHANNEL = CHAINCODE = "moyai"
_NAMED = re.compile(r"[0-9]{6}=")


@click.command()
@click.option("--state", type=click.Path(path_type=Path), envvar="MOYAI_STATE", default="var", show_default=True,
              help="Folder that everything generated lies in.")
@click.option("--as", "code6", metavar="CODE6", help="Municipality whose auditor reads; else the first one.")
@click.option("--profile", type=click.Path(path_type=Path), help="Profile of the auditor, instead of --state and --as.")
@click.option("--blocks", type=click.Path(path_type=Path, exists=True, file_okay=False), multiple=True,
              help="Copy of a peer's block files to read instead of the peers; several are compared.")
@click.option("--every-document", is_flag=True,
              help="Ask every peer for every document, not for 300 that are drawn by lot.")
@click.option("--readings", multiple=True, metavar="[CODE6=]URL", envvar="MOYAI_READINGS_URL",
              help="Readings database to compare with the ledger, as MOYAI_READINGS_URL has it; without CODE6 that of "
                   "--as. Else the SQLite file below --state, if there is one.")
@click.option("--canaries", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="List of texts, one a line, that must stand nowhere on the ledger.")
@click.option("--logs", type=click.Path(path_type=Path, exists=True), multiple=True,
              help="Log file or folder of logs to look for the canaries in.")
@click.option("--prepare", is_flag=True, help="Install what an examination needs, and examine nothing.")
@click.option("--channel", default=CHANNEL, show_default=True, help="Channel of the copies.")
@click.option("--chaincode", default=CHAINCODE, show_default=True, help="Chaincode of the copies.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")
def audit(state: Path, code6: str | None, profile: Path | None, blocks: tuple[Path, ...],
          every_document: bool, readings: tuple[str, ...], canaries: Path | None, logs: tuple[Path, ...],
          prepare: bool, channel: str, chaincode: str, as_json: bool) -> None:
    """Read every block from every municipality's peer, verify it and replay the ledger.

    Exit code 0 only when all agrees; 1 when something does not; 2 when nothing could be examined.
    """
    console = Console(stderr=True, highlight=False)
    try:
        python = environment.obtain(tell=lambda text: console.print(text, markup=False))
        if prepare:
            return
        with tempfile.TemporaryDirectory(prefix="moyai-audit-") as folder, report.bar(console) as hear:
            own = ""
            if blocks:
                arguments = [word for copy in dict.fromkeys(blocks) for word in ("--blocks", str(copy))]
            else:
                found = load_profile(profile) if profile else find_profile(state, code6)
                channel, chaincode, own = found.channel, found.chaincode, found.municipality
                arguments = ["--profile", str(write_connection(found, Path(folder))),
                             *(["--every-document"] if every_document else [])]
            arguments += ["--channel", channel, "--chaincode", chaincode, *_beside(canaries, logs)]
            result = process.examine(python, arguments, hear, readings=databases(readings, own, state))
    except AuditError as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(NO_RESULT) from error
    _tell(result | {"channel": channel, "finished_at": _now()}, state, as_json)


def databases(readings: Sequence[str], own: str, state: Path) -> dict[str, str]:
    """URL of the readings database by municipality; `own` is the auditor's, empty where copies are read.

    Raises AuditError.
    """
    found = {}
    for one in readings:
        code6, url = one.split("=", 1) if _NAMED.match(one) else (own, one)
        if not code6:
            raise AuditError("Copies belong to no municipality: write --readings CODE6=URL.")
        found[code6] = url
    file = state / "bridge" / own / "readings.sqlite"
    if own and not readings and file.is_file():
        found[own] = f"sqlite:///{file}"
    return found


def _beside(canaries: Path | None, logs: tuple[Path, ...]) -> list[str]:
    if logs and canaries is None:
        raise AuditError("Logs are looked through for a list of canaries: name it by --canaries.")
    words = ["--canaries", str(canaries)] if canaries else []
    return [*words, *(word for log in logs for word in ("--logs", str(log)))]


def _tell(result: dict[str, Any], state: Path, as_json: bool) -> None:
    if result["source"] == "peers":
        report.keep(result, state)
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=1))
    else:
        for sentence in report.sentences(result):
            click.echo(sentence)
    if not result["agrees"]:
        raise SystemExit(DIFFERENCES)


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
