"""Fabric's programs: built once from the Go module proxy into a cache outside the clone, or taken as they are."""
from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator

from moyai_network.errors import BinariesError
from moyai_network.toolchain import find_go

MANIFEST = "manifest.json"
_SOURCES = Path(__file__).parent / "fabric"


@dataclass(frozen=True, slots=True)
class Module:
    """One Go module of ours that pins what is built: its folder, import path, version, programs and link flags."""

    folder: str
    path: str
    version: str
    programs: tuple[str, ...]
    cgo: bool
    flags: str


FABRIC = Module(
    "fabric", "github.com/hyperledger/fabric", "3.1.1",
    ("peer", "orderer", "osnadmin", "configtxgen", "configtxlator", "ledgerutil", "discover"), cgo=False,
    flags="-X github.com/hyperledger/fabric/common/metadata.Version=v3.1.1 "
          "-X github.com/hyperledger/fabric/common/metadata.CommitSHA=435a7f1a780a")
# The CA keeps its registry in SQLite, whose driver needs a C compiler.
FABRIC_CA = Module(
    "fabric-ca", "github.com/hyperledger/fabric-ca", "1.5.21", ("fabric-ca-server", "fabric-ca-client"), cgo=True,
    flags="-X github.com/hyperledger/fabric-ca/lib/metadata.Version=v1.5.21")
MODULES = (FABRIC, FABRIC_CA)
PROGRAMS = FABRIC.programs + FABRIC_CA.programs


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with all of Fabric's programs."""

    folder: Path

    def program(self, name: str) -> str:
        """Path of a program of this name."""
        return str(self.folder / name)


def cache_folder() -> Path:
    """Where built programs are kept: $MOYAI_CACHE, else moyai in the user's cache folder."""
    if given := os.environ.get("MOYAI_CACHE"):
        return Path(given).expanduser().absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "moyai"


def obtain(*, thorough: bool = False, tell: Callable[[str], None] = lambda text: None) -> Binaries:
    """The programs of the pinned versions, built where the cache lacks them or holds them broken.

    $MOYAI_FABRIC_BIN names a folder of existing programs instead. `thorough` compares every digest even where size
    and time say that nothing changed. `tell` is called with a line of text before each slow step.
    """
    if given := os.environ.get("MOYAI_FABRIC_BIN"):
        return existing(Path(given).expanduser().absolute())
    cache = cache_folder()
    folder = cache / f"fabric-{FABRIC.version}-{_key()}"
    if intact(folder, thorough=thorough):
        return Binaries(folder / "bin")
    with _only_builder(cache):
        if not intact(folder, thorough=thorough):
            _build_all(cache, folder, tell)
    return Binaries(folder / "bin")


def existing(folder: Path) -> Binaries:
    """Programs somebody else built; BinariesError unless all are there, of Fabric 3.1.1 or a later 3.1 and CA 1.5."""
    for name in PROGRAMS:
        if not os.access(folder / name, os.X_OK) or not (folder / name).is_file():
            raise BinariesError(f"MOYAI_FABRIC_BIN: {folder} has no program {name}.")
    for name in ("peer", "orderer"):
        _demand(folder / name, at_least=(3, 1, 1), below=(3, 2, 0), wanted="3.1.1 or a later 3.1")
    _demand(folder / "fabric-ca-server", at_least=(1, 5, 0), below=(1, 6, 0), wanted="1.5")
    return Binaries(folder)


def intact(folder: Path, *, thorough: bool = False) -> bool:
    """Whether every program is there as its manifest says."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(manifest, dict) or set(manifest) != set(PROGRAMS):
        return False
    with ThreadPoolExecutor(2) as pool:
        return all(pool.map(lambda name: _matches(folder / "bin" / name, manifest[name], thorough), PROGRAMS))


def _matches(program: Path, entry: Any, thorough: bool) -> bool:
    if not isinstance(entry, dict) or not entry.keys() >= {"size", "mtime_ns", "sha256"}:
        return False
    if not os.access(program, os.X_OK):
        return False
    found = program.stat()
    if found.st_size != entry["size"]:
        return False
    return (not thorough and found.st_mtime_ns == entry["mtime_ns"]) or _digest(program) == entry["sha256"]


def _digest(program: Path) -> str:
    with program.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _key() -> str:
    """Changes with anything that decides what the programs contain."""
    digest = hashlib.sha256()
    for module in MODULES:
        for name in ("go.mod", "go.sum"):
            digest.update((_SOURCES / module.folder / name).read_bytes())
        digest.update(json.dumps([module.version, module.programs, module.cgo, module.flags]).encode())
    return digest.hexdigest()[:12]


@contextmanager
def _only_builder(cache: Path) -> Iterator[None]:
    """Two builds at once would only take each other's processors: the second waits and finds the work done."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build_all(cache: Path, folder: Path, tell: Callable[[str], None]) -> None:
    tell("Looking for Go")
    go = find_go(cache)
    if not shutil.which("gcc") and not shutil.which("cc"):
        raise BinariesError("The CA server needs a C compiler to be built: apt-get install gcc libc6-dev")
    with tempfile.TemporaryDirectory(dir=cache, prefix=".build-") as staging:
        built = Path(staging) / folder.name
        for module in MODULES:
            tell(f"Building {module.folder} {module.version} (about a minute)")
            _build(go, module, Path(staging), built / "bin")
        (built / MANIFEST).write_text(json.dumps({name: _entry(built / "bin" / name) for name in PROGRAMS}, indent=1))
        if folder.exists():
            folder.rename(Path(staging) / "broken")
        built.rename(folder)


def _build(go: Path, module: Module, staging: Path, target: Path) -> None:
    # Go wants to write beside go.mod even when nothing changes; an installed package may be read-only.
    source = staging / module.folder
    shutil.copytree(_SOURCES / module.folder, source)
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": "-mod=readonly -buildvcs=false",
                   "CGO_ENABLED": "1" if module.cgo else "0"}
    target.mkdir(parents=True, exist_ok=True)
    command = [go, "build", "-trimpath", "-ldflags", f"-s -w {module.flags}", "-o", f"{target}/",
               *(f"{module.path}/cmd/{name}" for name in module.programs)]
    done = subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["go gave no reason"])[-1]
        raise BinariesError(f"{module.folder} {module.version} cannot be built: {reason}")


def _entry(program: Path) -> dict:
    found = program.stat()
    return {"size": found.st_size, "mtime_ns": found.st_mtime_ns, "sha256": _digest(program)}


def _demand(program: Path, *, at_least: tuple[int, ...], below: tuple[int, ...], wanted: str) -> None:
    try:
        answer = subprocess.run([program, "version"], capture_output=True, text=True, timeout=60).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BinariesError(f"MOYAI_FABRIC_BIN: {program} does not run: {error}.") from error
    match = re.search(r"Version: v?(\d+)\.(\d+)\.(\d+)", answer)
    version = tuple(int(part) for part in match.groups()) if match else ()
    if not at_least <= version < below:
        found = ".".join(map(str, version)) or "unknown"
        raise BinariesError(f"MOYAI_FABRIC_BIN: {program} is of version {found}; {wanted} is needed.")
