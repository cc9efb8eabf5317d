"""A real consortium for tests: three municipalities with free ports in a folder of its own, put down at the end.

As a pytest plugin it gives the fixture `consortium`, one network for the whole session; `running` is for a test or a
benchmark that needs one of its own.
"""
from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml
from moyai_network import additional_chaincode, binaries, definition, shut_down, start_up
from moyai_network.layout import State
from moyai_network.log_files import tail
from moyai_network.orphans import marked
from moyai_network.ports import free_ports
from moyai_network.progress import Progress
from moyai_network.readiness import wait_until_endorsed
from moyai_network.supervisor import Supervisor
from moyai_network.waiting import wait_for

ROOT = Path(__file__).parents[2]
MOYAI = Path(sys.executable).with_name("moyai")


class RunningConsortium:
    """A network of its own: `definition` as read from `definition_file`, everything generated below `state`."""

    def __init__(self, folder: Path, **overrides: Any) -> None:
        self.definition_file = write_definition(folder / "network.yaml", **overrides)
        self.definition = definition.load(self.definition_file)
        self.state = State.at(folder / "state")
        self._supervisor = Supervisor(self.state)

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the municipalities, the founder first."""
        return tuple(municipality.code for municipality in self.definition.municipalities)

    def up(self) -> None:
        """Brings it up; returns once all municipalities endorse."""
        start_up.up(self.definition, self.state, binaries.obtain(), Progress())

    def down(self) -> None:
        """Stops everything; the data stay."""
        shut_down.down(self.state, Progress())

    def moyai(self, *arguments: str, seconds: float = 180, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs the `moyai` command line on this network and returns what it said; does not judge its exit code."""
        return subprocess.run([MOYAI, *arguments], capture_output=True, text=True, timeout=seconds, cwd=ROOT,
                              env={**os.environ, **self.environment, **environment})

    @property
    def environment(self) -> dict[str, str]:
        """Variables that make any `moyai` command work on this network."""
        return {"MOYAI_STATE": str(self.state.root), "MOYAI_DEFINITION": str(self.definition_file)}

    def profile(self, code: str, service: str) -> Path:
        """Client profile of a municipality's service, for Profile.load."""
        return self.state.home(code).profile(service)

    def pids(self, program: str) -> list[int]:
        """Process ids of a program (e.g. peer-172022) and of its children, the supervised one first; [] if stopped."""
        process = self._supervisor.processes()[program]
        if not process.pid:
            return []
        return [process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))]

    def kill(self, program: str, number: int = signal.SIGKILL) -> int:
        """Sends a signal to a program, its children are left alone; its supervisor starts it again. Returns the pid."""
        pid = self.pids(program)[0]
        os.kill(pid, number)
        return pid

    def stop(self, group: str) -> None:
        """Stops a program or group for as long as the test wants."""
        processes = self._supervisor.processes()
        self._supervisor.stop([name for name in processes if group in (name, processes[name].group)])

    def start(self, group: str) -> None:
        """Starts a program or group."""
        processes = self._supervisor.processes()
        self._supervisor.start([name for name in processes if group in (name, processes[name].group)])

    def restart(self, program: str) -> None:
        """Stops a program in good order and starts it again; returns while it is still starting."""
        self.stop(program)
        self.start(program)

    def install_chaincode(self, name: str, contract: str, path: Path | None = None,
                          collections: Path | None = None) -> None:
        """Deploys "module:Class" (imported from the folder `path`) as one more chaincode; again is harmless."""
        additional_chaincode.install(self.definition, self.state, binaries.obtain(), Progress(), name=name,
                                     contract=contract, path=path, collections=collections)

    def wait_restarted(self, program: str, former: int, seconds: float = 30) -> int:
        """Waits until the program runs under another pid than `former`, which it returns."""
        def pid() -> int:
            process = self._supervisor.processes()[program]
            return process.pid if process.state == "running" and process.pid != former else 0
        return wait_for(pid, seconds=seconds, failure=lambda: f"{program} was not started again")

    def wait_ready(self, seconds: float = 60) -> None:
        """Waits until every gateway gets endorsements of all municipalities."""
        wait_until_endorsed(self.definition, self.state, seconds=seconds, watch=lambda: None)

    def log(self, program: str, lines: int = 200) -> list[str]:
        """What a program said last."""
        return tail(self.state.logs / f"{program}.log", lines)

    def kill_everything(self) -> None:
        """kill -9 of the supervisor and of all it has started, as a power cut would."""
        processes = list(marked(self.state))
        for process in processes:
            process.kill()
        psutil.wait_procs(processes, timeout=10)


def write_definition(path: Path, *, bridges: int = 1, **overrides: Any) -> Path:
    """The sample definition with free ports, so many bridges a municipality, and top-level fields overridden (e.g.
    batch_timeout="2s")."""
    document = yaml.safe_load((ROOT / "network" / "network.yaml").read_text("utf-8")) | overrides
    ports = iter(free_ports(3 + sum(len(member["ports"]) for member in document["municipalities"])))
    for member in document["municipalities"]:
        member["ports"] = {name: next(ports) for name in member["ports"]}
        member["bridges"] = bridges
    document["mailbox"] |= {"smtp": next(ports), "page": next(ports)}
    document["lan_page"] = next(ports)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")
    return path


@contextmanager
def running(folder: Path, **overrides: Any) -> Iterator[RunningConsortium]:
    """A consortium that is up within the block and leaves no process behind, whatever happens in it."""
    network = RunningConsortium(folder, **overrides)
    try:
        network.up()
        yield network
    finally:
        network.down()
        left = [process.pid for process in marked(network.state)]
        assert not left, f"processes {left} of {network.state.root} are still there"


@pytest.fixture(scope="session")
def consortium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningConsortium]:
    """The session's network; a test that stops something puts it right again before it ends. It anchors readings soon,
    so that nobody waits for that."""
    with running(tmp_path_factory.mktemp("consortium"), anchor_seconds=5) as network:
        yield network
