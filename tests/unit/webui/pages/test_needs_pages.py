"""S1 and S2: needs are registered, changed, closed, found."""
from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

import pytest

from moyai_contracts.api.relief import ChangeNeed, CloseNeed, ConfirmNeeds, RegisterNeed, ReopenNeed, SetSiteStatus
from moyai_webui.forms.fields import end_of
from moyai_webui.home import Services
from moyai_webui.presentation.formats import today
from tests.unit.webui.pages import world
from tests.unit.webui.pages.conftest import Browser

BLANKETS = {"item": "毛布", "quantity": "８０", "attributes-size": "子ども用", "due": "three", "priority": "urgent",
            "note": "夜が\n冷えます"}


def test_s01_a_need_is_registered_with_what_was_typed(shelter: Browser, services: Services) -> None:
    answer = shelter.send("/relief/register_need", BLANKETS)
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/recorded/")
    command, actor = services.submissions.commands[0]
    assert isinstance(command, RegisterNeed)
    need = command.needs[0]
    assert (need.site, need.item, need.quantity, need.priority) == (world.SANNO, "000000-0201", 80, "urgent")
    assert need.attributes == {"size": "子ども用"} and need.note == "夜が 冷えます" and need.headcount == 180
    assert need.needed_by == int(end_of(today() + timedelta(days=3)).timestamp())
    assert (actor.role, actor.office) == ("S", f"{world.NANAO}/{world.SANNO}")
    receipt = shelter.get(answer.headers["Location"])
    assert "必要物資を登録しました" in receipt.text and "80枚" in receipt.text and need.need_id in receipt.text


def test_s01_a_double_click_is_one_need(shelter: Browser, services: Services) -> None:
    page = shelter.get("/relief/register_need")
    first = shelter.send("/relief/register_need", BLANKETS, page=page)
    second = shelter.send("/relief/register_need", BLANKETS, page=page)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(services.submissions.commands) == 1


def test_s01_a_form_filled_in_again_is_not_taken_for_recorded(shelter: Browser, services: Services) -> None:
    page = shelter.get("/relief/register_need")
    first = shelter.send("/relief/register_need", BLANKETS, page=page)
    second = shelter.send("/relief/register_need", BLANKETS | {"quantity": "55"}, page=page)
    assert second.headers["Location"] != first.headers["Location"]
    told = shelter.get(second.headers["Location"]).text
    assert '<div class="receipt stop">' in told and "同じ番号で内容の異なる記録がすでにあります" in told
    again = shelter.get(f"/relief/register_need?again={second.headers['Location'].rsplit('/', 1)[1]}")
    assert 'name="quantity" value="55"' in again.text


def test_s01_a_second_click_does_not_find_the_traces_of_the_first(shelter: Browser, services: Services) -> None:
    need = services.reading.all_needs[1]
    address = f"/relief/change_need?need={need.need_id}"
    typed = {"quantity": str(need.quantity + 5), "due": "same", "priority": need.priority, "note": need.note,
             "attributes-size": "大人用"}
    page = shelter.get(address)
    first = shelter.send(address, typed, page=page)
    services.reading.all_needs[1] = dataclasses.replace(need, quantity=need.quantity + 5, rev=need.rev + 1)
    second = shelter.send(address, typed, page=page)
    assert second.status_code == 303 and second.headers["Location"] == first.headers["Location"]
    assert len(services.submissions.commands) == 1


def test_s02_the_list_says_nothing_that_nobody_decided(visitor: Browser) -> None:
    assert "受け取れません" not in visitor.get("/relief/needs").text


def test_s01_two_forms_are_two_needs(shelter: Browser, services: Services) -> None:
    for _ in range(2):
        shelter.send("/relief/register_need", BLANKETS)
    ids = {command.needs[0].need_id for command, _ in services.submissions.commands}
    assert len(ids) == 2


def test_s01_mistakes_come_back_with_everything_typed(shelter: Browser, services: Services) -> None:
    page = shelter.send("/relief/register_need", {"item": "まくら", "quantity": "ゼロ", "priority": "high", "note": "枕カバー"})
    assert page.status_code == 422 and services.submissions.commands == []
    assert "<title>エラー：" in page.text
    assert '<a href="#quantity">数量を1以上の数字で入れてください</a>' in page.text
    assert '<a href="#due-0">いつまでに必要かを選んでください</a>' in page.text
    assert 'value="まくら"' in page.text and 'value="ゼロ"' in page.text and "枕カバー</textarea>" in page.text
    assert 'aria-describedby="quantity-e" aria-invalid="true"' in page.text


def test_s01_an_item_outside_the_catalogue_is_told_beside_the_field(shelter: Browser) -> None:
    page = shelter.send("/relief/register_need", BLANKETS | {"item": "まくら"})
    assert page.status_code == 422 and '<a href="#item">品目を一覧から選んでください</a>' in page.text


@pytest.mark.parametrize("note", ["山田まで 0767-53-1111", "mail@example.jp へ", "０９０１２３４５６７８"])
def test_s01_personal_data_never_leaves_the_page(shelter: Browser, services: Services, note: str) -> None:
    page = shelter.send("/relief/register_need", BLANKETS | {"note": note.replace("-", "")})
    assert page.status_code == 422 and "記録は公開され、消せません" in page.text
    assert '<a href="#note">' in page.text and services.submissions.commands == []


def test_s01_the_same_item_again_asks_first(shelter: Browser, services: Services) -> None:
    page = shelter.send("/relief/register_need", BLANKETS | {"attributes-size": "大人用"})
    assert page.status_code == 422 and re.search("同じ品目を.+に登録しています。数を足しますか", page.text)
    assert f"/relief/change_need?need={services.reading.all_needs[1].need_id}&amp;add=80" in page.text
    again = shelter.send("/relief/register_need", BLANKETS | {"attributes-size": "大人用", "separate": "y"}, page=page)
    assert again.status_code == 303


def test_s01_a_need_without_a_size_may_be_the_same_as_one_with(shelter: Browser, services: Services) -> None:
    assert shelter.send("/relief/register_need", BLANKETS | {"attributes-size": ""}).status_code == 422
    assert shelter.send("/relief/register_need", BLANKETS).status_code == 303  # another size is another need
    assert services.submissions.commands[0][0].needs[0].attributes == {"size": "子ども用"}


def test_s01_what_the_office_asked_for_is_shown_to_the_shelter(shelter: Browser, services: Services) -> None:
    hall = dataclasses.replace(services.reading.all_needs[3].place, site_id="OFFICE1", kind="office", name="七尾市役所")
    services.reading.all_needs[3] = dataclasses.replace(services.reading.all_needs[3], place=hall)
    page = shelter.send("/relief/register_need", BLANKETS | {"item": "携帯トイレ", "attributes-size": ""})
    assert page.status_code == 422 and "七尾市役所" in page.text and "1,500回分（15箱）" in page.text
    assert "に数を足す" not in page.text  # it belongs to the office alone


def test_s01_adding_to_what_stands_is_one_tap(shelter: Browser, services: Services) -> None:
    need = services.reading.all_needs[1]
    page = shelter.get(f"/relief/change_need?need={need.need_id}&add=20")
    assert 'name="quantity" value="200"' in page.text and "いまの記録は180枚です" in page.text


@pytest.mark.parametrize(("quantity", "pack", "pieces"), [
    ("2", "箱", 48), ("２箱", "", 48), ("2箱", "箱", 48), ("48缶", "箱", 48), ("48", "", 48)])
def test_s01_packs_are_counted_in_pieces(shelter: Browser, services: Services, quantity: str, pack: str,
                                         pieces: int) -> None:
    milk = BLANKETS | {"item": "液体ミルク", "quantity": quantity, "pack": pack, "separate": "y"}
    answer = shelter.send("/relief/register_need", milk)
    assert services.submissions.commands[0][0].needs[0].quantity == pieces
    assert "48缶（2箱）" in shelter.get(answer.headers["Location"]).text


def test_s01_an_unknown_unit_is_told_with_the_known_ones(shelter: Browser, services: Services) -> None:
    page = shelter.send("/relief/register_need", BLANKETS | {"item": "液体ミルク", "quantity": "2ケース"})
    assert '<a href="#quantity">単位は缶・箱のどれかにしてください</a>' in page.text and 'value="2ケース"' in page.text
    page = shelter.send("/relief/register_need", BLANKETS | {"item": "液体ミルク", "quantity": "9000000箱"})
    assert "数量は10,000,000缶以下にしてください" in page.text and services.submissions.commands == []


def test_s01_choosing_an_item_keeps_the_rest_and_records_nothing(shelter: Browser, services: Services) -> None:
    page = shelter.send("/relief/register_need", {"item": "液体ミルク", "choose": "1", "quantity": "7", "note": "夜の分"})
    assert page.status_code == 200 and "箱（24缶入り）" in page.text
    assert 'value="7"' in page.text and "夜の分</textarea>" in page.text and services.submissions.commands == []
    assert shelter.send("/relief/register_need", {"item": "まくら", "choose": "1"}).status_code == 422


def test_s01_a_closed_need_is_asked_for_again(shelter: Browser, services: Services) -> None:
    closed = dataclasses.replace(services.reading.all_needs[1], state="closed")
    services.reading.all_needs[1] = closed
    page = shelter.get(f"/relief/needs/{closed.need_id}").text
    assert "もう一度頼む" in page and "取下げをやめて、募集を続ける" in page
    address = f"/relief/register_need?copy={closed.need_id}"
    copy = shelter.get(address)
    assert 'value="毛布"' in copy.text and 'value="180"' in copy.text and '<option value="大人用" selected>' in copy.text
    again = {"item": "毛布", "quantity": "180", "attributes-size": "大人用", "due": "today", "priority": "high"}
    assert shelter.send(address, again, page=copy).status_code == 303
    line = services.submissions.commands[0][0].needs[0]
    assert line.need_id != closed.need_id and (line.quantity, line.attributes) == (180, {"size": "大人用"})
    assert shelter.get("/relief/register_need?copy=01JH0000000000000000000099").status_code == 404


def test_s01_all_needs_still_hold_in_one_touch(shelter: Browser, services: Services) -> None:
    home = shelter.get("/relief/")
    assert "まだ必要ですか" in home.text and "すべてまだ必要" in home.text
    answer = shelter.send(f"/relief/confirm_needs?site={world.SANNO}", page=home)
    assert answer.status_code == 303
    assert services.submissions.commands[0][0] == ConfirmNeeds(code6=world.NANAO, site=world.SANNO)


def test_s01_the_receipt_carries_the_way_back(shelter: Browser, services: Services) -> None:
    answer = shelter.send("/relief/register_need", BLANKETS)
    need_id = services.submissions.commands[0][0].needs[0].need_id
    receipt = shelter.get(answer.headers["Location"]).text
    assert f"/relief/change_need?need={need_id}" in receipt
    assert f"/relief/close_need?need={need_id}&amp;reason=mistake" in receipt
    known = services.reading.all_needs[1].need_id
    page = shelter.get(f"/relief/close_need?need={known}&reason=mistake").text
    assert 'value="mistake" checked' in page


def test_s01_three_axes_are_derived(visitor: Browser, services: Services) -> None:
    diapers = services.reading.all_needs[2]
    assert diapers.axes == {"committed": "part", "in_transit": "part", "received": "part"}
    whole = dataclasses.replace(diapers, committed=20, in_transit=0, received=20)
    assert whole.axes == {"committed": "all", "in_transit": "none", "received": "all"}
    page = visitor.get(f"/relief/needs/{diapers.need_id}").text
    assert "<span>確保<b>一部</b></span><span>輸送中<b>一部</b></span><span>受取<b>一部</b></span>" in page


def test_s01_the_guide_follows_from_the_head_count(shelter: Browser) -> None:
    page = shelter.get("/relief/register_need?item=000000-0201")
    assert "1日分180枚です" in page.text and "目安の180" in page.text
    assert "1日分9缶です" in shelter.get("/relief/register_need?item=000000-0301").text


def test_s01_a_day_and_time_of_ones_own(shelter: Browser, services: Services) -> None:
    day = (today() + timedelta(days=9)).isoformat()
    other = BLANKETS | {"due": "other", "due_day": day, "due_time": "１２：００"}
    assert shelter.send("/relief/register_need", other).status_code == 303
    assert services.submissions.commands[0][0].needs[0].needed_by % 86400 == 3 * 3600  # noon in Japan
    late = BLANKETS | {"due": "other", "due_day": "2024-01-09"}
    assert "これからの日時を選んでください" in shelter.send("/relief/register_need", late).text
    assert "日を選んでください" in shelter.send("/relief/register_need", BLANKETS | {"due": "other"}).text


def test_s01_an_official_chooses_among_the_open_shelters(office: Browser, services: Services) -> None:
    page = office.get("/relief/register_need")
    assert page.text.count("<option") > 29 and "届け先" in page.text
    assert "届け先を選んでください" in office.send("/relief/register_need", BLANKETS | {"site": ""}).text
    ishizaki = next(need.place.site_id for need in services.reading.all_needs if need.place.name == "石崎小学校")
    assert office.send("/relief/register_need", BLANKETS | {"site": ishizaki}).status_code == 303
    command, actor = services.submissions.commands[0]
    assert command.needs[0].site == ishizaki and (actor.role, actor.office) == ("A", world.NANAO)


def test_s01_the_size_may_change(shelter: Browser, services: Services) -> None:
    need = services.reading.all_needs[1]
    typed = {"quantity": "180", "due": "same", "priority": "high", "note": "", "attributes-size": "子ども用"}
    assert shelter.send(f"/relief/change_need?need={need.need_id}", typed).status_code == 303
    assert services.submissions.commands[0][0] == ChangeNeed(need_id=need.need_id, rev=1,
                                                             attributes={"size": "子ども用"})


def test_s01_a_change_sends_only_what_differs(shelter: Browser, services: Services) -> None:
    need = services.reading.all_needs[0]
    address = f"/relief/change_need?need={need.need_id}"
    same = {"quantity": "144", "due": "same", "priority": "urgent", "note": need.note}
    assert shelter.send(address, same | {"quantity": "200"}).status_code == 303
    assert services.submissions.commands[0][0] == ChangeNeed(need_id=need.need_id, rev=1, quantity=200)
    assert "変わったところがありません" in shelter.send(address, same).text
    refused = shelter.send(address, same | {"quantity": "47"})
    assert refused.status_code == 422 and "48缶より少なくできません" in refused.text


def test_s01_closing_reopening_confirming_and_counting(shelter: Browser, services: Services) -> None:
    need = services.reading.all_needs[1]
    assert shelter.send(f"/relief/close_need?need={need.need_id}", {"reason": "enough"}).status_code == 303
    assert shelter.send(f"/relief/reopen_need?need={need.need_id}").status_code == 303
    assert shelter.send("/relief/confirm_needs").status_code == 303
    assert shelter.send("/relief/set_site_status", {"open": "yes", "headcount": "１９０"}).status_code == 303
    kinds = [command for command, _ in services.submissions.commands]
    assert kinds[0] == CloseNeed(need_id=need.need_id, reason="enough", rev=1)
    assert kinds[1] == ReopenNeed(need_id=need.need_id, rev=1)
    assert kinds[2] == ConfirmNeeds(code6=world.NANAO, site=world.SANNO)
    assert isinstance(kinds[3], SetSiteStatus) and (kinds[3].open, kinds[3].headcount) == (True, 190)


def test_s02_the_list_is_found_and_narrowed_by_address(visitor: Browser) -> None:
    everything = visitor.get("/relief/needs").text
    assert "<b>9</b> 件（7か所）" in everything and everything.index("液体ミルク") < everything.index("トイレットペーパー")
    assert "<b>3</b> 件（3か所）" in visitor.get("/relief/needs?priority=urgent").text
    assert "<b>3</b> 件（1か所）" in visitor.get("/relief/needs?q=山王").text
    nothing = visitor.get("/relief/needs?q=自転車").text
    assert "この条件の物資はありません" in nothing and "条件をすべて外す" in nothing


def test_s02_a_filter_that_is_on_leads_to_the_list_without_it(visitor: Browser) -> None:
    page = visitor.get("/relief/needs?city=172022&priority=urgent").text
    assert '<a class="tag" href="/relief/needs?city=172022" aria-current="true">緊急だけ' in page
    assert '<a class="tag" href="/relief/needs?priority=urgent" aria-current="true">七尾市' in page
    assert 'name="city" value="172022"' in page  # the search keeps the filters


def test_s02_odd_addresses_do_no_harm(visitor: Browser) -> None:
    for query in ("page=-1", "page=x", "page=999999999999", "sort=evil", "due=x", "due=9999", "q=%00%ff<script>"):
        assert visitor.get(f"/relief/needs?{query}").status_code == 200, query


def test_s02_a_visitor_is_led_to_an_offer_that_opens_the_account_too(visitor: Browser, services: Services) -> None:
    need = services.reading.all_needs[0].need_id
    assert f"/relief/register_offer?need={need}" in visitor.get("/relief/needs").text
    page = visitor.get(f"/relief/register_offer?need={need}")
    assert page.status_code == 200 and 'name="mail"' in page.text and 'type="password"' in page.text


def test_s02_one_need_shows_its_offers_and_boxes(visitor: Browser, shelter: Browser, services: Services) -> None:
    page = visitor.get(f"/relief/needs/{services.reading.all_needs[0].need_id}").text
    assert "48缶　八王子市から" in page and "送付依頼あり" in page and "PK7Q 49M2" in page
    assert "送ってもらう" not in page and "もう足りた" not in page
    assert "送ってもらう" in shelter.get(f"/relief/needs/{services.reading.all_needs[1].need_id}").text
