"""S11: accounts are opened, changed and ended; officials' by a signature, the last administrator's not at all."""
from __future__ import annotations

import dataclasses

import pytest

from moyai_contracts.api.directory import ChangeAccount, CloseAccount, OpenAccount, ResumeAccount, SuspendAccount
from moyai_webui.home import Services
from tests.unit.webui.pages import world
from tests.unit.webui.pages.conftest import Browser

NEW = {"role": "C", "name": "応援の職員", "login": "Ouen@Example.jp ", "mail": "ouen@example.jp", "site": ""}
PROOF = '[{"key":"00112233445566bb","sig":"' + "A" * 86 + '","signed_at":1704790800}]'
LAST = "最後の管理者は外せません"


def _open(browser: Browser, **changes: str):
    page = browser.get("/directory/open_account")
    account = page.text.split('name="account_id" value="')[1][:26]
    return browser.send("/directory/open_account", NEW | {"account_id": account} | changes, page=page), account


def test_s11_an_official_s_account_waits_for_the_signature(office: Browser, services: Services) -> None:
    answer, account = _open(office)
    op = answer.headers["Location"].removeprefix("/sign/")
    assert answer.status_code == 303 and services.submissions.commands == []
    user = services.home.user_by_login("ouen@example.jp")
    assert user is not None and (user.account, user.password_hash, user.roles) == (account, "", ("C",))
    page = office.get(f"/sign/{op}")
    assert "応援の職員" not in page.text and "担当者" in page.text and "directory.open_account" in page.text
    sent = office.send(f"/sign/{op}", {"proof": PROOF}, page=page)
    assert sent.headers["Location"] == f"/recorded/{op}"
    ((command, actor),) = services.submissions.commands
    assert isinstance(command, OpenAccount) and actor.role == "A"
    assert (command.accounts[0].account_id, command.accounts[0].display_name) == (account, None)
    assert services.submissions.by_op[op].proof[0]["key"] == "00112233445566bb"


@pytest.mark.parametrize("proof", ["", "[]", "{}", '[{"key":"x"}]', "no json"])
def test_s11_what_is_no_signature_is_not_sent(office: Browser, services: Services, proof: str) -> None:
    answer, _ = _open(office)
    page = office.get(answer.headers["Location"])
    again = office.send(answer.headers["Location"], {"proof": proof}, page=page)
    assert again.status_code == 422 and services.submissions.commands == []


def test_s11_a_held_command_is_its_sender_s_alone(office: Browser, clerk_of: Browser) -> None:
    answer, _ = _open(office)
    assert clerk_of.get(answer.headers["Location"]).status_code == 404


def test_s11_the_receipt_of_something_unsigned_leads_back_to_the_signature(office: Browser) -> None:
    answer, _ = _open(office)
    op = answer.headers["Location"].removeprefix("/sign/")
    assert office.get(f"/recorded/{op}").headers["Location"] == f"/sign/{op}"


@pytest.mark.parametrize(("changes", "words"), [
    ({"name": ""}, "名前を入れてください"), ({"login": ""}, "メールアドレスか職員番号を入れてください"),
    ({"mail": "not an address"}, "メールアドレスを、name@example.jpのような形で"),
    ({"role": "S", "site": ""}, "避難所担当の避難所を選んでください"),
    ({"login": "clerk@example.jp"}, "もう使われています"), ({"until": "2020-01-01"}, "今日より後の日"),
    ({"role": "X"}, "役割を選んでください")])
def test_s11_what_is_missing_is_said(office: Browser, services: Services, changes: dict[str, str], words: str) -> None:
    answer, _ = _open(office, **changes)
    assert answer.status_code == 422 and words in answer.text
    assert services.submissions.held == {} and services.home.user_by_login("ouen@example.jp") is None


def test_s11_shelter_staff_belongs_to_its_site(office: Browser, services: Services) -> None:
    answer, _ = _open(office, role="S", site=world.SANNO, until="2099-03-31")
    ((command, _),) = services.submissions.held.values()
    assert command.accounts[0].office == f"{world.NANAO}/{world.SANNO}" and answer.status_code == 303
    user = services.home.user_by_login("ouen@example.jp")
    assert user is not None and user.valid_until is not None
    assert user.valid_until.isoformat() == "2099-04-01T00:00:00+09:00"


def test_s11_a_resident_s_account_needs_no_signature(office: Browser, services: Services) -> None:
    answer, _ = _open(office, role="M")
    assert answer.headers["Location"].startswith("/recorded/") and len(services.submissions.commands) == 1


def test_s11_a_role_is_changed_by_signature_and_a_name_at_once(office: Browser, services: Services) -> None:
    clerk = services.reading.all_accounts[1]
    form = {"role": "C", "site": "", "name": "新しい名前", "mail": "new@example.jp"}
    answer = office.send(f"/directory/change_account?account={clerk.account_id}", form)
    assert answer.headers["Location"].startswith("/directory/accounts") and services.submissions.held == {}
    assert services.home.user("clerk").name == "新しい名前"
    answer = office.send(f"/directory/change_account?account={clerk.account_id}", form | {"role": "A"})
    ((command, _),) = services.submissions.held.values()
    assert command == ChangeAccount(clerk.account_id, clerk.rev, roles=("A",), office=world.NANAO)


@pytest.mark.parametrize(("verb", "command_class"), [
    ("suspend", SuspendAccount), ("resume", ResumeAccount), ("close", CloseAccount)])
def test_s11_an_account_is_suspended_resumed_closed(office: Browser, services: Services, verb: str,
                                                    command_class: type) -> None:
    clerk = services.reading.all_accounts[1]
    address = f"/directory/{verb}_account?account={clerk.account_id}"
    assert "理由を入れてください" in office.send(address, {"reason": "other", "other": ""}).text
    answer = office.send(address, {"reason": "other", "other": "人事の都合"})
    assert answer.headers["Location"].startswith("/sign/")
    ((command, _),) = services.submissions.held.values()
    assert command == command_class(clerk.account_id, "人事の都合")


def test_s11_a_supporter_is_blocked_without_a_signature(office: Browser, services: Services) -> None:
    supporter = dataclasses.replace(services.reading.all_accounts[3], account_id="3" * 26)
    services.reading.all_accounts[3] = supporter
    answer = office.send(f"/directory/suspend_account?account={supporter.account_id}",
                         {"reason": "いたずらや迷惑な申し出"})
    assert answer.headers["Location"].startswith("/recorded/")
    assert isinstance(services.submissions.commands[0][0], SuspendAccount)


def test_s11_the_last_administrator_stays(office: Browser, services: Services) -> None:
    own = services.reading.all_accounts[0]
    for verb in ("suspend", "close"):
        page = office.get(f"/directory/{verb}_account?account={own.account_id}")
        assert "ほかの管理者に変えてもらってください" in page.text and f'{verb}する</button>' not in page.text
    services.reading.all_accounts = [account for account in services.reading.all_accounts
                                     if account == own or "A" not in account.roles]
    assert LAST in office.get(f"/directory/close_account?account={own.account_id}").text
    form = {"role": "C", "site": "", "name": own.name, "mail": "office@example.jp"}
    answer = office.send(f"/directory/change_account?account={own.account_id}", form)
    assert answer.status_code == 422 and LAST in answer.text and services.submissions.held == {}


def test_s11_another_municipality_s_account_is_not_found(office: Browser, services: Services) -> None:
    foreign = dataclasses.replace(services.reading.all_accounts[1], office=world.HACHIOJI)
    services.reading.all_accounts[1] = foreign
    assert office.get(f"/directory/change_account?account={foreign.account_id}").status_code == 404


def test_s11_the_list_finds_and_filters(office: Browser) -> None:
    assert "5 </b>" not in office.get("/directory/accounts").text
    assert "支援者" in office.get("/directory/accounts?role=P").text
    found = office.get("/directory/accounts?q=clerk").text
    assert "七尾市 担当者" in found and "<b>1</b> 件" in found
    assert "この条件のアカウントはありません" in office.get("/directory/accounts?status=closed").text


@pytest.fixture
def clerk_of(signed_in) -> Browser:
    return signed_in("clerk")
