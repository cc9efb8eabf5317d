"""The programs' logs: their last lines, and what comes after."""
from __future__ import annotations

import os
import threading
from collections import deque
from pathlib import Path
from typing import Iterator

from moyai_network.errors import NetworkError
from moyai_network.layout import State

_LOOK_SECONDS = 0.3


def log_of(program: str, state: State) -> Path:
    """Log of a program; NetworkError where there is none."""
    path = state.logs / f"{program}.log"
    if not path.is_file():
        names = ", ".join(sorted(file.stem for file in state.logs.glob("*.log"))) or "none yet"
        raise NetworkError(f"There is no log of {program}; there are: {names}.")
    return path


def tail(path: Path, lines: int) -> list[str]:
    """The last lines of a log."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return [line.rstrip("\n") for line in deque(file, lines)]


def last_line(program: str, state: State) -> str:
    """What a program said last, for an error message."""
    path = state.logs / f"{program}.log"
    said = [line for line in tail(path, 20) if line.strip()] if path.is_file() else []
    return said[-1].strip() if said else "it said nothing"


def follow(path: Path, stop: threading.Event) -> Iterator[str]:
    """Lines written from now on, over rotations, until `stop` is set."""
    file = path.open(encoding="utf-8", errors="replace")
    file.seek(0, os.SEEK_END)
    try:
        while not stop.is_set():
            if line := file.readline():
                yield line.rstrip("\n")
            elif path.exists() and path.stat().st_ino != os.fstat(file.fileno()).st_ino:
                file.close()
                file = path.open(encoding="utf-8", errors="replace")
            else:
                stop.wait(_LOOK_SECONDS)
    finally:
        file.close()
