"""hfc's environment is installed once, whole or not at all, and heals."""
from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from moyai_auditor import environment
from moyai_auditor.errors import AuditError


class Installer:
    """Stands for pip and venv: makes a program where they would, or fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, fails: str = "") -> None:
        self.commands: list[list[str]] = []
        self.fails = fails
        monkeypatch.setattr(environment, "_run", self._run)
        monkeypatch.setattr(environment, "_works", lambda python: python.exists() and python.read_text() == "whole")

    def _run(self, command: list[Any], failure: str) -> None:
        words = [str(word) for word in command]
        self.commands.append(words)
        if self.fails and self.fails in words:
            raise AuditError(f"{failure}: {self.fails}")
        if "venv" in words:
            python = Path(words[-1]) / "bin" / "python"
            python.parent.mkdir(parents=True)
            python.write_text("whole")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MOYAI_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_it_is_installed_once_exactly_as_locked(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installer, said = Installer(monkeypatch), []
    python = environment.obtain(tell=said.append)
    assert python.parents[2] == cache and python.parents[1].name.startswith("hfc-") and len(said) == 1
    assert {"--no-deps", "--require-hashes"} <= set(installer.commands[1])
    assert installer.commands[1][-1] == str(environment.LOCK)
    assert environment.obtain(tell=said.append) == python
    assert len(installer.commands) == 2 and len(said) == 1


def test_what_is_broken_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    installer = Installer(monkeypatch)
    python = environment.obtain()
    python.write_text("broken")
    assert environment.obtain().read_text() == "whole"
    assert len(installer.commands) == 4


def test_an_installation_that_fails_leaves_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Installer(monkeypatch, fails="--require-hashes")
    with pytest.raises(AuditError, match="hfc cannot be installed"):
        environment.obtain()
    assert [path.name for path in cache.iterdir()] == ["hfc.lock"]


def test_another_lock_gets_another_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Installer(monkeypatch)
    former = environment.obtain()
    other = tmp_path / "requirements.txt"
    other.write_text("hfc==1.0.1")
    monkeypatch.setattr(environment, "LOCK", other)
    assert environment.obtain() != former


def test_without_a_fitting_python_it_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "VERSIONS", ("3.1",))
    with pytest.raises(AuditError, match="put python3.1 on PATH"):
        environment.obtain()


def test_the_lock_pins_every_package_by_hash() -> None:
    lines = environment.LOCK.read_text("utf-8").splitlines()
    pinned = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert "fabric-sdk-py==1.0.0 \\" in pinned and "protobuf==3.20.3 \\" in pinned
    assert all("==" in line and line.endswith("\\") for line in pinned)


def test_the_real_one_holds_hfc(hfc_python: Path) -> None:
    done = subprocess.run([hfc_python, "-I", "-c", environment.PROBE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
