"""S11: a supporter registers with the first offer; nothing leaves before the address is confirmed."""
from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from moyai_contracts.api.directory import OpenAccount
from moyai_contracts.api.relief import RegisterOffer
from moyai_webui import invitations
from moyai_webui.home import Services
from moyai_webui.presentation.formats import now
from tests.unit.webui.pages.conftest import Browser

PASSWORD = "届けたい毛布の数は六十枚"
ADDRESS = "new.supporter@example.jp"


def _form(services: Services) -> tuple[str, dict[str, str]]:
    need = services.reading.all_needs[1]
    return f"/relief/register_offer?need={need.need_id}", {
        "quantity": "60", "ship_day": "tomorrow", "transport": "own", "person": "有志の会", "mail": ADDRESS,
        "password": PASSWORD}


def _link(services: Services) -> str:
    (letter,) = services.identity.mails.due(now(), 10)  # type: ignore[attr-defined]
    assert (letter.kind, letter.recipient) == ("confirmation", ADDRESS)
    return letter.content["path"]


def test_s11_a_newcomer_s_offer_waits_for_the_address(visitor: Browser, services: Services) -> None:
    address, form = _form(services)
    answer = visitor.send(address, form)
    assert answer.headers["Location"] == "/relief/offer_waiting"
    page = visitor.get("/relief/offer_waiting")
    assert "メールの確認待ち" in page.text and ADDRESS in page.text
    ((command, actor),) = services.submissions.held.values()
    assert isinstance(command, RegisterOffer) and actor.role == "P" and services.submissions.commands == []
    assert "メールの確認待ちです" in visitor.send("/sign_in", {"login": ADDRESS, "password": PASSWORD}).text
    (held,) = (each for each in services.submissions.by_op.values() if each.state == "unconfirmed")
    assert "password" not in held.form and PASSWORD not in str(held)


def test_s11_the_link_opens_the_account_and_nothing_before(visitor: Browser, services: Services) -> None:
    address, form = _form(services)
    visitor.send(address, form)
    link = _link(services)
    assert visitor.get(link).status_code == 200 and services.submissions.commands == [], "looking confirms nothing"
    assert visitor.send(link).headers["Location"] == "/confirm_address/done"
    ((command, actor),) = services.submissions.commands
    assert isinstance(command, OpenAccount) and command.accounts[0].account_id == actor.account
    assert (command.accounts[0].roles, command.accounts[0].party) == (("P",), "person")
    assert command.accounts[0].display_name is None, "nobody's name goes to the ledger"
    assert visitor.get(link).status_code == 410
    assert visitor.send("/sign_in", {"login": ADDRESS, "password": PASSWORD}).status_code == 303


def test_s11_an_old_link_says_that_nothing_was_recorded(visitor: Browser, services: Services) -> None:
    secret = services.identity.tickets.issue(invitations.CONFIRMATION, "x", now() - timedelta(hours=25),
                                             invitations.LASTS[invitations.CONFIRMATION])
    page = visitor.get(f"/confirm_address?ticket={secret}")
    assert page.status_code == 410 and "24時間を過ぎたお申し出は、記録されていません" in page.text


@pytest.mark.parametrize(("changes", "words"), [
    ({"person": ""}, "お名前か団体名を入れてください"), ({"mail": "nowhere"}, "name@example.jpのような形で"),
    ({"password": "short"}, "10文字以上"), ({"quantity": "0"}, "1以上")])
def test_s11_what_is_missing_is_said_and_nothing_is_kept(
        visitor: Browser, services: Services, changes: dict[str, str], words: str) -> None:
    address, form = _form(services)
    answer = visitor.send(address, form | changes)
    assert answer.status_code == 422 and words in answer.text
    assert services.submissions.held == {} and services.home.user_by_login(ADDRESS) is None


def test_s11_a_registered_address_is_sent_to_the_sign_in(visitor: Browser, services: Services) -> None:
    address, form = _form(services)
    answer = visitor.send(address, form | {"mail": "supporter@example.jp"})
    assert answer.status_code == 422 and "登録済みです。サインインしてください" in answer.text
    assert services.submissions.held == {}


def test_s11_a_flood_of_forms_is_no_flood_of_blocks_or_mails(visitor: Browser, services: Services) -> None:
    address, form = _form(services)
    statuses = [visitor.send(address, form).status_code for _ in range(8)]
    assert statuses == [303] * invitations.MOST_A_DAY + [422] * 3
    assert services.submissions.commands == []
    assert len({user.account for user in services.home.users.values() if user.mail == ADDRESS}) == 1


def test_s11_who_is_signed_in_offers_as_before(signed_in, services: Services) -> None:
    address, form = _form(services)
    supporter = signed_in("supporter")
    assert "連絡先" not in supporter.get(address).text
    answer = supporter.send(address, {name: value for name, value in form.items() if name not in (
        "person", "mail", "password")})
    assert answer.headers["Location"].startswith("/recorded/") and len(services.submissions.commands) == 1


def test_s11_a_blocked_supporter_cannot_sign_in(visitor: Browser, services: Services) -> None:
    services.home.users["supporter"] = dataclasses.replace(services.home.users["supporter"], active=False)
    assert visitor.sign_in("supporter").status_code == 422
