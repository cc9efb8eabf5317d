"""Runs the examination in its own environment and listens to it."""
from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from moyai_auditor.errors import AuditError

_LAUNCHER = Path(__file__).with_name("isolated.py")
_COMMAND = "moyai_auditor.examination.command"

Progress = Callable[[int, int, int], None]
"""Hears blocks done, blocks in all, transactions done."""


def examine(python: Path, arguments: Sequence[str], progress: Progress) -> dict[str, Any]:
    """The examination's result, as `docs/auditor.md` describes it. Raises AuditError where there is none."""
    with subprocess.Popen([python, "-I", _LAUNCHER, _COMMAND, *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:
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
            progress(done["blocks"], done["of"], done["transactions"])
        result = message.get("result", result)
        error = message.get("error", error)
    return result, error
