"""The wheel holds everything: an unlisted subpackage or template works in an editable install and is missing there."""
from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.source_tree import PACKAGES, ROOT, expect_none, files


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of the tree as it stands, built outside it."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for path in files():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, source / path)
    done = subprocess.run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", target, source],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return zipfile.ZipFile(next(target.glob("*.whl")))


def _packaged(path: Path) -> str | None:
    """Where a file of a package stands in the wheel."""
    for folder, package in PACKAGES.items():
        if path.is_relative_to(folder):
            return f"{package}/{path.relative_to(folder)}"
    return None


def test_every_file_of_the_packages_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    expected = {name for path in files() if (name := _packaged(path)) is not None}
    expect_none(sorted(expected - set(wheel.namelist())))


def test_nothing_else_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    expected = {name for path in files() if (name := _packaged(path)) is not None}
    expect_none(name for name in wheel.namelist() if name not in expected and ".dist-info/" not in name)


def test_every_command_of_the_wheel_can_be_loaded(wheel: zipfile.ZipFile) -> None:
    name = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    points = configparser.ConfigParser()
    points.optionxform = str  # type: ignore[assignment,method-assign]
    points.read_string(wheel.read(name).decode())
    commands = points["moyai.commands"]
    assert {"network", "directory", "webui", "demo"} <= set(commands)
    for command in commands.values():
        module = command.partition(":")[0].replace(".", "/")
        assert f"{module}.py" in wheel.namelist() or f"{module}/__init__.py" in wheel.namelist(), command


def test_every_folder_of_a_package_is_listed() -> None:
    """The five packages are all there are."""
    found = {str(path.parent) for path in files() if path.name == "__init__.py" and len(path.parts) == 3}
    assert {folder for folder in found if not folder.startswith("tests")} == set(PACKAGES)
