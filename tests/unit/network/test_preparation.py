"""What `up` looks at before it starts anything: certificates, channel, disk, other commands; and how it tells."""
from __future__ import annotations

import dataclasses
import errno
import io
import os
from collections import namedtuple
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from moyai_network import binaries, broker, certificate_validity, command_line, definition, preparation, readings
from moyai_network.errors import NetworkError, ProgramFailed
from moyai_network.layout import State
from moyai_network.progress import Progress
from moyai_network.waiting import wait_for
from rich.console import Console

from tests.unit.network.rendered import NANAO, SAMPLE

CONSORTIUM = definition.load(SAMPLE)
NOW = datetime.now(timezone.utc)
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def state(tmp_path: Path) -> State:
    made = State.at(tmp_path / "state")
    made.network.mkdir(parents=True)
    return made


def put_certificate(path: Path, ends: datetime) -> None:
    """A certificate at `path` that is good until `ends`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(1).not_valid_before(ends - timedelta(days=365)).not_valid_after(ends)
                   .sign(key, hashes.SHA256()))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def test_an_expired_certificate_is_told_with_its_owner_and_day(state: State) -> None:
    path = state.home(NANAO).peer / "tls" / "server.crt"
    put_certificate(path, datetime(2025, 3, 31, tzinfo=timezone.utc))
    with pytest.raises(NetworkError) as told:
        certificate_validity.demand_valid(CONSORTIUM, state)
    assert str(told.value) == ("The certificate of peer-172022 (七尾市) expired on 2025-03-31: "
                               "call `moyai network renew 172022`.")


def test_an_authority_s_own_certificate_is_nothing_that_it_renews(state: State) -> None:
    path = state.home(NANAO).ca / "ca-cert.pem"
    put_certificate(path, datetime(2025, 3, 31, tzinfo=timezone.utc))
    with pytest.raises(NetworkError, match=f"have its key certified again and put it at {path}"):
        certificate_validity.demand_valid(CONSORTIUM, state)


@pytest.mark.parametrize("place", ["ca/ca-cert.pem", "ca/tls/ca-cert.pem", "ca/tls-cert.pem",
                                   "ca/devices/ca-cert.pem", "broker/tls/server.crt", "bridges/1/certificate.pem",
                                   "orderer/msp/signcerts/cert.pem", "services/worker/certificate.pem"])
def test_every_kind_of_certificate_is_looked_at(state: State, place: str) -> None:
    put_certificate(state.home(NANAO).root / place, NOW - timedelta(seconds=1))
    with pytest.raises(NetworkError, match="expired"):
        certificate_validity.demand_valid(CONSORTIUM, state)


def test_days_left_are_those_of_the_certificate_that_ends_first(state: State) -> None:
    home = state.home(NANAO)
    put_certificate(home.peer / "tls" / "server.crt", NOW + timedelta(days=30, hours=1))
    put_certificate(home.peer / "msp" / "signcerts" / "cert.pem", NOW + timedelta(days=300, hours=1))
    assert certificate_validity.days_left(CONSORTIUM.municipality(NANAO), state, NOW) == {"peer-172022": 30}
    certificate_validity.demand_valid(CONSORTIUM, state)


def test_days_of_a_bridge_are_told_under_its_program_s_name(state: State) -> None:
    put_certificate(state.home(NANAO).bridge("1") / "certificate.pem", NOW + timedelta(days=30, hours=1))
    assert certificate_validity.days_left(CONSORTIUM.municipality(NANAO), state, NOW) == {"bridge-172022-1": 30}


def test_a_missing_broker_is_one_sentence(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_line.binaries, "obtain", lambda tell: binaries.Binaries(state.root))
    monkeypatch.setattr(broker.shutil, "which", lambda name, path: None)
    result = run(state, "up")
    assert (result.exit_code, result.output) == (1, "Error: Mosquitto is not installed: apt-get install mosquitto\n")


def test_readings_that_cannot_be_prepared_are_one_sentence(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    home = state.home(NANAO).root
    home.mkdir(parents=True)
    (home / "bridge.json").write_text('{"MOYAI_READINGS_URL": "the disk"}')
    program = state.root / "moyai"
    program.write_text('#!/bin/sh\necho first >&2\necho "$MOYAI_READINGS_URL is full" >&2\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setattr(readings.sys, "executable", str(state.root / "python3"))
    with pytest.raises(ProgramFailed, match="^The readings of 172022 cannot be prepared: the disk is full$"):
        readings.prepare([NANAO], state)


def test_a_nearly_full_disk_is_told(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation.shutil, "disk_usage", lambda path: Usage(1 << 40, 1 << 40, 300 << 20))
    with pytest.raises(NetworkError, match="Only 300 MiB are free on the disk of .*; the network needs 1024 MiB"):
        preparation.demand_space(state)


def found(state: State) -> None:
    """A channel as `up` leaves it."""
    preparation.record_channel(CONSORTIUM, state)
    state.genesis_block.write_bytes(b"block")


def test_a_definition_that_contradicts_the_channel_is_refused(state: State) -> None:
    found(state)
    preparation.demand_same_channel(CONSORTIUM, state)
    other = dataclasses.replace(CONSORTIUM, batch_timeout="2s")
    with pytest.raises(NetworkError, match="says batch_timeout '2s', but .* was founded with '50ms'"):
        preparation.demand_same_channel(other, state)


def test_a_moved_orderer_is_refused_and_a_moved_web_ui_is_not(state: State) -> None:
    def moved(**ports: int) -> definition.Consortium:
        *others, nanao = CONSORTIUM.municipalities
        changed = dataclasses.replace(nanao, ports=dataclasses.replace(nanao.ports, **ports))
        return dataclasses.replace(CONSORTIUM, municipalities=(*others, changed))
    found(state)
    preparation.demand_same_channel(moved(webui=8080, contract_service=8081), state)
    with pytest.raises(NetworkError, match="orderer of 172022 '127.0.0.1:8082'"):
        preparation.demand_same_channel(moved(orderer=8082), state)


def test_before_there_is_a_channel_the_definition_may_change(state: State) -> None:
    preparation.record_channel(CONSORTIUM, state)
    preparation.demand_same_channel(dataclasses.replace(CONSORTIUM, batch_timeout="2s"), state)
    assert not state.genesis_block.exists()


def test_two_commands_do_not_work_on_one_state(state: State) -> None:
    with preparation.exclusive(state):
        with pytest.raises(NetworkError, match="Another moyai network command is at work"):
            with preparation.exclusive(state):
                pass
    with preparation.exclusive(state):
        assert state.network.stat().st_mode & 0o777 == 0o700


def run(state: State, *arguments: str) -> object:
    return CliRunner().invoke(command_line.network, ["--definition", str(SAMPLE), "--state", str(state.root),
                                                     *arguments])


@pytest.mark.parametrize("arguments", [("start", "webui"), ("stop", "fabric"),
                                       ("install-chaincode", "probe", "probe:Contract")])
def test_what_needs_a_network_says_so_when_there_is_none(
        state: State, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_line.binaries, "obtain", lambda tell: None)
    result = run(state, *arguments)
    assert result.exit_code == 1
    assert result.output == "Error: The network is not up: call `moyai network up` first.\n"


def test_status_of_nothing_is_down(state: State) -> None:
    result = run(state, "status", "--json")
    assert result.exit_code == 3 and '"up": false' in result.output


def test_down_where_nothing_was_ever_started_is_harmless(tmp_path: Path) -> None:
    result = run(State.at(tmp_path / "nowhere"), "down")
    assert (result.exit_code, result.output) == (0, "Nothing is running.\n")
    assert not (tmp_path / "nowhere").exists()


def test_reset_asks_and_no_means_no(state: State) -> None:
    found(state)
    refused = CliRunner().invoke(command_line.network, ["--state", str(state.root), "reset"], input="n\n")
    assert refused.exit_code == 1 and state.genesis_block.exists()


def test_reset_deletes_what_was_generated_and_nothing_else(state: State) -> None:
    found(state)
    state.webui(NANAO).mkdir(parents=True)
    state.bridge(NANAO).mkdir(parents=True)
    (state.root / "accounts.json").touch()
    (state.root / "bench.json").touch()
    result = run(state, "reset", "--yes")
    assert result.exit_code == 0, result.output
    assert [path.name for path in state.root.iterdir()] == ["bench.json"]


def test_reset_ends_what_an_interrupted_one_left_over(tmp_path: Path) -> None:
    leftover = tmp_path / "state" / ".network-deleted" / "key.pem"
    leftover.parent.mkdir(parents=True)
    leftover.write_text("a key")
    assert run(State.at(tmp_path / "state"), "reset", "--yes").exit_code == 0
    assert not leftover.parent.exists()


def test_reset_does_not_say_that_all_is_gone_where_people_s_data_stay(
        state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    found(state)
    home = state.webui(NANAO)
    home.mkdir(parents=True)
    remove = os.rmdir

    def held(path: str, **options: int) -> None:
        if Path(path).name == home.name:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        remove(path, **options)

    monkeypatch.setattr(os, "rmdir", held)
    result = run(state, "reset", "--yes")
    assert result.exit_code == 1 and "Permission denied" in result.output and state.network.exists()


def test_a_disk_that_fills_up_meanwhile_is_one_sentence(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(tell: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "core.yaml")
    monkeypatch.setattr(command_line.binaries, "obtain", full)
    result = run(state, "up")
    assert (result.exit_code, result.output) == (1, "Error: Cannot write core.yaml: No space left on device.\n")


def test_progress_is_plain_lines_where_nobody_watches() -> None:
    plain = io.StringIO()
    progress = Progress(Console(file=plain, highlight=False))
    with progress.step("First block"):
        pass
    progress.say("[七尾市] done")
    assert plain.getvalue() == "First block: 0.0 s\n[七尾市] done\n"


def test_progress_on_a_terminal_marks_what_is_done() -> None:
    shown = io.StringIO()
    progress = Progress(Console(file=shown, force_terminal=True, width=80))
    with progress.step("First block"):
        pass
    assert "✓" in shown.getvalue() and "First block" in shown.getvalue()


def test_waiting_ends_with_the_condition_its_error_or_the_deadline() -> None:
    answers = iter([None, 0, "ready"])
    assert wait_for(lambda: next(answers), seconds=5, failure=lambda: "late", interval=0.001) == "ready"
    with pytest.raises(NetworkError, match="^late$"):
        wait_for(lambda: False, seconds=0.01, failure=lambda: "late", interval=0.001)
    with pytest.raises(ZeroDivisionError):
        wait_for(lambda: 1 // 0, seconds=5, failure=lambda: "late")
