"""The process plan: every program of the network with its command line, and supervisord.conf made from it."""
from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterable, Mapping

from moyai_network.definition import Consortium, Municipality
from moyai_network.errors import DefinitionError
from moyai_network.lan import Files
from moyai_network.layout import State
from moyai_network.rendering.chaincode import MOYAI_CONTRACT, Chaincode
from moyai_network.rendering.meters import (
    access_settings, bridge_settings, simulator_settings, totals_settings)
from moyai_network.rendering.nodes import peer_environment
from moyai_network.rendering.webui import mailbox_settings, settings

STATE_MARK = "MOYAI_NETWORK_STATE"
"""supervisord and every program of a network carry their state folder in this variable, so that they are known for
ours when it is gone."""
AUTHORITIES, ORDERERS, PEERS, CONTRACTS = "authorities", "orderers", "peers", "contracts"
METERS, WEBUI, SIMULATION = "meters", "webui", "simulation"
PRIORITIES = {AUTHORITIES: 10, ORDERERS: 20, PEERS: 30, CONTRACTS: 40, METERS: 50, WEBUI: 60, SIMULATION: 70}
"""Groups stop from the highest down: contract services drain while their peers still listen."""
APART = (METERS, WEBUI, SIMULATION)
"""Groups that need the Fabric network, and it not them: `up` leaves them as they are."""
SIMULATED_HOMES, SIMULATED_SPEED = 12, 14400

ALWAYS, UNLESS_DONE, NEVER = "true", "unexpected", "false"
"""When supervisord starts a program again that ended: whatever its exit status, unless it was 0, not at all."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What the programs are run with: Fabric's folder of programs, Mosquitto, the Python interpreter, the `moyai`
    command."""

    fabric: Path
    mosquitto: Path
    python: Path
    moyai: Path


@dataclass(frozen=True, slots=True)
class Program:
    """One program under supervision. `role` says which of the municipality's programs it is; code "" is nobody's.

    Of several with one role `instance` tells them apart.
    """

    role: str
    code: str
    group: str
    command: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    chaincode: str = ""
    """Name of the chaincode a contract service serves."""
    instance: str = ""
    restart: str = ALWAYS

    @property
    def name(self) -> str:
        """Unique in the network, e.g. peer-172022 or bridge-172022-1."""
        return "-".join(part for part in (self.role, self.code, self.instance) if part)


_LOGGING = {
    "FABRIC_LOGGING_SPEC": "info:comm.grpc.server=warning:endorser=warning:grpc=warning:gossip.comm=error",
    "FABRIC_LOGGING_FORMAT": "%{time:2006-01-02T15:04:05.000Z07:00} %{level:.4s} %{module}: %{message}",
}
"""Without colours, and without a line for every call."""


def plan(consortium: Consortium, chaincodes: Iterable[Chaincode], state: State, tools: Tools) -> tuple[Program, ...]:
    """All programs, in the order in which they start."""
    programs = [node for municipality in consortium.municipalities for node in _nodes(municipality, state, tools)]
    programs += [_contract(municipality, chaincode, state, tools) for chaincode in chaincodes
                 for municipality in consortium.municipalities]
    programs += [program for municipality in consortium.municipalities
                 for program in (*_meters(consortium, municipality, state, tools),
                                 *_webui(consortium, municipality, state, tools))]
    programs.append(_simulator(consortium, state, tools))
    programs += _certificate_page(consortium, state, tools)
    programs.append(Program("mailbox", "", WEBUI, (str(tools.moyai), "webui", "mailbox"), state.root,
                            mailbox_settings(consortium, state)))
    return tuple(sorted(programs, key=lambda program: PRIORITIES[_base(program.group)]))


def supervisord(programs: Iterable[Program], state: State) -> str:
    """supervisord.conf; nothing starts by itself, for the first start has an order."""
    groups: dict[str, list[Program]] = {}
    for program in programs:
        groups.setdefault(program.group, []).append(program)
    sections = [_head(state)]
    for group, members in groups.items():
        sections.append(_section(f"group:{group}", {"programs": ",".join(program.name for program in members),
                                                    "priority": str(PRIORITIES[_base(group)])}))
        sections.extend(_program(program, state) for program in members)
    return "\n".join(sections)


def _nodes(municipality: Municipality, state: State, tools: Tools) -> list[Program]:
    code, home = municipality.code, state.home(municipality.code)
    fabric = tools.fabric
    return [
        Program("ca", code, AUTHORITIES, (str(fabric / "fabric-ca-server"), "start", "--home", str(home.ca)), home.ca),
        Program("orderer", code, ORDERERS, (str(fabric / "orderer"),), home.orderer,
                {"FABRIC_CFG_PATH": str(home.orderer), **_LOGGING}),
        Program("peer", code, PEERS, (str(fabric / "peer"), "node", "start"), home.peer,
                {**peer_environment(home), **_LOGGING}),
    ]


def _contract(municipality: Municipality, chaincode: Chaincode, state: State, tools: Tools) -> Program:
    home = state.home(municipality.code)
    main = chaincode.contract == MOYAI_CONTRACT
    environment = {"PYTHONUNBUFFERED": "1"}
    if chaincode.path:
        environment["PYTHONPATH"] = chaincode.path
    command = (str(tools.python), "-m", "moyai_shim",
               "--contract", chaincode.contract,
               "--address", f"{municipality.host}:{chaincode.port(municipality.code)}",
               "--package-id", chaincode.package_id,
               "--tls-certificate", str(home.contract / "tls" / "server.crt"),
               "--tls-key", str(home.contract / "tls" / "server.key"),
               "--tls-client-ca", str(home.tls_ca))
    return Program("contract" if main else f"contract-{chaincode.name}", municipality.code,
                   CONTRACTS if main else f"{CONTRACTS}-{chaincode.name}", command, home.contract,
                   environment, chaincode.name)


def _meters(consortium: Consortium, municipality: Municipality, state: State, tools: Tools) -> list[Program]:
    code, folder = municipality.code, state.bridge(municipality.code)
    broker = state.home(code).broker
    # Every device holds a connection: as many files as the system allows.
    command = ("/bin/sh", "-c", 'ulimit -n "$(ulimit -Hn)" && exec "$0" -c "$1"', str(tools.mosquitto),
               str(broker / "mosquitto.conf"))
    return [Program("broker", code, METERS, command, broker / "data"),
            Program("access", code, METERS, (str(tools.moyai), "bridge", "access"), folder,
                    access_settings(municipality, state)),
            *(Program("bridge", code, METERS, (str(tools.moyai), "bridge", "run"), folder,
                      bridge_settings(consortium, municipality, state, name), instance=name, restart=UNLESS_DONE)
              for name in municipality.bridge_names),
            Program("totals", code, METERS, (str(tools.moyai), "bridge", "close-months"), folder,
                    totals_settings(consortium, municipality, state))]


def _simulator(consortium: Consortium, state: State, tools: Tools) -> Program:
    """A few homes of the municipality that joined last, so that its pages live."""
    municipality = consortium.municipalities[-1]
    command = (str(tools.moyai), "bridge", "simulate", "--homes", str(SIMULATED_HOMES), "--resident",
               "--speed", str(SIMULATED_SPEED))
    return Program("simulator", "", SIMULATION, command, state.bridge(municipality.code),
                   simulator_settings(municipality, state), restart=NEVER)


def _webui(consortium: Consortium, municipality: Municipality, state: State, tools: Tools) -> list[Program]:
    code, environment = municipality.code, settings(consortium, municipality, state)
    folder = state.webui(code)
    gunicorn = (str(tools.python), "-m", "gunicorn", "--config", "python:moyai_webui.gunicorn_config",
                "--bind", municipality.address("webui"), *_phones(consortium, municipality, state))
    return [Program("webui", code, WEBUI, gunicorn, folder, environment),
            Program("projector", code, WEBUI, (str(tools.moyai), "webui", "project"), folder, environment),
            Program("worker", code, WEBUI, (str(tools.moyai), "webui", "work"), folder, environment)]


def _phones(consortium: Consortium, municipality: Municipality, state: State) -> tuple[str, ...]:
    """What lets phones of the local network in: https, and the machine's address beside the host."""
    if consortium.lan is None:
        return ()
    files, address = Files.of(state), f"{consortium.lan}:{municipality.ports.webui}"
    bind = () if address == municipality.address("webui") else ("--bind", address)
    return (*bind, "--certfile", str(files.certificate), "--keyfile", str(files.key))


def _certificate_page(consortium: Consortium, state: State, tools: Tools) -> list[Program]:
    """Where phones fetch the CA's certificate, while they are served."""
    if consortium.lan is None:
        return []
    links = [part for member in consortium.municipalities for part in ("--link", consortium.public_url(member))]
    return [Program("certificate-page", "", WEBUI, (
        str(tools.moyai), "network", "certificate-page", "--address", f"{consortium.lan}:{consortium.lan_page}",
        "--certificate", str(Files.of(state).ca), *links), state.root)]


def _head(state: State) -> str:
    return "\n".join((
        _section("supervisord", {
            "logfile": str(state.logs / "supervisord.log"), "logfile_maxbytes": "5MB", "logfile_backups": "2",
            "pidfile": str(state.network / "supervisord.pid"), "childlogdir": str(state.logs), "umask": "077",
            "identifier": "moyai"}),
        _section("unix_http_server", {"file": str(state.supervisor_socket), "chmod": "0700"}),
        _section("rpcinterface:supervisor", {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"}),
    ))


def _program(program: Program, state: State) -> str:
    return _section(f"program:{program.name}", {
        "command": shlex.join(program.command),
        "directory": str(program.directory),
        "environment": _environment(program.environment),
        "autostart": "false",
        "autorestart": program.restart,
        "startsecs": "1",
        "startretries": "20",
        "stopwaitsecs": "20",
        "stopasgroup": "false",
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": str(state.logs / f"{program.name}.log"),
        "stdout_logfile_maxbytes": "10MB",
        "stdout_logfile_backups": "3",
    })


def _section(title: str, settings: Mapping[str, str]) -> str:
    lines = [f"{key}={value.replace('%', '%%')}" for key, value in settings.items()]
    return "\n".join((f"[{title}]", *lines, ""))


def _environment(variables: Mapping[str, str]) -> str:
    return ",".join(f"{name}={_quoted(value)}" for name, value in variables.items())


def _quoted(value: str) -> str:
    """supervisord knows no escape inside quotes: a value may hold one kind of them."""
    if '"' not in value:
        return f'"{value}"'
    if "'" not in value:
        return f"'{value}'"
    raise DefinitionError(f"supervisord cannot be told a value with both kinds of quotes: {value}")


def _base(group: str) -> str:
    return group.split("-", 1)[0]
