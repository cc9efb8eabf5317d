"""The examination's own Python environment: hfc 1.0.0 and what it needs, exactly as locked, in the cache."""
from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Iterator

from moyai_auditor.errors import AuditError

LOCK = Path(__file__).with_name("requirements.txt")
VERSIONS = ("3.11",)
"""Versions of Python that the lock was made for."""
PROBE = "import hfc.fabric, cryptography, google.protobuf, psycopg"


def cache_folder() -> Path:
    """Where environments are kept: $MOYAI_CACHE, else moyai in the user's cache folder."""
    if given := os.environ.get("MOYAI_CACHE"):
        return Path(given).expanduser().absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "moyai"


def obtain(tell: Callable[[str], None] = lambda text: None) -> Path:
    """The environment's Python, installed where the cache lacks it or holds it broken; `tell` hears of slow steps.

    Raises AuditError.
    """
    cache = cache_folder()
    folder = cache / f"hfc-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    if _works(python):
        return python
    with _only_installer(cache):
        if not _works(python):
            tell("Installing hfc 1.0.0 into an environment of its own")
            _install(folder)
    if not _works(python):
        raise AuditError(f"hfc is installed in {folder} and yet cannot be imported: delete that folder and try again.")
    return python


def _works(python: Path) -> bool:
    try:
        return subprocess.run([python, "-I", "-c", PROBE], capture_output=True).returncode == 0
    except OSError:
        return False


def _install(folder: Path) -> None:
    """Whole or not at all: beside its place first, then renamed. An environment's own path stands only in programs
    that are not used here."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".hfc-") as staging:
        fresh = Path(staging) / "environment"
        _run([_python(), "-m", "venv", "--without-pip", fresh], "Python cannot make an environment")
        _run([sys.executable, "-m", "pip", "--python", fresh / "bin" / "python", "install", "--quiet", "--no-deps",
              "--require-hashes", "--disable-pip-version-check", "--requirement", LOCK], "hfc cannot be installed")
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)


def _python() -> str:
    """A Python that the lock was made for."""
    if "{}.{}".format(*sys.version_info) in VERSIONS:
        return sys.executable
    for version in VERSIONS:
        if found := shutil.which(f"python{version}"):
            return found
    raise AuditError(f"hfc needs Python {' or '.join(VERSIONS)}: put python{VERSIONS[0]} on PATH.")


def _run(command: list[str | Path], failure: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
        raise AuditError(f"{failure}: {last}")


@contextmanager
def _only_installer(cache: Path) -> Iterator[None]:
    """A second one waits and finds the work done."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "hfc.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
