"""`moyai audit` on copies: sentences, JSON, exit codes, the kept result."""
from __future__ import annotations

import base64
import gzip
import json
import lzma
import re
import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from moyai_auditor import environment, report
from moyai_auditor.command_line import audit, databases
from moyai_auditor.connection import find_profile, load_profile, write_connection
from moyai_auditor.errors import AuditError
from moyai_bridge.store import schema

GOLDEN = Path(__file__).with_name("golden.xz")
BLOCKS = 146
"""Of the golden chain; two of them hold two transactions."""


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
    assert f"{BLOCKS} blocks with {BLOCKS + 2} transactions" in result.output
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
    assert (told["agrees"], told["height"], told["source"], told["first_difference"]) == (True, BLOCKS, "files", None)
    checks = {check["check"]: check for check in told["checks"]}
    assert checks["peers_agree"]["examined"] == BLOCKS and checks["configuration"]["examined"] == 1
    unused = {name for name, check in checks.items() if not check["examined"]}
    assert unused == {"state_on_peers", "readings", "INV-28"}, "the golden chain leaves a check without anything to do"


def canaries(folder: Path, *lines: str) -> Path:
    """A list of texts that must stand nowhere."""
    path = folder / "canaries.txt"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_inv28_what_stands_nowhere_is_looked_for_everywhere(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "webui.log").write_text("受け付けました\n")
    path = canaries(tmp_path, "能登 花子", "hanako@home.example", "0767-00-1234")
    result = run("--json", "--blocks", copy, "--canaries", path, "--logs", tmp_path / "logs")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["canaries"] == {"lines": 3, "transactions": BLOCKS + 2, "log_bytes": 22}
    assert {check["check"]: check["examined"] for check in told["checks"]}["INV-28"] == BLOCKS + 3
    assert "3 texts that must stand nowhere" in run("--blocks", copy, "--canaries", path).output


@pytest.mark.parametrize(("text", "where"), [
    ("読み直し", "argument 1, the event, the value of devices.totals"),  # a reason, as everybody may read it
    ("OshimaMSP", "elsewhere in it"), ("devices.totals", "the key devices.totals")])
def test_inv28_a_planted_canary_is_named_by_its_line(copy: Path, tmp_path: Path, text: str, where: str) -> None:
    result = run("--json", "--blocks", copy, "--canaries", canaries(tmp_path, "能登 花子", text))
    assert result.exit_code == 1
    found = json.loads(result.stdout)["findings"]
    assert {finding["check"] for finding in found} == {"INV-28"} and all("block" in finding for finding in found)
    assert all(finding["sentence"].startswith("line 2 of the list") for finding in found)
    assert any(where in finding["sentence"] for finding in found), found
    assert not any(text in finding["sentence"].split(", in ")[0] for finding in found), "the text itself is told"


@pytest.mark.parametrize("written", [
    "能登 花子", json.dumps("能登 花子"), "%E8%83%BD%E7%99%BB%20%E8%8A%B1%E5%AD%90", "能登花子",
    base64.b64encode("x能登 花子y".encode()).decode(), "能登 花子".encode().hex()])
def test_inv28_a_log_that_tells_a_name_is_found(copy: Path, tmp_path: Path, written: str) -> None:
    log = tmp_path / "worker.log.gz"
    log.write_bytes(gzip.compress(f"started\nto={written} failed\n".encode()))
    result = run("--json", "--blocks", copy, "--canaries", canaries(tmp_path, "能登 花子"), "--logs", log)
    (found,) = json.loads(result.stdout)["findings"]
    assert found["sentence"].startswith("line 1 of the list stands") and f"in line 2 of {log}" in found["sentence"]


@pytest.mark.parametrize(("lines", "sentence"), [
    (("花子",), ""), (("林",), "line 1 of .* is too short"), (("", ""), "is empty")])
def test_inv28_a_list_must_be_one_that_can_be_looked_for(
        copy: Path, tmp_path: Path, lines: tuple[str, ...], sentence: str) -> None:
    result = run("--blocks", copy, "--canaries", canaries(tmp_path, *lines))
    assert result.exit_code == (2 if sentence else 0) and re.search(sentence, result.output)


def test_logs_without_a_list_are_nothing_to_look_for(copy: Path, tmp_path: Path) -> None:
    result = run("--blocks", copy, "--logs", tmp_path)
    assert result.exit_code == 2 and "name it by --canaries" in result.output


def test_readings_are_named_by_their_municipality(tmp_path: Path) -> None:
    assert databases(["172022=sqlite:///a?b=c"], "", tmp_path) == {"172022": "sqlite:///a?b=c"}
    assert databases(["postgresql://u@h/d?x=y"], "132012", tmp_path) == {"132012": "postgresql://u@h/d?x=y"}
    assert databases([], "132012", tmp_path) == {}
    with pytest.raises(AuditError, match="write --readings CODE6=URL"):
        databases(["sqlite:///a"], "", tmp_path)
    file = tmp_path / "bridge" / "132012" / "readings.sqlite"
    file.parent.mkdir(parents=True)
    file.touch()
    assert databases([], "132012", tmp_path) == {"132012": f"sqlite:///{file}"}


def test_a_readings_database_that_lacks_the_batches_is_told(copy: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'readings.sqlite'}"
    database = schema.open_readings(url)
    schema.prepare(database)
    database.close()
    result = run("--json", "--blocks", copy, "--readings", f"172022={url}")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["readings"][0]["batches"] == 0
    assert [finding["check"] for finding in told["findings"] if "does not know the batch" in finding["sentence"]]
    assert all("block" in finding and finding["tx_id"] for finding in told["findings"])


def test_preparing_examines_nothing(copy: Path, tmp_path: Path) -> None:
    result = run("--prepare", "--state", tmp_path / "none")
    assert (result.exit_code, result.output) == (0, "")


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
