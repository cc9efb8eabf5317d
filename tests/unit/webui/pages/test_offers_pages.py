"""S3, S4, S5, S6: offers are made, changed, found; the receiver asks for dispatch; the sender ships."""
from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from moyai_contracts.api.identifiers import is_package_id
from moyai_contracts.api.relief import (
    CancelDispatch, ChangeOffer, DeclineDispatch, RegisterOffer, RequestDispatch, ShipConsignment, WithdrawOffer,
)
from moyai_webui.home import Services
from moyai_webui.presentation.formats import today
from tests.unit.webui.pages import world
from tests.unit.webui.pages.conftest import Browser

BEST = {"expires-year": "２０３０", "expires-month": "9", "expires-day": ""}


def test_s03_an_offer_for_a_need(hachioji: tuple[Browser, Services]) -> None:
    browser, services = hachioji
    need = services.reading.all_needs[0]
    address = f"/relief/register_offer?need={need.need_id}"
    page = browser.get(address)
    assert "ほかの方の申し出を入れると、足りないのは96缶です" in page.text and "まだ発送しないでください" in page.text
    answer = browser.send(address, BEST | {"quantity": "48", "ship_day": "tomorrow", "transport": "own"}, page=page)
    assert answer.status_code == 303
    command, actor = services.submissions.commands[0]
    assert command == RegisterOffer(
        offer_id=command.offer_id, quantity=48, transport="own", ships_from=world.HACHIOJI, item=need.item.code,
        aimed_at=need.need_id, available_from=(today() + timedelta(days=1)).isoformat(), expires_on="2030-09")
    assert (actor.role, actor.office) == ("A", world.HACHIOJI)
    assert "まだ発送しないでください" in browser.get(answer.headers["Location"]).text


@pytest.mark.parametrize(("best", "words"), [
    ({"expires-year": "", "expires-month": "", "expires-day": ""}, "賞味期限を入れてください"),
    ({"expires-year": "2030", "expires-month": "13"}, "賞味期限の年と月を"),
    ({"expires-year": "2030", "expires-month": "2", "expires-day": "30"}, "1から28の数字か、空にしてください"),
    ({"expires-year": "2024", "expires-month": "1"}, "賞味期限が過ぎています")])
def test_s03_the_date_of_a_box_is_checked_as_printed(hachioji: tuple[Browser, Services], best: dict[str, str],
                                                     words: str) -> None:
    browser, services = hachioji
    page = browser.send(f"/relief/register_offer?need={services.reading.all_needs[0].need_id}",
                        best | {"quantity": "48", "ship_day": "today"})
    assert page.status_code == 422 and words in page.text and '<a href="#expires-year">' in page.text
    assert services.submissions.commands == []


def test_s03_blankets_need_no_date(hachioji: tuple[Browser, Services]) -> None:
    browser, services = hachioji
    later = (today() + timedelta(days=5)).isoformat()
    answer = browser.send(f"/relief/register_offer?need={services.reading.all_needs[1].need_id}",
                          {"quantity": "10", "ship_day": "other", "ship_from": later, "transport": "own"})
    assert answer.status_code == 303 and services.submissions.commands[0][0].available_from == later
    assert services.submissions.commands[0][0].attributes == {"size": "大人用"}


def test_s04_an_offer_nobody_asked_for(hachioji: tuple[Browser, Services]) -> None:
    browser, services = hachioji
    typed = {"item": "離乳食（びん）", "category": "other", "quantity": "１２０", "transport": "needed"} | BEST
    assert browser.send("/relief/register_offer", typed).status_code == 303
    command = services.submissions.commands[0][0]
    assert (command.item, command.item_name, command.category, command.quantity) == (None, "離乳食（びん）", "other", 120)
    assert browser.send("/relief/register_offer", typed | {"item": "毛布", "category": ""}).status_code == 303
    assert services.submissions.commands[1][0].item == "000000-0201"
    page = browser.send("/relief/register_offer", typed | {"category": ""})
    assert page.status_code == 422 and "分類を選んでください" in page.text


def test_s04_only_the_free_part_changes(hachioji: tuple[Browser, Services]) -> None:
    browser, services = hachioji
    milk, blankets = services.reading.all_offers[0], services.reading.all_offers[1]
    page = browser.send(f"/relief/change_offer?offer={milk.offer_id}", {"quantity": "47", "transport": "own"})
    assert page.status_code == 422 and "依頼済みの数（48）より少なくできません" in page.text
    assert browser.send(f"/relief/change_offer?offer={blankets.offer_id}",
                        {"quantity": "70", "transport": "own"}).status_code == 303
    assert browser.send(f"/relief/withdraw_offer?offer={blankets.offer_id}").status_code == 303
    assert [command for command, _ in services.submissions.commands] == [
        ChangeOffer(offer_id=blankets.offer_id, rev=1, quantity=70), WithdrawOffer(offer_id=blankets.offer_id, rev=1)]


def test_s05_receivers_see_all_offers_and_senders_their_own(office: Browser,
                                                            hachioji: tuple[Browser, Services]) -> None:
    page = office.get("/relief/offers").text
    assert "<b>4</b> 件" in page and page.count("送ってもらう") >= 3 and "離乳食（びん）" in page
    assert "<b>2</b> 件" in office.get("/relief/offers?whose=for_us").text
    mine = hachioji[0].get("/relief/offers?whose=own").text
    assert "<b>2</b> 件" in mine and "自分の提供" in mine and "大島町" not in mine


def test_s06_the_receiver_asks_for_a_part(shelter: Browser, services: Services) -> None:
    offer, need = services.reading.all_offers[1], services.reading.all_needs[1]
    address = f"/relief/request_dispatch?offer={offer.offer_id}&need={need.need_id}"
    page = shelter.get(address)
    assert "依頼できるのは60枚までです" in page.text and "60枚を依頼する" in page.text
    answer = shelter.send(address, {"to": need.need_id, "quantity": "40"}, page=page)
    assert answer.status_code == 303
    command = services.submissions.commands[0][0]
    assert isinstance(command, RequestDispatch) and len(command.dispatches) == 1
    line = command.dispatches[0]
    assert (line.offer_id, line.need_id, line.quantity) == (offer.offer_id, need.need_id, 40)
    assert is_package_id(line.package_id) and line.new_need is None and line.mapped_item is None
    receipt = shelter.get(answer.headers["Location"]).text
    assert "送付を依頼しました" in receipt and line.package_id[:4] in receipt


def test_s06_never_more_than_offered_or_needed(shelter: Browser, services: Services) -> None:
    offer, need = services.reading.all_offers[1], services.reading.all_needs[1]
    address = f"/relief/request_dispatch?offer={offer.offer_id}&need={need.need_id}"
    assert "提供できる残りは60です" in shelter.send(address, {"to": need.need_id, "quantity": "61"}).text
    services.reading.all_needs[1] = dataclasses.replace(need, committed=150)
    assert "足りないのは30枚です" in shelter.send(address, {"to": need.need_id, "quantity": "31"}).text
    assert services.submissions.commands == []


def test_s06_another_size_has_to_be_accepted(shelter: Browser, services: Services) -> None:
    need = services.reading.all_needs[1]
    services.reading.all_needs[1] = dataclasses.replace(need, attributes={"size": "子ども用"})
    address = f"/relief/request_dispatch?offer={services.reading.all_offers[1].offer_id}&need={need.need_id}"
    typed = {"to": need.need_id, "quantity": "10"}
    page = shelter.send(address, typed)
    assert page.status_code == 422 and "種類・サイズが違います" in page.text
    assert shelter.send(address, typed | {"accept_difference": "y"}).status_code == 303
    assert services.submissions.commands[0][0].dispatches[0].accept_difference is True


def test_s06_a_free_name_is_mapped_and_a_need_comes_along(office: Browser, services: Services) -> None:
    offer = services.reading.all_offers[3]
    address = f"/relief/request_dispatch?offer={offer.offer_id}"
    typed = {"to": f"new:{world.SANNO}", "quantity": "24", "ship_by": (today() + timedelta(days=2)).isoformat()}
    assert "品目一覧のどれにあたるかを選んでください" in office.send(address, typed).text
    assert office.send(address, typed | {"mapped": "000000-0101"}).status_code == 303
    line = services.submissions.commands[0][0].dispatches[0]
    assert (line.mapped_item, line.new_need.site, line.new_need.need_id) == ("000000-0101", world.SANNO, line.need_id)
    assert line.new_need.quantity == line.quantity == 24 and line.ship_by == typed["ship_by"]


def test_s06_where_the_office_approves_a_shelter_does_not_ask_alone(shelter: Browser, services: Services) -> None:
    town = services.reading.towns[2]
    services.reading.towns[2] = dataclasses.replace(town, dispatch_approval="office")
    offer, need = services.reading.all_offers[1], services.reading.all_needs[1]
    asked = shelter.get(f"/relief/request_dispatch?offer={offer.offer_id}").headers["Location"]
    assert asked == f"/relief/propose_dispatch?offer={offer.offer_id}"
    shelter.send(asked, {"to": need.need_id, "quantity": "5"})
    assert [command.transaction for command, _ in services.submissions.commands] == ["relief.propose_dispatch"]


def test_s06_the_sender_sees_what_was_asked_prints_and_ships(hachioji: tuple[Browser, Services]) -> None:
    browser, services = hachioji
    dispatch = services.reading.all_dispatches[0]
    request = f"/relief/dispatches/{dispatch.need_id}/{dispatch.dispatch_id}"
    page = browser.get(request).text
    assert f"{request}/labels.pdf" in page and "発送しました" in page and "一本杉" not in page
    address = f"/relief/ship_consignment?need={dispatch.need_id}&dispatch={dispatch.dispatch_id}"
    typed = {"quantity": "24", "carrier": "yamato", "arrival": "tomorrow"}
    assert "依頼数（24缶）を超えています" in browser.send(address, typed | {"quantity": "25"}).text
    assert browser.send(address, typed).status_code == 303
    assert browser.send(address, typed | {"quantity": "20", "arrival": "unknown"}).status_code == 303
    whole, part = (command for command, _ in services.submissions.commands)
    assert isinstance(whole, ShipConsignment) and whole.packages[0].package_id == world.package_id(2)
    assert whole.packages[0].lines is None and whole.expected_on == (today() + timedelta(days=1)).isoformat()
    assert part.packages[0].lines[0].quantity == 20 and part.expected_on is None


def test_s06_a_request_is_declined_or_cancelled_with_a_reason(hachioji: tuple[Browser, Services], office: Browser,
                                                              services: Services) -> None:
    dispatch = hachioji[1].reading.all_dispatches[0]
    address = f"/relief/decline_dispatch?need={dispatch.need_id}&dispatch={dispatch.dispatch_id}"
    assert "理由を書いてください" in hachioji[0].send(address, {"reason": " "}).text
    assert hachioji[0].send(address, {"reason": "在庫が\nありません"}).status_code == 303
    assert hachioji[1].submissions.commands[0][0] == DeclineDispatch(
        need_id=dispatch.need_id, dispatch_id=dispatch.dispatch_id, reason="在庫が ありません")
    ours = services.reading.all_dispatches[0]
    answer = office.send(f"/relief/cancel_dispatch?need={ours.need_id}&dispatch={ours.dispatch_id}", {"reason": "足りた"})
    assert answer.status_code == 303
    assert services.submissions.commands[0][0] == CancelDispatch(
        need_id=ours.need_id, dispatch_id=ours.dispatch_id, reason="足りた")
