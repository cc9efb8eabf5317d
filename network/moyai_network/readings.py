"""The municipalities' databases of readings, made or brought up to date before a bridge starts."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Iterable

from moyai_network.errors import ProgramFailed
from moyai_network.layout import State

_PATIENCE_SECONDS = 300.0


def prepare(codes: Iterable[str], state: State) -> None:
    """Prepares those of the municipalities named; ProgramFailed with what the first that fails said."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda code: _prepare(code, state), codes))


def _prepare(code: str, state: State) -> None:
    settings = json.loads((state.home(code).root / "bridge.json").read_text("utf-8"))
    command = [Path(sys.executable).parent / "moyai", "bridge", "prepare"]
    try:
        done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True,
                              timeout=_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired as late:
        raise ProgramFailed(f"The readings of {code} are not prepared after {_PATIENCE_SECONDS:.0f} s.") from late
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ProgramFailed(f"The readings of {code} cannot be prepared: {reason}")
