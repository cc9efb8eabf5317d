"""S4: what is not to be sent is said before anyone offers; S6: where the office decides."""
from __future__ import annotations

import dataclasses
from datetime import timedelta

from moyai_contracts.api.directory import SetPolicy
from moyai_contracts.api.relief import ApproveDispatch, ChangeOffer, RegisterOffer, RejectDispatch, SetIntake
from moyai_webui.home import Services
from moyai_webui.operation_rows import Intake
from moyai_webui.presentation.formats import now, today
from moyai_webui.rows import Dispatch, Municipality
from tests.unit.webui.pages import world
from tests.unit.webui.pages.conftest import Browser

NEXT_WEEK = today() + timedelta(days=7)
STOP = {"item": "000000-0201", "until": NEXT_WEEK.isoformat(), "note": "置き場所がありません"}


def stop(services: Services, item: int | None) -> None:
    town = Municipality(world.NANAO, "七尾市", "active")
    services.reading.all_intakes.append(Intake(town, None if item is None else world.ITEMS[item], NEXT_WEEK,
                                               "置き場所がありません", now()))


def test_s04_a_stop_is_shown_once_more_before_it_is_public(office: Browser, services: Services) -> None:
    page = office.send("/relief/set_intake", STOP)
    assert page.status_code == 200 and "この内容で公開しますか" in page.text and "毛布" in page.text
    assert services.submissions.commands == []
    answer = office.send("/relief/set_intake", STOP | {"confirmed": "y"}, page=page)
    assert answer.status_code == 303
    assert services.submissions.commands[0][0] == SetIntake(
        item="000000-0201", stopped=True, until=NEXT_WEEK.isoformat(), note="置き場所がありません")
    assert "やめて、受け入れを再開する" in office.get(answer.headers["Location"]).text


def test_s04_a_stop_of_everything_and_its_end(office: Browser, services: Services) -> None:
    assert office.send("/relief/set_intake", STOP | {"item": "*", "confirmed": "y"}).status_code == 303
    stop(services, None)
    page = office.get("/relief/set_intake")
    assert "すべての物資の受け入れを再開する" in page.text
    answer = office.send("/relief/set_intake", {"item": "*", "resume": "y"}, page=page)
    assert services.submissions.commands[1][0] == SetIntake(item="*", stopped=False)
    assert "受け入れを再開しました" in office.get(answer.headers["Location"]).text


def test_s04_a_stop_names_item_day_and_reason(office: Browser, services: Services) -> None:
    page = office.send("/relief/set_intake", {"item": "", "confirmed": "y"})
    assert page.status_code == 422 and "受け取らない物を選んでください" in page.text
    page = office.send("/relief/set_intake", STOP | {"until": "2024-01-01", "note": "", "confirmed": "y"})
    assert "今日より後の日で選んでください" in page.text and "理由を書いてください" in page.text
    page = office.send("/relief/set_intake", STOP | {"note": "電話は0767531111まで", "confirmed": "y"})
    assert page.status_code == 422 and services.submissions.commands == []


def test_s04_senders_see_a_stop_before_they_offer(hachioji: tuple[Browser, Services]) -> None:
    browser, services = hachioji
    stop(services, 1)
    for address in ("/relief/needs", "/relief/needs?city=172022", "/relief/offers",
                    "/relief/register_offer?item=000000-0201"):
        assert "七尾市：毛布は" in browser.get(address).text, address
    assert "今は送らないでほしい物" not in browser.get("/relief/needs?city=132012").text
    address = f"/relief/register_offer?need={services.reading.all_needs[1].need_id}"
    page = browser.get(address)
    assert "七尾市：毛布は" in page.text and "の提供を申し出る" not in page.text
    typed = {"quantity": "10", "ship_day": "today", "transport": "own"}
    assert browser.send(address, typed, page=browser.get("/relief/needs")).status_code == 200
    assert services.submissions.commands == []
    milk = browser.get(f"/relief/register_offer?need={services.reading.all_needs[0].need_id}").text
    assert "の提供を申し出る" in milk


def test_s04_a_stop_of_everything_stops_every_item(hachioji: tuple[Browser, Services]) -> None:
    browser, services = hachioji
    stop(services, None)
    page = browser.get(f"/relief/register_offer?need={services.reading.all_needs[0].need_id}").text
    assert "七尾市：どの物資も" in page and "の提供を申し出る" not in page


def test_s03_an_offer_says_until_when_and_how_it_travels(hachioji: tuple[Browser, Services]) -> None:
    browser, services = hachioji
    address = f"/relief/register_offer?need={services.reading.all_needs[1].need_id}"
    typed = {"quantity": "10", "ship_day": "today", "transport": "needed", "available_until": NEXT_WEEK.isoformat()}
    assert browser.send(address, typed).status_code == 303
    command = services.submissions.commands[0][0]
    assert isinstance(command, RegisterOffer)
    assert (command.available_until, command.transport) == (NEXT_WEEK.isoformat(), "needed")
    early = typed | {"ship_day": "other", "ship_from": (NEXT_WEEK + timedelta(days=1)).isoformat()}
    assert "終わりの日を、始まりの日より後で選んでください" in browser.send(address, early).text


def test_s04_surplus_is_offered_on_in_one_touch(office: Browser, services: Services) -> None:
    page = office.get("/relief/register_offer?item=000000-0301&quantity=12&expires=2030-09")
    assert 'value="液体ミルク"' in page.text and 'name="quantity" value="12"' in page.text
    assert 'name="expires-year" value="2030"' in page.text and 'name="expires-month" value="9"' in page.text


def test_s04_every_term_of_an_offer_may_change(hachioji: tuple[Browser, Services]) -> None:
    browser, services = hachioji
    offer = services.reading.all_offers[1]
    address = f"/relief/change_offer?offer={offer.offer_id}"
    same = {"quantity": "60", "available_from": today().isoformat(), "transport": "own",
            "available_until": (today() + timedelta(days=9)).isoformat()}
    assert "変わったところがありません" in browser.send(address, same).text
    changed = same | {"transport": "needed", "available_until": NEXT_WEEK.isoformat(), "expires-year": "2030",
                      "expires-month": "1"}
    assert browser.send(address, changed).status_code == 303
    assert services.submissions.commands[0][0] == ChangeOffer(
        offer_id=offer.offer_id, rev=1, available_until=NEXT_WEEK.isoformat(), transport="needed", expires_on="2030-01")


def proposed(services: Services) -> Dispatch:
    offer, need = services.reading.all_offers[1], services.reading.all_needs[1]
    one = dataclasses.replace(services.reading.all_dispatches[0], need_id=need.need_id, offer_id=offer.offer_id,
                              item=need.item, quantity=40, state="proposed", packages=(), place=need.place)
    services.reading.all_dispatches.append(one)
    return one


def test_s06_the_office_approves_what_shelters_propose(office: Browser, services: Services) -> None:
    one = proposed(services)
    key = f"{one.need_id}-{one.dispatch_id}"
    page = office.get("/relief/approve_dispatch")
    assert "本部の確認待ち" in page.text and "避難所の希望40枚" in page.text and f'name="quantity-{key}" value="40"' in page.text
    assert "1から40までの数を入れてください" in office.send("/relief/approve_dispatch", {"only": key, f"quantity-{key}": "41"}).text
    assert "認める物に印をつけてください" in office.send("/relief/approve_dispatch", {f"quantity-{key}": "40"}).text
    answer = office.send("/relief/approve_dispatch", {f"take-{key}": "y", f"quantity-{key}": "30"}, page=page)
    command = services.submissions.commands[0][0]
    assert isinstance(command, ApproveDispatch)
    assert (command.dispatches[0].dispatch_id, command.dispatches[0].quantity) == (one.dispatch_id, 30)
    assert "送付依頼を認めました" in office.get(answer.headers["Location"]).text


def test_s06_the_office_rejects_with_a_reason_in_one_tap(office: Browser, services: Services) -> None:
    one = proposed(services)
    address = f"/relief/reject_dispatch?need={one.need_id}&dispatch={one.dispatch_id}"
    assert "理由を選んでください" in office.send(address).text
    assert "理由を書いてください" in office.send(address, {"reason": "other"}).text
    assert office.send(address, {"reason": "足りた"}).status_code == 303
    assert services.submissions.commands[0][0] == RejectDispatch(need_id=one.need_id, dispatch_id=one.dispatch_id,
                                                                 reason="足りた")


def test_s06_the_policy_is_signed_by_the_administrator(office: Browser, services: Services) -> None:
    page = office.send("/directory/set_policy", {"dispatch_approval": "none"})
    assert page.status_code == 422 and "変わったところがありません" in page.text
    answer = office.send("/directory/set_policy", {"dispatch_approval": "office"})
    assert answer.status_code == 303 and "/sign" in answer.headers["Location"]
    assert services.submissions.commands == [] or isinstance(services.submissions.commands[0][0], SetPolicy)
