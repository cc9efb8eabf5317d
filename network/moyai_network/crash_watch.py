"""Notices a program that keeps ending instead of running, while somebody waits for it."""
from __future__ import annotations

import time
from typing import Sequence

from moyai_network.errors import ProgramFailed
from moyai_network.layout import State
from moyai_network.log_files import last_line
from moyai_network.supervisor import ProcessState, Supervisor

_PATIENCE_SECONDS = 5.0
_ENDING = ("backoff", "fatal", "exited")


class CrashWatch:
    """Looks at the programs of one waiting command; those in the groups `unwatched` may do as they like."""

    def __init__(self, supervisor: Supervisor, state: State, *, unwatched: Sequence[str] = ()) -> None:
        self._supervisor, self._state, self._unwatched = supervisor, state, unwatched
        self._ending_since: dict[str, float] = {}

    def look(self) -> dict[str, ProcessState]:
        """Every program; ProgramFailed as soon as one has not stayed up for some seconds, with what it said last."""
        now = time.monotonic()
        processes = self._supervisor.processes()
        for process in processes.values():
            if process.group in self._unwatched or process.state == "running":
                self._ending_since.pop(process.name, None)
            elif process.state in _ENDING and (
                    now - self._ending_since.setdefault(process.name, now) > _PATIENCE_SECONDS):
                raise ProgramFailed(f"{process.name} does not stay up: {last_line(process.name, self._state)}")
        return processes
