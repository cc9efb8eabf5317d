"""Programs of a state folder whose supervisord is gone or silent: recognised by the mark they carry, and ended."""
from __future__ import annotations

import os
from typing import Iterator

import psutil

from moyai_network.errors import NetworkError
from moyai_network.layout import State
from moyai_network.rendering.processes import STATE_MARK

_DRAIN_SECONDS = 10.0


def marked(state: State) -> Iterator[psutil.Process]:
    """Every process that runs for this state folder, whoever its parent is; never this one or its ancestors."""
    ancestors = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    for process in psutil.process_iter():
        try:
            if process.pid not in ancestors and process.environ().get(STATE_MARK) == str(state.root):
                yield process
        except psutil.Error:
            continue


def end_orphans(state: State) -> list[str]:
    """Ends them, by SIGTERM and then SIGKILL; returns their names. Only to be called when no supervisord answers."""
    orphans = list(marked(state))
    names = [_name(process) for process in orphans]
    for process in orphans:
        _signal(process, kill=False)
    _, alive = psutil.wait_procs(orphans, timeout=_DRAIN_SECONDS)
    for process in alive:
        _signal(process, kill=True)
    _, alive = psutil.wait_procs(alive, timeout=_DRAIN_SECONDS)
    if alive:
        raise NetworkError(f"Process {alive[0].pid} of an earlier run cannot be ended; end it and repeat.")
    return names


def _signal(process: psutil.Process, *, kill: bool) -> None:
    try:
        process.kill() if kill else process.terminate()
    except psutil.NoSuchProcess:
        return


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return "ended"
