"""supervisord.conf as supervisord itself reads it, the external builder as a peer calls it, packages, free ports."""
from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shlex
import socket
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from moyai_network import definition
from moyai_network.contracts import BUILDER_PROGRAMS, install_builder
from moyai_network.errors import DefinitionError, NetworkError
from moyai_network.layout import State
from moyai_network.ports import demand_free, free_ports
from moyai_network.rendering import broker, chaincode, processes
from moyai_network.rendering.certificates import certificates
from supervisor.datatypes import RestartUnconditionally, RestartWhenExitUnexpected
from supervisor.options import ServerOptions

from tests.unit.network.rendered import SAMPLE, STATE, TOOLS

CONSORTIUM = definition.load(SAMPLE)


def read_back(programs: list[processes.Program], state: State) -> ServerOptions:
    """What supervisord makes of the rendered file."""
    for program in programs:
        program.directory.mkdir(parents=True, exist_ok=True)
    state.logs.mkdir(parents=True, exist_ok=True)
    state.supervisor_configuration.write_text(processes.supervisord(programs, state), "utf-8")
    options = ServerOptions()
    options.configfile = str(state.supervisor_configuration)
    options.process_config(do_usage=False)
    return options


def test_supervisord_reads_every_program_as_it_was_planned(tmp_path: Path) -> None:
    state = State.at(tmp_path)
    programs = list(processes.plan(CONSORTIUM, [chaincode.moyai(CONSORTIUM)], state, TOOLS))
    options = read_back(programs, state)
    read = {config.name: config for group in options.process_group_configs for config in group.process_configs}
    assert set(read) == {program.name for program in programs}
    for program in programs:
        config = read[program.name]
        assert tuple(shlex.split(config.command)) == program.command
        assert config.environment == dict(program.environment)
        assert (config.autostart, str(config.directory)) == (False, str(program.directory))
        assert config.stdout_logfile_maxbytes and config.stdout_logfile_backups
    assert options.umask == 0o077


def test_groups_stop_from_the_web_ui_down_to_the_authorities(tmp_path: Path) -> None:
    state = State.at(tmp_path)
    added = chaincode.Chaincode("probe", "probe:Contract", (("132012", 1), ("133612", 2), ("172022", 3)), "/srv/probe")
    programs = list(processes.plan(CONSORTIUM, [chaincode.moyai(CONSORTIUM), added], state, TOOLS))
    groups = sorted(read_back(programs, state).process_group_configs, key=lambda group: group.priority)
    assert [group.name for group in groups] == ["authorities", "orderers", "peers", "contracts", "contracts-probe",
                                                "meters", "webui", "simulation"]


def test_every_municipality_runs_the_same_programs() -> None:
    programs = processes.plan(CONSORTIUM, [chaincode.moyai(CONSORTIUM)], STATE, TOOLS)
    for municipality in CONSORTIUM.municipalities:
        assert sorted(program.role for program in programs if program.code == municipality.code) == [
            "access", "bridge", "broker", "ca", "contract", "orderer", "peer", "projector", "totals", "webui",
            "worker"]
    assert [program.name for program in programs if not program.code] == ["mailbox", "simulator"]


def test_programs_of_several_have_names_of_their_own() -> None:
    names = [program.name for program in processes.plan(CONSORTIUM, [chaincode.moyai(CONSORTIUM)], STATE, TOOLS)]
    assert len(set(names)) == len(names) and "bridge-172022-1" in names


def test_a_municipality_has_as_many_bridges_as_it_says() -> None:
    members = [replace(member, bridges=number) for number, member in enumerate(CONSORTIUM.municipalities, 1)]
    consortium = replace(CONSORTIUM, municipalities=tuple(members))
    names = [program.name for program in processes.plan(consortium, [], STATE, TOOLS) if program.role == "bridge"]
    assert names == [f"bridge-{member.code}-{name + 1}" for member in members for name in range(member.bridges)]
    for member in members:
        held = [certificate.program for certificate in certificates(member, STATE)
                if certificate.program.startswith("bridge-")]
        assert held == [f"bridge-{member.code}-{name}" for name in member.bridge_names]
        assert [f"user bridge-{name}" for name in member.bridge_names] == [
            line for line in broker.rules(member).splitlines() if line.startswith("user")]


def test_programs_start_again_but_for_a_drained_bridge_and_the_simulator(tmp_path: Path) -> None:
    options = read_back(list(processes.plan(CONSORTIUM, [], State.at(tmp_path), TOOLS)), State.at(tmp_path))
    read = {config.name: config for group in options.process_group_configs for config in group.process_configs}
    bridges = {f"bridge-{member.code}-1" for member in CONSORTIUM.municipalities}
    assert {name for name, config in read.items() if config.autorestart is RestartWhenExitUnexpected} == bridges
    assert all(config.exitcodes == [0] for name, config in read.items() if name in bridges)
    assert {name for name, config in read.items() if config.autorestart is RestartUnconditionally} == (
        set(read) - bridges - {"simulator"})


def test_no_secret_is_on_a_command_line() -> None:
    text = processes.supervisord(processes.plan(CONSORTIUM, [chaincode.moyai(CONSORTIUM)], STATE, TOOLS), STATE)
    assert not re.search(r"password|secret=|--secret|-b \S+:", text)


def test_a_value_supervisord_cannot_be_told_is_refused() -> None:
    program = processes.Program("x", "", processes.WEBUI, ("true",), Path("/"), {"A": "both \" and '"})
    with pytest.raises(DefinitionError, match="both kinds of quotes"):
        processes.supervisord([program], STATE)


def unpacked(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {entry.name: tar.extractfile(entry).read() for entry in tar.getmembers()}


def test_a_package_is_the_same_bytes_everywhere() -> None:
    first = chaincode.package("moyai_1")
    assert first == chaincode.package("moyai_1") != chaincode.package("moyai_2")
    files = unpacked(first)
    assert list(files) == ["metadata.json", "code.tar.gz"]
    assert json.loads(files["metadata.json"]) == {"type": "ccaas", "label": "moyai_1"}
    assert list(unpacked(files["code.tar.gz"])) == ["README"]
    assert chaincode.moyai(CONSORTIUM).package_id == f"moyai_1:{hashlib.sha256(first).hexdigest()}"


@pytest.fixture
def builder(tmp_path: Path) -> Path:
    state = State.at(tmp_path / "state")
    install_builder(state)
    return state.builder / "bin"


def test_the_builder_s_programs_can_be_run(builder: Path) -> None:
    assert all(os.access(builder / name, os.X_OK) for name in BUILDER_PROGRAMS)


def test_the_builder_takes_a_package_and_hands_the_peer_its_own_connection(builder: Path, tmp_path: Path) -> None:
    source, metadata, output, release, connections = (tmp_path / name for name in "smorc")
    for folder in (source, metadata, output, release, connections):
        folder.mkdir()
    (source / "META-INF" / "statedb").mkdir(parents=True)
    (metadata / "metadata.json").write_bytes(unpacked(chaincode.package("moyai_1"))["metadata.json"])
    (connections / "moyai_1.json").write_text('{"address": "127.0.0.1:7358"}')
    environment = {"PATH": os.environ["PATH"], "MOYAI_CONTRACT_CONNECTIONS": str(connections)}
    for command in ((builder / "detect", source, metadata), (builder / "build", source, metadata, output),
                    (builder / "release", output, release)):
        subprocess.run(command, check=True, env=environment)
    released = release / "chaincode" / "server" / "connection.json"
    assert json.loads(released.read_text()) == {"address": "127.0.0.1:7358"}
    assert released.stat().st_mode & 0o077 == 0
    assert (release / "statedb").is_dir()


def test_the_builder_leaves_other_packages_alone(builder: Path, tmp_path: Path) -> None:
    (tmp_path / "metadata.json").write_text('{"type": "golang", "label": "moyai_1"}')
    assert subprocess.run([builder / "detect", tmp_path, tmp_path]).returncode == 1


def test_the_builder_fails_where_no_service_is_known(builder: Path, tmp_path: Path) -> None:
    (tmp_path / "metadata.json").write_text('{"type": "ccaas", "label": "other_1"}')
    done = subprocess.run([builder / "release", tmp_path, tmp_path], capture_output=True,
                          env={"PATH": os.environ["PATH"], "MOYAI_CONTRACT_CONNECTIONS": str(tmp_path)})
    assert done.returncode != 0 and b"other_1.json" in done.stderr


def test_free_ports_are_free_and_differ() -> None:
    ports = free_ports(40)
    assert len(set(ports)) == 40 and all(20000 <= port < 32000 for port in ports)
    demand_free(("127.0.0.1", port, "test") for port in ports)


def test_a_taken_port_is_told_with_its_holder() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(NetworkError) as told:
            demand_free([("127.0.0.1", port, "peer of 七尾市")])
    assert re.fullmatch(rf"Port {port} for peer of 七尾市 is taken by process {os.getpid()} \(\S+\): end that program, "
                        r"or change network.yaml\.", str(told.value))


def test_an_address_this_machine_does_not_have_is_told() -> None:
    with pytest.raises(NetworkError, match="cannot be had on 192.0.2.1"):
        demand_free([("192.0.2.1", 20000, "peer of 七尾市")])
