"""What the whole system takes: memory of all its programs, bytes on disk."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from moyai_network.layout import State
from moyai_network.orphans import marked
from moyai_network.supervisor import Supervisor

IDLE_PROCESSORS, IDLE_SECONDS, LONGEST_SECONDS = 0.3, 5, 300


def memory(state: State) -> float:
    """Sum of the proportional set sizes of supervisord and all that it runs, in bytes."""
    return _total(state, lambda process: process.memory_full_info().pss)


def wait_until_idle(state: State) -> None:
    """Returns when the programs have had little to do for a while. Raises TimeoutError."""
    waiting, quiet = threading.Event(), 0
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        started, before = time.monotonic(), _processor_seconds(state)
        waiting.wait(1)
        used = (_processor_seconds(state) - before) / (time.monotonic() - started)
        quiet = quiet + 1 if used < IDLE_PROCESSORS else 0
        if quiet == IDLE_SECONDS:
            return
    raise TimeoutError(f"the programs are still busy after {LONGEST_SECONDS} s")


def _total(state: State, figure: Callable[[psutil.Process], float]) -> float:
    """Sum over supervisord and all that it runs; what ends meanwhile counts for nothing."""
    programs = {process.pid: process for process in marked(state)}
    supervisor = Supervisor(state).pid()
    if supervisor is not None:
        programs[supervisor] = psutil.Process(supervisor)
    total = 0.0
    for process in programs.values():
        try:
            total += figure(process)
        except psutil.NoSuchProcess:
            continue
    return total


def _processor_seconds(state: State) -> float:
    return _total(state, lambda process: sum(process.cpu_times()[:2]))


def size(folder: Path) -> int:
    """Bytes that the files below a folder take on disk; a file that goes away meanwhile takes none."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_blocks * 512
        except FileNotFoundError:
            continue
    return total
