"""How every program of the network fares."""
from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any

from rich.table import Table

from moyai_network import channel
from moyai_network.certificate_validity import days_left
from moyai_network.definition import Consortium, Municipality
from moyai_network.layout import State
from moyai_network.notes import notes
from moyai_network.operations import Operations, metric
from moyai_network.rendering.processes import APART, PRIORITIES
from moyai_network.supervisor import ProcessState, Supervisor

ORDERER, PEER = "orderer", "peer"
_STANDING = ("running", "starting")


def status(consortium: Consortium, state: State) -> dict[str, Any]:
    """Everything `moyai network status --json` prints.

    {"up": all Fabric programs run, "supervisor": pid or null, "municipalities": [{"municipality", "name",
    "programs": [{"program", "role", "group", "state", "pid", "uptime_seconds", "height", "leader",
    "certificate_days_left", "notes": [sentences]}]}], "shared": [programs that belong to no municipality]}; what does
    not apply is null.
    """
    supervisor = Supervisor(state)
    processes = supervisor.processes()
    with ThreadPoolExecutor(len(consortium.municipalities)) as pool:
        members = list(pool.map(lambda member: _municipality(consortium, member, state, processes),
                                consortium.municipalities))
    theirs = {program["program"] for member in members for program in member["programs"]}
    shared = [_program(process, None) for name, process in sorted(processes.items()) if name not in theirs]
    nodes = [program for member in members for program in member["programs"] if program["group"] not in APART]
    return {"up": bool(nodes) and all(program["state"] in _STANDING for program in nodes),
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


def sentences(found: dict[str, Any]) -> list[str]:
    """What running programs say that a person should know, a line each."""
    return [f"{program['program']}: {note}" for member in found["municipalities"] for program in member["programs"]
            for note in program["notes"]]


def _municipality(consortium: Consortium, member: Municipality, state: State,
                  processes: dict[str, ProcessState]) -> dict[str, Any]:
    certificates = days_left(member, state, datetime.now(timezone.utc))
    programs = []
    for name, process in processes.items():
        role, code, instance = _parts(name)
        if code != member.code:
            continue
        program = _program(process, certificates.get(name))
        if process.running:
            program |= {"notes": notes(role, code, instance, state)}
        if process.running and role in (ORDERER, PEER):
            program |= _ledger(consortium, member, role, state)
        programs.append(program)
    programs.sort(key=lambda program: (PRIORITIES.get(program["group"], 45), program["program"]))
    return {"municipality": member.code, "name": member.name, "programs": programs}


def _program(process: ProcessState, certificate_days: int | None) -> dict[str, Any]:
    return {"program": process.name, "role": _parts(process.name)[0], "group": process.group,
            "state": process.state, "pid": process.pid or None,
            "uptime_seconds": process.seconds if process.running else None,
            "height": None, "leader": None, "certificate_days_left": certificate_days, "notes": []}


def _parts(name: str) -> tuple[str, str, str]:
    """Role, code and instance in a program's name; the code is empty where it belongs to no municipality."""
    found = re.fullmatch(r"(.+?)-([0-9]{6})(?:-(.+))?", name)
    return (found[1], found[2], found[3] or "") if found else (name, "", "")


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
