"""Runs the examination in its own environment and listens to it."""
from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from moyai_auditor.errors import AuditError

_LAUNCHER = Path(__file__).with_name("isolated.py")
_COMMAND = "moyai_auditor.examination.command"
READINGS = "MOYAI_AUDIT_READINGS"
"""Variable that names the readings databases to the examination, as JSON."""

Progress = Callable[[str, int, int, int], None]
"""Hears what is looked at (`blocks`, `documents`, `readings`), how much is done, how much there is, transactions."""


def examine(python: Path, arguments: Sequence[str], progress: Progress, *,
            readings: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The examination's result, as `docs/auditor.md` describes it; `readings`: URL of a database by municipality.

    Raises AuditError where there is no result.
    """
    # By the environment: a URL may hold a password, and anybody may see a process's arguments.
    environment = os.environ | {READINGS: json.dumps(dict(readings or {}))}
    with subprocess.Popen([python, "-I", _LAUNCHER, _COMMAND, *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            result, error = _listen(process, progress)
        except BaseException:
            process.terminate()
            raise
        complaints = process.stderr.read() if process.stderr else ""
    if result is None:
        last = (complaints.strip().splitlines() or [f"it ended with exit code {process.returncode}"])[-1]
        raise AuditError(f"Nothing could be examined: {error or last}")
    return result


def _listen(process: subprocess.Popen[str], progress: Progress) -> tuple[dict[str, Any] | None, str]:
    assert process.stdout is not None
    result, error = None, ""
    for line in process.stdout:
        message = json.loads(line)
        if "progress" in message:
            done = message["progress"]
            progress(done["what"], done["done"], done["of"], done["transactions"])
        result = message.get("result", result)
        error = message.get("error", error)
    return result, error
