"""How a bridge fares, in a file beside its spool: for the pages, for `moyai bridge drain`, for whoever watches."""
from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

RUNNING, DRAINING, DRAINED, STOPPED = "running", "draining", "drained", "stopped"


@dataclass(frozen=True)
class Status:
    """`spooled`: messages on the way to the database; `trouble`: sentences, none if all is well; `at`: UTC seconds."""
    pid: int
    state: str
    spooled: int
    trouble: tuple[str, ...]
    at: int


def write(path: Path, status: Status) -> None:
    """Replaces the file in one step. A full disk is no reason to stop: the old file stays then."""
    text = json.dumps(asdict(status))
    draft = path.with_suffix(".new")
    try:
        draft.write_text(text, "utf-8")
        os.replace(draft, path)
    except OSError:
        # No room for a new one: the same bytes in place, longer ones are cut. A reader takes what is whole.
        if path.exists():
            with path.open("r+b") as file:
                file.write(text.encode().ljust(path.stat().st_size))


def read(path: Path) -> Status | None:
    """The last status, or None if there is none that is whole."""
    try:
        values = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return Status(**values | {"trouble": tuple(values["trouble"])})
