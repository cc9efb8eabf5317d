"""Serving the local network: a CA that speaks for private addresses alone, and https for every web UI."""
from __future__ import annotations

import dataclasses
import ipaddress
import ssl
import threading
import urllib.error
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

import pytest
from cryptography import x509

from moyai_network import certificate_page, definition, lan
from moyai_network.errors import NetworkError
from moyai_network.layout import State
from moyai_network.rendering import chaincode, processes
from moyai_network.rendering.webui import settings
from tests.unit.network.rendered import NANAO, SAMPLE, TOOLS

ADDRESS, PAGE = "127.0.0.2", 7970


def _certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_the_certificate_is_for_the_address_and_this_machine(tmp_path: Path) -> None:
    state = State(tmp_path)
    assert lan.served(state) is None
    assert lan.serve(state, ADDRESS, PAGE) == lan.served(state) == ADDRESS
    files = lan.Files.of(state)
    names = _certificate(files.certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == [ADDRESS, "127.0.0.1"]
    _certificate(files.certificate).verify_directly_issued_by(_certificate(files.ca))
    assert {path.stat().st_mode & 0o777 for path in (files.ca_key, files.key)} == {0o600}
    assert files.page.read_text() == f"http://{ADDRESS}:{PAGE}/\n"


def test_the_ca_may_speak_for_private_addresses_alone(tmp_path: Path) -> None:
    state = State(tmp_path)
    lan.serve(state, ADDRESS, PAGE)
    constraints = _certificate(lan.Files.of(state).ca).extensions.get_extension_for_class(x509.NameConstraints)
    permitted = constraints.value.permitted_subtrees or []
    assert constraints.critical and constraints.value.excluded_subtrees is None
    assert all(each.value.is_private for each in permitted if isinstance(each, x509.IPAddress))
    assert [each.value for each in permitted if isinstance(each, x509.DNSName)] == ["localhost"]


def test_what_phones_trust_stays_and_the_certificate_follows_the_address(tmp_path: Path) -> None:
    state, files = State(tmp_path), lan.Files.of(State(tmp_path))
    lan.serve(state, ADDRESS, PAGE)
    ca, certificate = files.ca.read_bytes(), files.certificate.read_bytes()
    lan.serve(state, ADDRESS, PAGE)
    assert (files.ca.read_bytes(), files.certificate.read_bytes()) == (ca, certificate)
    lan.serve(state, "127.0.0.3", PAGE)
    assert files.ca.read_bytes() == ca and files.certificate.read_bytes() != certificate
    lan.stop_serving(state)
    assert lan.served(state) is None and files.ca.read_bytes() == ca


def test_a_certificate_that_ends_soon_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state, files = State(tmp_path), lan.Files.of(State(tmp_path))
    lan.serve(state, ADDRESS, PAGE)
    before = _certificate(files.certificate)
    monkeypatch.setattr(lan, "_RENEWED_BEFORE", before.not_valid_after_utc - datetime.now(timezone.utc))
    lan.serve(state, ADDRESS, PAGE)
    assert _certificate(files.certificate).serial_number != before.serial_number


@pytest.mark.parametrize("wanted", ["192.0.2.7", "fe80::1", "here"])
def test_only_an_address_of_this_machine_is_served(tmp_path: Path, wanted: str) -> None:
    with pytest.raises(NetworkError, match="no IPv4 address of this machine"):
        lan.serve(State(tmp_path), wanted, PAGE)
    assert lan.served(State(tmp_path)) is None


def test_the_address_is_found(tmp_path: Path) -> None:
    try:
        address = lan.serve(State(tmp_path), lan.AUTOMATIC, PAGE)
    except NetworkError as error:
        assert "name an address" in str(error)  # a machine without a network
    else:
        assert ipaddress.ip_address(address).version == 4


def test_links_and_labels_carry_the_address_and_gunicorn_serves_it_by_https(tmp_path: Path) -> None:
    consortium = dataclasses.replace(definition.load(SAMPLE), lan="192.168.1.5")
    state, nanao = State(tmp_path), consortium.municipality(NANAO)
    told = settings(consortium, nanao, state)
    assert told["MOYAI_PUBLIC_URL"] == "https://192.168.1.5:7380"
    assert "https://192.168.1.5:7180" in told["MOYAI_TRACKING_URLS"] and "http:" not in told["MOYAI_TRACKING_URLS"]
    programs = processes.plan(consortium, [chaincode.moyai(consortium)], state, TOOLS)
    plan = {program.name: program for program in programs}
    command = " ".join(plan[f"webui-{NANAO}"].command)
    assert "--bind 127.0.0.1:7380 --bind 192.168.1.5:7380" in command
    assert f"--certfile {tmp_path}/lan/server.pem --keyfile {tmp_path}/lan/server.key" in command
    page = " ".join(plan["certificate-page"].command)
    assert "--address 192.168.1.5:7970" in page and "--link https://192.168.1.5:7380" in page


def test_without_a_local_network_nothing_listens_beyond_this_machine(tmp_path: Path) -> None:
    consortium = definition.load(SAMPLE)
    plan = processes.plan(consortium, [chaincode.moyai(consortium)], State(tmp_path), TOOLS)
    assert "certificate-page" not in {program.name for program in plan}
    assert not any("--certfile" in program.command for program in plan)


def test_phones_fetch_the_certificate_and_nothing_else(tmp_path: Path) -> None:
    state = State(tmp_path)
    lan.serve(state, ADDRESS, PAGE)
    ca = lan.Files.of(state).ca
    server = certificate_page.server("127.0.0.1", 0, ca, ["https://127.0.0.2:7380"])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        with urllib.request.urlopen(base + certificate_page.CERTIFICATE) as answer:
            assert answer.headers["Content-Type"] == "application/x-x509-ca-cert"
            assert answer.read() == ssl.PEM_cert_to_DER_cert(ca.read_text())
        with urllib.request.urlopen(base) as answer:
            text = answer.read().decode()
        assert certificate_page.fingerprint(ca) in text and 'href="https://127.0.0.2:7380"' in text
        for path in ("/ca.key", "/../lan/ca.key", "/server.key"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(base + path)
    finally:
        server.shutdown()
        server.server_close()
