"""How every program of the network fares, and starting and stopping groups of them."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any, Iterator

from rich.table import Table

from moyai_network import channel
from moyai_network.certificate_validity import days_left
from moyai_network.definition import Consortium, Municipality
from moyai_network.errors import NetworkError
from moyai_network.layout import State
from moyai_network.operations import Operations, metric
from moyai_network.ports import demand_free
from moyai_network.rendering.processes import PRIORITIES, WEBUI
from moyai_network.supervisor import ProcessState, Supervisor

FABRIC = "fabric"
ORDERER, PEER = "orderer", "peer"


def status(consortium: Consortium, state: State) -> dict[str, Any]:
    """Everything `moyai network status --json` prints.

    {"up": all Fabric programs run, "supervisor": pid or null, "municipalities": [{"municipality", "name",
    "programs": [{"program", "role", "group", "state", "pid", "uptime_seconds", "height", "leader",
    "certificate_days_left"}]}], "shared": [programs that belong to no municipality]}; what does not apply is null.
    """
    supervisor = Supervisor(state)
    processes = supervisor.processes()
    with ThreadPoolExecutor(len(consortium.municipalities)) as pool:
        members = list(pool.map(lambda member: _municipality(consortium, member, state, processes),
                                consortium.municipalities))
    theirs = {program["program"] for member in members for program in member["programs"]}
    shared = [_program(process, None) for name, process in sorted(processes.items()) if name not in theirs]
    nodes = [program for member in members for program in member["programs"] if program["group"] != WEBUI]
    return {"up": bool(nodes) and all(program["state"] == "running" for program in nodes),
            "supervisor": supervisor.pid(), "municipalities": members, "shared": shared}


def table(found: dict[str, Any]) -> Table:
    """The same for a person."""
    shown = Table("Municipality", "Program", "State", "Since", "Height", "Leader", "Certificate", box=None)
    for member in found["municipalities"]:
        for program in member["programs"]:
            shown.add_row(member["name"], *_row(program))
    for program in found["shared"]:
        shown.add_row("", *_row(program))
    return shown


def start(consortium: Consortium, state: State, group: str) -> None:
    """Starts a group or one program, which supervisord then keeps up; NetworkError where it cannot be."""
    supervisor = Supervisor(state)
    names = _members(supervisor, group)
    processes = supervisor.processes()
    resting = {name for name in names if not processes[name].running}
    demand_free(listening for program, listening in _web_ports(consortium) if program in resting)
    supervisor.start(names)


def stop(state: State, group: str) -> None:
    """Stops a group or one program; NetworkError where there is none of this name."""
    supervisor = Supervisor(state)
    supervisor.stop(_members(supervisor, group))


def _members(supervisor: Supervisor, group: str) -> list[str]:
    processes = supervisor.processes()
    if not processes:
        raise NetworkError("The network is not up: call `moyai network up` first.")
    names = [name for name, process in processes.items()
             if group in (name, process.group) or (group == FABRIC and process.group != WEBUI)]
    if not names:
        raise NetworkError(f"There is no group or program {group}; there are: {FABRIC}, {WEBUI}, "
                           f"{', '.join(sorted(processes))}.")
    return names


def _web_ports(consortium: Consortium) -> Iterator[tuple[str, tuple[str, int, str]]]:
    """(program, (host, port, purpose)) of what listens outside Fabric."""
    for member in consortium.municipalities:
        yield f"webui-{member.code}", (member.host, member.ports.webui, f"web UI of {member.name}")
    mailbox = consortium.mailbox
    for port in (mailbox.smtp, mailbox.page):
        yield "mailbox", (mailbox.host, port, "mailbox")


def _municipality(consortium: Consortium, member: Municipality, state: State,
                  processes: dict[str, ProcessState]) -> dict[str, Any]:
    certificates = days_left(member, state, datetime.now(timezone.utc))
    programs = []
    for name, process in processes.items():
        role, _, code = name.rpartition("-")
        if code != member.code:
            continue
        program = _program(process, certificates.get(name))
        if process.running and role in (ORDERER, PEER):
            program |= _ledger(consortium, member, role, state)
        programs.append(program)
    programs.sort(key=lambda program: (PRIORITIES.get(program["group"], 45), program["program"]))
    return {"municipality": member.code, "name": member.name, "programs": programs}


def _program(process: ProcessState, certificate_days: int | None) -> dict[str, Any]:
    role = process.name.rpartition("-")[0] or process.name
    return {"program": process.name, "role": role, "group": process.group, "state": process.state,
            "pid": process.pid or None, "uptime_seconds": process.seconds if process.running else None,
            "height": None, "leader": None, "certificate_days_left": certificate_days}


def _ledger(consortium: Consortium, member: Municipality, role: str, state: State) -> dict[str, Any]:
    text = Operations.of(member, role, state).metrics()
    if role == PEER:
        return {"height": metric(text, channel.PEER_HEIGHT, consortium.channel)}
    committed = metric(text, channel.ORDERER_BLOCK, consortium.channel)
    leads = metric(text, channel.IS_LEADER, consortium.channel)
    return {"height": None if committed is None else committed + 1, "leader": None if leads is None else leads == 1}


def _row(program: dict[str, Any]) -> tuple[str, ...]:
    seconds, days = program["uptime_seconds"], program["certificate_days_left"]
    return (program["program"], program["state"], "" if seconds is None else _duration(seconds),
            "" if program["height"] is None else str(program["height"]), "leader" if program["leader"] else "",
            "" if days is None else f"{days} days")


def _duration(seconds: int) -> str:
    minutes, hours = seconds // 60, seconds // 3600
    if hours >= 48:
        return f"{hours // 24} d"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min" if minutes else f"{seconds} s"
