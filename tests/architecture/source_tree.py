"""The tree as the tests of this folder see it: its files, and what its modules import."""
from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Folder → the package it contains.
PACKAGES = {
    "chaincode/moyai_contracts": "moyai_contracts",
    "chaincode/moyai_shim": "moyai_shim",
    "client/moyai_client": "moyai_client",
    "client/moyai_auditor": "moyai_auditor",
    "client/moyai_database": "moyai_database",
    "iot-bridge/moyai_bridge": "moyai_bridge",
    "network/moyai_network": "moyai_network",
    "webui/moyai_webui": "moyai_webui",
}


@cache
def files() -> tuple[Path, ...]:
    """Every file that git knows or would add, relative to the root."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            capture_output=True, text=True, check=True).stdout
    return tuple(path for name in listed.split("\0") if name and (ROOT / (path := Path(name))).is_file())


def python_files() -> Iterator[Path]:
    """Every Python file, the tests' too."""
    return (path for path in files() if path.suffix == ".py")


@cache
def text(path: Path) -> str:
    """The content of a file named relative to the root."""
    return (ROOT / path).read_text("utf-8")


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file named relative to the root."""
    return ast.parse(text(path), str(path))


def module_of(path: Path) -> str | None:
    """Dotted name of a package's module, None for a file outside the packages."""
    for folder, package in PACKAGES.items():
        if path.suffix == ".py" and path.is_relative_to(folder):
            parts = [package, *path.relative_to(folder).with_suffix("").parts]
            return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return None


def modules() -> dict[str, Path]:
    """Every module of the packages."""
    return {name: path for path in python_files() if (name := module_of(path)) is not None}


def imports(path: Path) -> set[str]:
    """Dotted names of all that a file imports, at its head or inside functions; `from a import b` gives a and a.b."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(path, node)
            found.add(base)
            found.update(f"{base}.{alias.name}" for alias in node.names)
    return found


def expect_none(found: Iterable[object]) -> None:
    """Fails with a line for each finding."""
    lines = [str(finding) for finding in found]
    assert not lines, "\n" + "\n".join(lines)


def within(name: str, package: str) -> bool:
    """Whether a dotted name is a package or lies in it."""
    return name == package or name.startswith(f"{package}.")


def _base(path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    here = (module_of(path) or "").split(".")
    if path.name != "__init__.py":
        here = here[:-1]
    kept = here[:len(here) - node.level + 1]
    return ".".join([*kept, *(node.module or "").split(".")]).rstrip(".")
