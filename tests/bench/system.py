"""What the whole system takes: memory of all its programs, bytes on disk."""
from __future__ import annotations

from pathlib import Path

import psutil
from moyai_network.layout import State
from moyai_network.orphans import marked
from moyai_network.supervisor import Supervisor


def memory(state: State) -> int:
    """Sum of the proportional set sizes of supervisord and all that it runs, in bytes."""
    programs = {process.pid: process for process in marked(state)}
    supervisor = Supervisor(state).pid()
    if supervisor is not None:
        programs[supervisor] = psutil.Process(supervisor)
    return sum(process.memory_full_info().pss for process in programs.values())


def size(folder: Path) -> int:
    """Bytes that the files below a folder take on disk; a file that goes away meanwhile takes none."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_blocks * 512
        except FileNotFoundError:
            continue
    return total
