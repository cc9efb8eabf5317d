"""The running network: secrets, identities, supervision, status, logs."""
from __future__ import annotations

import json
import os
import re
import ssl
import signal
import socket
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from moyai_network.orphans import marked

from tests.network.consortium import RunningConsortium

NANAO = "172022"
ATTRIBUTES = x509.ObjectIdentifier("1.2.3.4.5.6.7.8.1")


def private_files(state: Path) -> list[Path]:
    """Everything below the state folder that holds a key or a secret."""
    keys = [path for path in state.rglob("*") if path.is_file() and path.stat().st_size < 1 << 16
            and b"PRIVATE KEY" in path.read_bytes()]
    return [*keys, *(path for name in ("registrar-secret", "registrar.json", "fabric-ca-server-config.yaml")
                     for path in state.rglob(name))]


def test_keys_and_secrets_are_their_owner_s_alone(consortium: RunningConsortium) -> None:
    found = private_files(consortium.state.root)
    assert len(found) > 3 * (15 + 2 + 1 + 3)
    assert [str(path) for path in found if path.stat().st_mode & 0o077] == []
    assert consortium.state.network.stat().st_mode & 0o777 == 0o700


def test_no_two_secrets_are_alike(consortium: RunningConsortium) -> None:
    """Generated, never a constant: they differ among the municipalities, and whoever enrols devices cannot enrol
    members."""
    secrets = [path.read_text() for path in consortium.state.root.rglob("registrar-secret")]
    assert len(set(secrets)) == len(secrets) == 3 * 2 and all(len(secret) >= 43 for secret in secrets)


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


@pytest.mark.parametrize("service", ["webui", "worker", "console", "auditor", "bridge"])
def test_a_service_s_certificate_says_what_it_is(consortium: RunningConsortium, service: str) -> None:
    for municipality in consortium.definition.municipalities:
        found = certificate(consortium.state.home(municipality.code).service(service) / "certificate.pem")
        value = found.extensions.get_extension_for_oid(ATTRIBUTES).value
        assert json.loads(value.value)["attrs"]["moyai.service"] == service
        name = {attribute.oid: attribute.value for attribute in found.subject}
        assert name[NameOID.COMMON_NAME] == f"{service}-{municipality.code}"
        assert name[NameOID.ORGANIZATION_NAME] == municipality.romaji
        assert name[NameOID.COUNTRY_NAME] == "JP"
        assert name[NameOID.ORGANIZATIONAL_UNIT_NAME] == "client"


@pytest.mark.parametrize(("folder", "unit"), [("admin", "admin"), ("orderer", "orderer"), ("peer", "peer")])
def test_a_node_s_unit_is_its_role(consortium: RunningConsortium, folder: str, unit: str) -> None:
    msp = consortium.state.home(NANAO).root / folder / "msp"
    subject = certificate(msp / "signcerts" / "cert.pem").subject
    assert [entry.value for entry in subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)] == [unit]
    assert "Enable: true" in (msp / "config.yaml").read_text()


def handshake(consortium: RunningConsortium, client: Path | None) -> str:
    """What a contract service answers a caller that shows the certificate in `client`, or none."""
    nanao = consortium.definition.municipality(NANAO)
    context = ssl.create_default_context(cafile=consortium.state.home(NANAO).tls_ca)
    context.set_alpn_protocols(["h2"])
    if client:
        context.load_cert_chain(client / "server.crt", client / "server.key")
    try:
        with socket.create_connection((nanao.host, nanao.ports.contract_service), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname=nanao.server_name) as secured:
                secured.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")
                return "open" if secured.recv(9) else "refused"
    except (ssl.SSLError, ConnectionError):
        return "refused"


def test_a_contract_service_talks_to_its_own_peer_alone(consortium: RunningConsortium) -> None:
    own, foreign = (consortium.state.home(code).contract / "client" for code in (NANAO, "133612"))
    assert handshake(consortium, own) == "open"
    assert handshake(consortium, foreign) == "refused"
    assert handshake(consortium, None) == "refused"


def test_operations_tell_strangers_nothing(consortium: RunningConsortium) -> None:
    nanao = consortium.definition.municipality(NANAO)
    context = ssl.create_default_context(cafile=consortium.state.home(NANAO).tls_ca)
    with socket.create_connection((nanao.host, nanao.ports.peer_operations), timeout=10) as plain:
        with context.wrap_socket(plain, server_hostname=nanao.server_name) as secured:
            with pytest.raises(ssl.SSLError, match="certificate required"):
                secured.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
                secured.recv(64)


@pytest.mark.parametrize("program", ["contract-172022", "orderer-133612", "peer-132012", "ca-172022"])
def test_a_program_that_dies_is_started_again(consortium: RunningConsortium, program: str) -> None:
    former = consortium.kill(program)
    assert consortium.wait_restarted(program, former) != former
    consortium.wait_ready()


def test_status_tells_height_leader_and_days(consortium: RunningConsortium) -> None:
    done = consortium.moyai("network", "status", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [member["name"] for member in found["municipalities"]] == ["八王子市", "大島町", "七尾市"]
    programs = {program["program"]: program for member in found["municipalities"] for program in member["programs"]}
    nodes = [programs[f"{role}-{code}"] for role in ("ca", "orderer", "peer", "contract") for code in consortium.codes]
    assert all(node["state"] == "running" and node["pid"] and 300 < node["certificate_days_left"] <= 365
               for node in nodes)
    heights = {programs[f"{role}-{code}"]["height"] for role in ("orderer", "peer") for code in consortium.codes}
    assert len(heights) == 1 and heights.pop() >= 3
    assert sum(programs[f"orderer-{code}"]["leader"] for code in consortium.codes) == 1
    assert programs["webui-172022"]["state"] == "stopped"
    assert programs["bridge-172022-1"]["role"] == "bridge" and programs["bridge-172022-1"]["certificate_days_left"]
    table = consortium.moyai("network", "status").stdout
    assert re.search(r"七尾市 +peer-172022 +running", table) and table.count("leader") == 1


def test_a_group_stops_and_starts(consortium: RunningConsortium) -> None:
    assert consortium.moyai("network", "stop", "contract-172022").returncode == 0
    stopped = consortium.moyai("network", "status")
    assert stopped.returncode == 3 and re.search(r"contract-172022 +stopped", stopped.stdout)
    assert consortium.moyai("network", "start", "fabric").returncode == 0
    consortium.wait_ready()
    unknown = consortium.moyai("network", "stop", "mill")
    assert unknown.returncode == 1 and unknown.stderr.startswith("Error: There is no group or program mill; there are")


def test_logs_show_what_a_program_said(consortium: RunningConsortium) -> None:
    shown = consortium.moyai("network", "logs", "peer-172022", "-n", "5")
    assert shown.returncode == 0 and len(shown.stdout.splitlines()) == 5
    assert "\x1b" not in shown.stdout
    every = consortium.moyai("network", "logs").stdout
    assert all(f"== {role}-{NANAO}" in every for role in ("ca", "orderer", "peer", "contract"))


def test_programs_see_no_more_of_the_environment_than_they_need(consortium: RunningConsortium) -> None:
    """A CORE_ or ORDERER_ variable of whoever called `up` would silently change a setting."""
    for process in marked(consortium.state):
        names = set(process.environ())
        assert not {name for name in names if name.startswith(("CORE_", "ORDERER_", "PYTEST"))}, process.cmdline()
    assert "PYTEST_CURRENT_TEST" in os.environ


def test_down_ends_in_good_order_and_keeps_the_data(consortium: RunningConsortium) -> None:
    former = consortium.pids("peer-172022")[0]
    done = consortium.moyai("network", "down")
    assert done.returncode == 0 and not list(marked(consortium.state))
    assert not consortium.state.supervisor_socket.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(former, signal.SIGCONT)
    assert consortium.moyai("network", "up").returncode == 0
