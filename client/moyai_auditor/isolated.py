"""Starts a module of this package by itself: run as a file with `python -I`, nothing beside the package is importable.

    python -I …/moyai_auditor/isolated.py moyai_auditor.examination.command ARGUMENTS…
"""
from __future__ import annotations

import runpy
import sys
from pathlib import Path
from types import ModuleType


def confine() -> None:
    """Makes `moyai_auditor` importable, though not the folder it lies in, where the other packages of Moyai are."""
    package = ModuleType("moyai_auditor")
    package.__path__ = [str(Path(__file__).resolve().parent)]
    sys.modules["moyai_auditor"] = package


if __name__ == "__main__":
    confine()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__")
