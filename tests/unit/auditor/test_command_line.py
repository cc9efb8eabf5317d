"""`moyai audit` on copies: sentences, JSON, exit codes, the kept result."""
from __future__ import annotations

import json
import lzma
import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from moyai_auditor import environment, report
from moyai_auditor.command_line import audit
from moyai_auditor.connection import find_profile, load_profile, write_connection
from moyai_auditor.errors import AuditError

GOLDEN = Path(__file__).with_name("golden.xz")


@pytest.fixture
def copy(tmp_path: Path, hfc_python: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A peer's block folder."""
    monkeypatch.setattr(environment, "obtain", lambda tell: hfc_python)
    folder = tmp_path / "peer" / "ledgersData" / "chains" / "chains" / "moyai"
    folder.mkdir(parents=True)
    (folder / "blockfile_000000").write_bytes(lzma.decompress(GOLDEN.read_bytes()))
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(audit, [str(argument) for argument in arguments])


def test_a_true_copy_agrees(copy: Path) -> None:
    result = run("--blocks", copy)
    assert result.exit_code == 0, result.output
    assert "92 blocks with 94 transactions" in result.output
    assert "1 MVCC_READ_CONFLICT, 1 ENDORSEMENT_POLICY_FAILURE" in result.output
    assert "All agrees" in result.output and "Traceback" not in result.output


def test_a_peer_s_whole_data_folder_will_do(copy: Path, tmp_path: Path) -> None:
    assert run("--blocks", tmp_path / "peer").exit_code == 0


def test_a_difference_is_told_and_ends_with_1(copy: Path) -> None:
    file = copy / "blockfile_000000"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    result = run("--blocks", copy)
    assert result.exit_code == 1
    assert "It does not agree" in result.output and "The first difference: block " in result.output


def test_json_tells_everything(copy: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(copy, other)
    result = run("--json", "--blocks", copy, "--blocks", other)
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["agrees"], told["height"], told["source"], told["first_difference"]) == (True, 92, "files", None)
    checks = {check["check"]: check for check in told["checks"]}
    assert checks["peers_agree"]["examined"] == 92 and checks["configuration"]["examined"] == 1
    unused = {name for name, check in checks.items() if not check["examined"]}
    assert unused == {"state_on_peers"}, "the golden chain leaves a check without anything to look at"


def test_several_peers_in_one_folder_are_told_apart(copy: Path, tmp_path: Path) -> None:
    other = tmp_path / "peer" / "other" / "chains" / "chains" / "moyai"
    other.mkdir(parents=True)
    (other / "blockfile_000000").write_bytes(b"")
    result = run("--blocks", tmp_path / "peer")
    assert result.exit_code == 2 and "of one channel and peer" in result.output


def test_an_empty_folder_is_said_to_be_one(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run("--blocks", tmp_path / "empty")
    assert result.exit_code == 2 and "must hold the block files" in result.output


def test_without_a_network_it_says_what_is_missing(copy: Path, tmp_path: Path) -> None:
    result = run("--state", tmp_path / "none")
    assert result.exit_code == 2 and "has the network been brought up?" in result.output


def test_a_result_is_kept_whole(tmp_path: Path) -> None:
    first, second = {"v": 1, "agrees": True}, {"v": 1, "agrees": False}
    path = report.keep(first, tmp_path)
    assert path == tmp_path / "audit" / "last.json" and json.loads(path.read_text()) == first
    assert json.loads(report.keep(second, tmp_path).read_text()) == second
    assert [file.name for file in path.parent.iterdir()] == ["last.json"]


def profile_of(folder: Path, code6: str) -> Path:
    """A profile as the network renders it."""
    home = folder / "network" / code6
    (home / "profiles").mkdir(parents=True)
    for name in ("certificate.pem", "private_key.pem", "tls.pem"):
        (home / name).write_text(name)
    gateway = {"municipality": code6, "msp_id": "XMSP", "address": "127.0.0.1:7051", "server_name": "localhost",
               "tls_ca": str(home / "tls.pem")}
    content = {"channel": "moyai", "chaincode": "moyai", "municipality": code6, "name": "市", "msp_id": "XMSP",
               "service": "auditor", "certificate": str(home / "certificate.pem"),
               "private_key": str(home / "private_key.pem"), "gateways": [gateway]}
    path = home / "profiles" / "auditor.json"
    path.write_text(json.dumps(content))
    return path


def test_the_auditor_s_profile_becomes_hfc_s(tmp_path: Path) -> None:
    profile_of(tmp_path, "172022")
    profile_of(tmp_path, "132012")
    assert find_profile(tmp_path, None).municipality == "132012"
    found = find_profile(tmp_path, "172022")
    connection = json.loads(write_connection(found, tmp_path).read_text())
    peer = connection["peers"]["172022"]
    assert peer["url"] == "127.0.0.1:7051" and peer["grpcOptions"]["grpc.ssl_target_name_override"] == "localhost"
    assert connection["organizations"]["172022"]["users"]["auditor"]["private_key"] == str(found.private_key)
    assert str(tmp_path) in connection["client"]["credentialStore"]["path"]


@pytest.mark.parametrize("content", ["", "[]", "{}"])
def test_a_bad_profile_is_one_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "auditor.json"
    path.write_text(content)
    with pytest.raises(AuditError, match="auditor.json"):
        load_profile(path)


def test_the_command_is_one_of_moyai_s() -> None:
    from moyai_client.command_line import main
    assert main.get_command(click.Context(main), "audit") is audit
