"""What is in the way of `up` is told in one sentence with an exit code, and leaves nothing half-made."""
from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from moyai_network.orphans import marked
from moyai_network.waiting import wait_for

from tests.network.consortium import MOYAI, ROOT, RunningConsortium


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[RunningConsortium]:
    """A consortium nobody has brought up yet; whatever runs in the end is put down."""
    network = RunningConsortium(tmp_path)
    yield network
    network.down()
    assert not list(marked(network.state))


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence of a command that failed."""
    assert done.returncode == 1, done.stdout + done.stderr
    *before, last = done.stderr.splitlines()
    assert not before and last.startswith("Error: ")
    return last.removeprefix("Error: ")


def test_a_taken_port_is_told_before_anything_starts(fresh: RunningConsortium) -> None:
    nanao = fresh.definition.municipality("172022")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", nanao.ports.contract_service))
        taken.listen()
        sentence = refused(fresh.moyai("network", "up"))
    assert sentence.startswith(f"Port {nanao.ports.contract_service} for contract of 七尾市 is taken by process ")
    assert not list(marked(fresh.state))
    assert not fresh.state.genesis_block.exists()


def test_an_up_that_was_killed_is_completed_by_the_next(fresh: RunningConsortium) -> None:
    """Killed while certificates are being issued, then killed when the first block is there, then left alone."""
    home = fresh.state.home("172022")
    for reached in (home.peer / "msp", fresh.state.genesis_block):
        attempt = subprocess.Popen([MOYAI, "network", "up"], stdout=subprocess.DEVNULL, cwd=ROOT,
                                   env={"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), **fresh.environment})
        try:
            wait_for(reached.exists, seconds=60, interval=0.005, failure=lambda: f"{reached} never came")
        finally:
            attempt.send_signal(signal.SIGKILL)
            attempt.wait()
    assert fresh.moyai("network", "status").returncode == 3
    completed = fresh.moyai("network", "up")
    assert completed.returncode == 0, completed.stderr
    assert fresh.moyai("network", "status").returncode == 0


def test_a_program_that_cannot_run_is_told_with_what_it_said(fresh: RunningConsortium, tmp_path: Path) -> None:
    """A peer whose key does not belong to its certificate ends at once."""
    fresh.up()
    fresh.down()
    home = fresh.state.home("172022")
    shutil.copy(home.orderer / "tls" / "server.key", home.peer / "tls" / "server.key")
    sentence = refused(fresh.moyai("network", "up"))
    assert sentence.startswith("peer-172022 does not stay up: ") and "private key does not match" in sentence
