"""How a bridge fares, in a file beside its spool: for the pages, for `moyai bridge drain`, for whoever watches."""
from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import structlog

FILE_BYTES, MOST_SYMBOLS = 8192, 300
RUNNING, DRAINING, DRAINED, STOPPED = "running", "draining", "drained", "stopped"

log = structlog.get_logger()


@dataclass(frozen=True)
class Status:
    """`spooled`: messages on the way to the database; `trouble`: sentences, none if all is well; `at`: UTC seconds."""
    pid: int
    state: str
    spooled: int
    trouble: tuple[str, ...]
    at: int


def write(path: Path, status: Status) -> None:
    """Overwrites the file in place: it has its size from the beginning, so that a full disk can still be told of."""
    text = json.dumps(asdict(replace(status, trouble=tuple(sentence[:MOST_SYMBOLS] for sentence in status.trouble))))
    try:
        with path.open("r+b" if path.exists() else "wb") as file:
            file.write(text.encode("ascii").ljust(FILE_BYTES))
    except OSError as error:
        log.warning("the status cannot be written", file=str(path), reason=str(error))


def read(path: Path) -> Status | None:
    """The last status, or None if there is none that is whole."""
    try:
        values = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return Status(**values | {"trouble": tuple(values["trouble"])})
