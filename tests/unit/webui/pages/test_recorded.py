"""The receipt: recorded, being recorded, not recorded and what is possible then."""
from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from moyai_contracts.api import TRANSACTIONS
from moyai_webui.home import Services
from moyai_webui.presentation.receipts import DESCRIPTIONS
from moyai_webui.presentation.timeline import TELLINGS, TRANSACTION_NAMES
from tests.unit.webui.pages.conftest import Browser

STATUS = {"open": "yes", "headcount": "190"}


def sent(browser: Browser, services: Services, state: str, refusal: tuple[str, dict] = ("", {})) -> str:
    services.submissions.state, services.submissions.refusal = state, refusal
    return browser.send("/relief/set_site_status", STATUS).headers["Location"]


def asked(browser: Browser, services: Services, refusal: tuple[str, dict]) -> str:
    services.submissions.state, services.submissions.refusal = "refused", refusal
    need, offer = services.reading.all_needs[1], services.reading.all_offers[1]
    answer = browser.send(f"/relief/request_dispatch?offer={offer.offer_id}&need={need.need_id}",
                          {"to": need.need_id, "quantity": "48", "ship_by": ""})
    return answer.headers["Location"]


def test_recorded_is_green_with_who_and_when(shelter: Browser, services: Services) -> None:
    page = shelter.get(sent(shelter, services, "recorded"))
    assert '<div class="receipt">' in page.text and "記録済み" in page.text and "令和" in page.text
    assert "山王小学校 避難所担当" in page.text and "190人" in page.text and "Refresh" not in page.headers


def test_pending_is_yellow_reloads_five_times_and_then_waits_for_a_tap(shelter: Browser, services: Services) -> None:
    address = sent(shelter, services, "pending")
    page = shelter.get(address)
    assert '<div class="receipt wait">' in page.text and "この画面を閉じても、受付は続きます" in page.text
    assert "記録済み" not in page.text
    for number in range(1, 6):
        assert page.headers["Refresh"] == f"2; url={address}?n={number}"
        page = shelter.get(page.headers["Refresh"].split("url=")[1])
    assert "Refresh" not in page.headers and "いまの状態を見る" in page.text


def test_a_doubtful_outcome_stays_yellow(shelter: Browser, services: Services) -> None:
    address = sent(shelter, services, "pending")
    op = address.rsplit("/", 1)[1]
    services.submissions.by_op[op] = dataclasses.replace(services.submissions.by_op[op], doubtful=True)
    assert "もう一度押さなくて大丈夫です" in shelter.get(address).text


def test_somebody_was_faster_shows_the_figure_left_and_leads_there(shelter: Browser, services: Services) -> None:
    page = shelter.get(asked(shelter, services, ("offer_short", {"available": 12, "offer_id": "x"})))
    assert '<div class="receipt stop">' in page.text
    assert "ほかの避難所が先に依頼したため、残りは12枚です。48枚は依頼できません。" in page.text
    assert "12で依頼し直す" in page.text and "入力した内容は残っています" in page.text
    link = page.text.split('<a class="btn" href="')[1].split('"')[0].replace("&amp;", "&")
    form = shelter.get(link)
    assert form.status_code == 200 and 'name="quantity" value="12"' in form.text


def test_a_refused_form_opens_again_with_what_was_typed_under_a_new_id(shelter: Browser, services: Services) -> None:
    services.submissions.state = "refused"
    services.submissions.refusal = ("site_closed", {})
    typed = {"item": "毛布", "quantity": "77", "attributes-size": "子ども用", "due": "three", "priority": "urgent",
             "note": "夜用"}
    first = shelter.send("/relief/register_need", typed).headers["Location"]
    page = shelter.get(first)
    assert "この施設は現在開設されていません" in page.text
    form = shelter.get(f"/relief/register_need?again={first.rsplit('/', 1)[1]}")
    assert 'name="quantity" value="77"' in form.text and "夜用</textarea>" in form.text
    assert 'value="子ども用" selected' in form.text
    assert f'name="op" value="{first.rsplit("/", 1)[1]}"' not in form.text
    services.submissions.state, services.submissions.refusal = "recorded", ("", {})
    assert shelter.send("/relief/register_need", typed, page=form).headers["Location"] != first


@pytest.mark.parametrize(("refusal", "words"), [
    (("already_received", {"at": 1704793200}), "すでに受け取り済みです（2024年1月9日（火）18時40分）"),
    (("wrong_state", {"state": "closed"}), "現在の状態（取下げ）"), (("not_found", {}), "該当する記録が見つかりません"),
    (("unknown_code", {}), "記録できませんでした")])
def test_every_refusal_is_a_sentence(shelter: Browser, services: Services, refusal: tuple[str, dict],
                                     words: str) -> None:
    assert words in shelter.get(sent(shelter, services, "refused", refusal)).text


def test_a_receipt_is_for_its_own_person(signed_in: Callable[[str], Browser], services: Services) -> None:
    address = sent(signed_in("shelter"), services, "recorded")
    assert signed_in("office").get(address).status_code == 404
    op = address.rsplit("/", 1)[1]
    assert 'value="190"' not in signed_in("office").get(f"/relief/set_site_status?site=CC0000000518&again={op}").text


def test_passwords_are_not_kept_with_what_was_typed(shelter: Browser, services: Services) -> None:
    sent(shelter, services, "recorded")
    form = next(iter(services.submissions.by_op.values())).form
    assert form == STATUS


def test_every_relief_transaction_has_a_receipt_a_name_and_a_story() -> None:
    relief = {name: command for name, command in TRANSACTIONS.items() if name.startswith("relief.")}
    assert relief.keys() <= DESCRIPTIONS.keys() and relief.keys() <= TRANSACTION_NAMES.keys()
    assert {command.event for command in relief.values()} <= TELLINGS.keys()
