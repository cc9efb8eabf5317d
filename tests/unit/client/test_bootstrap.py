"""Municipalities join by their consoles: the real contracts behind a fake peer."""
from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from moyai_client.actor_key import ActorKey
from moyai_client.command_line import main
from moyai_client.directory import Console, bootstrap, open_consoles, open_official
from moyai_client.errors import NotSent, ProfileError, Refused
from tests.unit.client.certificates import write_identity
from tests.unit.client.fake_peer import FakePeer, failing
from tests.unit.client.memory_channel import MemoryChannel

CRASH = failing("INTERNAL", "the machine is gone")
MEMBERS = (("172022", "七尾市", "NanaoMSP"), ("132012", "八王子市", "HachiojiMSP"), ("133612", "大島町", "OshimaMSP"))


@pytest.fixture
def channel(own: FakePeer) -> MemoryChannel:
    """The channel; every municipality's gateway is the one fake peer."""
    channel = MemoryChannel()
    channel.serve(own)
    return channel


@pytest.fixture
def state(tmp_path: Path, own: FakePeer, channel: MemoryChannel) -> Path:
    """A state folder with a console profile for each municipality; 七尾市 is the founder here."""
    state = tmp_path / "state"
    for code6, name, msp_id in MEMBERS:
        folder = state / "network" / code6
        certificate, key = write_identity(folder, "console", service="console")
        (folder / "tls.pem").write_bytes(own.certificate)
        others = [member for member in MEMBERS if member[0] != code6]
        gateways = [{"municipality": member, "msp_id": msp, "address": own.address, "server_name": "localhost",
                     "tls_ca": str(folder / "tls.pem")} for member, _, msp in ((code6, name, msp_id), *others)]
        profile = {"channel": "moyai", "chaincode": "moyai", "municipality": code6, "name": name, "msp_id": msp_id,
                   "service": "console", "certificate": str(certificate), "private_key": str(key),
                   "gateways": gateways, "actor_keys": str(folder / "actor_keys")}
        (folder / "profiles").mkdir()
        (folder / "profiles" / "console.json").write_text(json.dumps(profile))
    return state


@pytest.fixture
def consoles(state: Path) -> Iterator[list[Console]]:
    """All consoles, none of them bootstrapped."""
    opened = open_consoles(state)
    yield opened
    for console in opened:
        console.ledger.close()


def test_all_join_in_the_order_of_the_definition(consoles: list[Console]) -> None:
    told: list[str] = []
    bootstrap(consoles, told.append)
    assert [console.code6 for console in consoles] == [code6 for code6, _, _ in MEMBERS]
    assert consoles[0].document("roster")["codes"] == [code6 for code6, _, _ in MEMBERS]
    assert "172022 七尾市: registered as active" in told and "133612 大島町: registered as pending" in told
    assert "133612 大島町: 七尾市 votes yes" in told and "133612 大島町: 八王子市 votes yes" in told
    for console in consoles:
        actor, key = console.administrator()
        document = console.document("key", account_id=actor.account, key_id=key.key_id)
        assert document["grade"] == "confirmed" and document["m"] == console.code6


def test_a_second_bootstrap_changes_nothing(consoles: list[Console], channel: MemoryChannel) -> None:
    bootstrap(consoles, lambda sentence: None)
    blocks, accounts = len(channel.blocks), [console.accounts() for console in consoles]
    told: list[str] = []
    bootstrap(consoles, told.append)
    assert len(channel.blocks) == blocks and [console.accounts() for console in consoles] == accounts
    assert told == [f"{code6} {name}: active" for code6, name, _ in MEMBERS]


@pytest.mark.parametrize("stop_after", range(1, 14))
def test_an_interrupted_bootstrap_goes_on(consoles: list[Console], own: FakePeer, channel: MemoryChannel,
                                          stop_after: int) -> None:
    endorse = own.scripts["Endorse"]
    own.scripts["Endorse"] = lambda request: CRASH(request) if len(channel.blocks) > stop_after else endorse(request)
    with pytest.raises(NotSent):
        bootstrap(consoles, lambda sentence: None)
    assert len(channel.blocks) == stop_after + 1
    own.scripts["Endorse"] = endorse
    bootstrap(consoles, lambda sentence: None)
    assert consoles[0].document("roster")["codes"] == [code6 for code6, _, _ in MEMBERS]
    assert len([key for key in channel.ledger.state if "directory.account" in key]) == len(MEMBERS)


def test_officials_are_opened_by_the_administrator_s_key(consoles: list[Console]) -> None:
    bootstrap(consoles, lambda sentence: None)
    nanao = consoles[0]
    clerk = open_official(nanao, "C", "172022")
    assert nanao.document("account", account_id=clerk)["roles"] == ["C"]
    assert open_official(nanao, "C", "172022", account_id=clerk) == clerk
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{26}", clerk)
    with pytest.raises(Refused) as caught:
        open_official(nanao, "C", "132012")
    assert caught.value.code == "foreign_record"


def test_a_stranger_s_key_opens_nothing(consoles: list[Console]) -> None:
    bootstrap(consoles, lambda sentence: None)
    nanao = consoles[0]
    actor, _ = nanao.administrator()
    (nanao.keys / f"{actor.account}.pem").unlink()
    ActorKey.generate(actor.account).save(nanao.keys)
    with pytest.raises(Refused) as caught:
        open_official(nanao, "C", "172022")
    assert caught.value.code == "key_required"


def test_before_the_bootstrap_there_is_no_administrator(consoles: list[Console]) -> None:
    with pytest.raises(ProfileError, match="run the bootstrap first"):
        consoles[0].administrator()


def test_accounts_and_keys_are_private_to_the_console(consoles: list[Console]) -> None:
    bootstrap(consoles, lambda sentence: None)
    keys = consoles[0].keys
    assert keys.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in keys.iterdir()} == {0o600}
    assert json.loads((keys / "accounts.json").read_text()) == {"A": consoles[0].administrator()[0].account}


class Shell:
    """`moyai directory` on a state folder."""

    def __init__(self, state: Path) -> None:
        self.state = state

    def __call__(self, *arguments: str, code6: str | None = None, exit_code: int = 0) -> str:
        options = ["--state", str(self.state), *(["--as", code6] if code6 else [])]
        result = CliRunner().invoke(main, ["directory", *options, *arguments])
        assert result.exit_code == exit_code, result.output
        return result.output


@pytest.fixture
def shell(state: Path) -> Shell:
    """The command line after the bootstrap."""
    shell = Shell(state)
    assert "133612 大島町: active" in shell("bootstrap")
    return shell


def test_command_line_accounts(shell: Shell) -> None:
    opened = shell("open-account", "--role", "C", "--office", "172022", code6="172022")
    account = re.search("[0-9A-HJKMNP-TV-Z]{26}", opened)[0]
    shell("suspend-account", account, "--reason", "異動", code6="172022")
    assert json.loads(shell("show", "account", account, code6="132012"))["status"] == "suspended"
    shell("resume-account", account, "--reason", "復帰", "--without-account", code6="172022")
    shell("close-account", account, "--reason", "退職", code6="172022")
    assert json.loads(shell("show", "account", account, code6="172022"))["status"] == "closed"
    refused = shell("close-account", account, "--reason", "退職", code6="132012", exit_code=1)
    assert "the ledger refused this: foreign_record" in refused


def test_command_line_keys(shell: Shell) -> None:
    opened = shell("open-account", "--role", "A", "--office", "172022", code6="172022")
    account = re.search("[0-9A-HJKMNP-TV-Z]{26}", opened)[0]
    registered = shell("register-key", account, code6="172022")
    key_id = re.search("key ([0-9a-f]{16})", registered)[1]
    assert json.loads(shell("show", "key", account, key_id, code6="172022"))["grade"] == "self"
    shell("confirm-key", account, key_id, code6="172022")
    assert json.loads(shell("show", "key", account, key_id, code6="172022"))["grade"] == "confirmed"
    shell("revoke-key", account, key_id, code6="172022")
    assert json.loads(shell("show", "key", account, key_id, code6="172022"))["status"] == "revoked"


def test_command_line_certificates(shell: Shell, tmp_path: Path) -> None:
    certificate, _ = write_identity(tmp_path, "stolen", service="webui")
    blocked = shell("block-certificate", str(certificate), "--reason", "盗難", code6="172022")
    fingerprint = re.search("certificate ([0-9a-f]{64})", blocked)[1]
    assert json.loads(shell("show", "blocked", "NanaoMSP", fingerprint, code6="172022"))["reason"] == "盗難"
    shell("unblock-certificate", str(certificate), "--reason", "再発行", code6="172022")
    assert json.loads(shell("show", "blocked", "NanaoMSP", fingerprint, code6="172022"))["status"] == "lifted"
    assert "there is no blocked" in shell("show", "blocked", "NanaoMSP", "0" * 64, code6="172022", exit_code=1)


def test_command_line_catalogue(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "items.json"
    item = {"item_code": "000000-0101", "rev": 0, "name": "毛布", "category": "blanket", "base_unit": "枚",
            "perishable": False}
    file.write_text(json.dumps({"items": [item]}))
    shell("propose-item", str(file), code6="172022")
    assert "votes yes" in shell("vote", "item", "000000-0101", code6="172022")
    assert "votes_missing" in shell("activate-item", "000000-0101", code6="172022", exit_code=1)
    shell("vote", "item", "000000-0101", code6="133612")
    assert "cast before" in shell("vote", "item", "000000-0101", code6="133612")
    shell("activate-item", "000000-0101", code6="132012")
    assert json.loads(shell("show", "item", "000000-0101", code6="172022"))["name"] == "毛布"
    file.write_text("{}")
    assert "is not a list of items" in shell("propose-item", str(file), code6="172022", exit_code=1)


def test_command_line_policy_and_membership(shell: Shell) -> None:
    shell("set-policy", "--dispatch-approval", "office", code6="172022")
    assert json.loads(shell("show", "municipality", "172022", code6="172022"))["dispatch_approval"] == "office"
    assert "wrong_state" in shell("activate-municipality", "133612", code6="172022", exit_code=1)
    assert "id_reused" in shell("register-municipality", code6="133612", exit_code=1)


def test_command_line_says_what_is_missing(shell: Shell, tmp_path: Path) -> None:
    assert "say with --as" in shell("show", "roster", exit_code=1)
    assert "no console of 999999" in shell("show", "roster", code6="999999", exit_code=1)
    assert "item takes item_code" in shell("show", "item", code6="172022", exit_code=2)
    assert "no console profile" in Shell(tmp_path / "nothing")("bootstrap", exit_code=1)
