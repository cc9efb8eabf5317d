"""Starting and stopping groups of programs, or single ones, of a network that is up."""
from __future__ import annotations

import socket
from typing import Iterator

from moyai_network import readings
from moyai_network.crash_watch import CrashWatch
from moyai_network.definition import Consortium
from moyai_network.errors import NetworkError
from moyai_network.layout import State
from moyai_network.ports import demand_free
from moyai_network.rendering.processes import APART, SIMULATION
from moyai_network.supervisor import Supervisor
from moyai_network.waiting import wait_for

FABRIC = "fabric"
"""Everything but what stands apart: meters, web UI, simulation."""
_START_SECONDS = 120.0


def start(consortium: Consortium, state: State, group: str) -> None:
    """Starts a group or one program, and returns when all of it runs and can be connected to.

    NetworkError where the network is down, a port is taken or a program does not stay up.
    """
    supervisor = Supervisor(state)
    names = _members(supervisor, group)
    processes = supervisor.processes()
    resting = {name for name in names if not processes[name].running}
    demand_free(listening for program, listening in _ports(consortium) if program in resting)
    readings.prepare((member.code for member in consortium.municipalities
                      if any(name.startswith(f"bridge-{member.code}-") for name in resting)), state)
    supervisor.start(names)
    # A simulation that is over is no program that keeps ending.
    simulated = any(processes[name].group == SIMULATION for name in names)
    watch = CrashWatch(supervisor, state, unwatched=() if simulated else (SIMULATION,))
    ports = [listening[:2] for program, listening in _ports(consortium) if program in names]

    def up() -> bool:
        found = watch.look()
        return all(found[name].state == "running" for name in names) and all(map(_listens, ports))
    wait_for(up, seconds=_START_SECONDS, interval=0.2,
             failure=lambda: f"{group} is not ready after {_START_SECONDS:.0f} s; look at `moyai network logs`.")


def stop(state: State, group: str) -> None:
    """Stops a group or one program; NetworkError where there is none of this name."""
    supervisor = Supervisor(state)
    supervisor.stop(_members(supervisor, group))


def _members(supervisor: Supervisor, group: str) -> list[str]:
    processes = supervisor.processes()
    if not processes:
        raise NetworkError("The network is not up: call `moyai network up` first.")
    names = [name for name, process in processes.items()
             if group in (name, process.group) or (group == FABRIC and process.group not in APART)]
    if not names:
        raise NetworkError(f"There is no group or program {group}; there are: {FABRIC}, "
                           f"{', '.join((*APART, *sorted(processes)))}.")
    return names


def _ports(consortium: Consortium) -> Iterator[tuple[str, tuple[str, int, str]]]:
    """(program, (host, port, purpose)) of what listens outside Fabric."""
    for member in consortium.municipalities:
        yield f"broker-{member.code}", (member.host, member.ports.broker, f"broker of {member.name}")
        yield f"webui-{member.code}", (member.host, member.ports.webui, f"web UI of {member.name}")
    if consortium.lan is not None:
        yield "certificate-page", (consortium.lan, consortium.lan_page, "page for phones")
    mailbox = consortium.mailbox
    for port in (mailbox.smtp, mailbox.page):
        yield "mailbox", (mailbox.host, port, "mailbox")


def _listens(address: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(address, timeout=2):
            return True
    except OSError:
        return False
