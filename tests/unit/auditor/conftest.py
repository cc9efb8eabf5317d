"""The examination's own environment, and experiments in it."""
from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from moyai_auditor import environment

LABORATORY = Path(__file__).with_name("laboratory")
Experiment = Callable[..., Any]


@pytest.fixture(scope="session")
def hfc_python() -> Path:
    """Python of the environment, installed if need be."""
    return environment.obtain()


@pytest.fixture(scope="session")
def laboratory(hfc_python: Path) -> Experiment:
    """Runs an experiment on the golden chain (`laboratory/__main__.py`); each is made once a session."""
    @cache
    def run(experiment: str, **options: Any) -> Any:
        done = subprocess.run([hfc_python, "-I", LABORATORY, experiment, json.dumps(options)], capture_output=True,
                              text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    return run
