"""S6: many offers are asked for at once, by answering offers or by taking proposals."""
from __future__ import annotations

import dataclasses
import re

from moyai_contracts.api.relief import ProposeDispatch, RequestDispatch
from moyai_webui.home import Services
from moyai_webui.rows import Municipality
from tests.unit.webui.pages.conftest import Browser

MANY = "/relief/request_dispatch"
SUGGESTIONS = "/relief/suggestions"


def keys(services: Services) -> tuple[str, str]:
    """Blankets for 山王 (60 free, 80 missing), and toilets of another sender, aimed at nobody, for 石崎."""
    read = services.reading
    return (f"{read.all_offers[1].offer_id}-{read.all_needs[1].need_id}",
            f"{read.all_offers[2].offer_id}-{read.all_needs[3].need_id}")


def aim_second(services: Services) -> None:
    need = services.reading.all_needs[3]
    services.reading.all_offers[2] = dataclasses.replace(services.reading.all_offers[2], aimed_at=need.need_id,
                                                         aimed_place=need.place)


def test_s06_many_offers_are_answered_by_one_request(office: Browser, services: Services) -> None:
    aim_second(services)
    blankets, toilets = keys(services)
    page = office.get(MANY)
    assert f'name="quantity-{blankets}" value="60"' in page.text
    assert f'name="quantity-{toilets}" value="1500"' in page.text  # no more than is missing
    answer = office.send(MANY, {f"take-{blankets}": "y", f"quantity-{blankets}": "40", f"take-{toilets}": "y",
                                f"quantity-{toilets}": "1,500"}, page=page)
    assert answer.status_code == 303
    command = services.submissions.commands[0][0]
    assert isinstance(command, RequestDispatch)
    assert [(line.offer_id, line.quantity) for line in command.dispatches] == [
        (blankets[:26], 40), (toilets[:26], 1500)]
    assert len({value for line in command.dispatches for value in (line.dispatch_id, line.package_id)}) == 4
    receipt = office.get(answer.headers["Location"]).text
    assert "2件" in receipt and "40枚　山王小学校へ" in receipt and "1,500回分　石崎小学校へ" in receipt


def test_s06_only_what_is_marked_is_asked_for(office: Browser, services: Services) -> None:
    aim_second(services)
    blankets, toilets = keys(services)
    both = {f"quantity-{blankets}": "40", f"quantity-{toilets}": "1"}
    assert "依頼する物に印をつけてください" in office.send(MANY, both).text
    office.send(MANY, both | {f"take-{toilets}": "y"})
    office.send(MANY, both | {f"take-{toilets}": "y", "only": blankets})
    assert [[line.offer_id for line in command.dispatches] for command, _ in services.submissions.commands] == [
        [toilets[:26]], [blankets[:26]]]


def test_s06_what_is_too_much_is_told_beside_its_line(office: Browser, services: Services) -> None:
    blankets, _ = keys(services)
    page = office.send(MANY, {f"take-{blankets}": "y", f"quantity-{blankets}": "61"})
    assert page.status_code == 422 and f'<a href="#quantity-{blankets}">提供できる残りは60枚です</a>' in page.text
    services.reading.all_offers[1] = dataclasses.replace(services.reading.all_offers[1], quantity=600)
    page = office.send(MANY, {f"take-{blankets}": "y", f"quantity-{blankets}": "81"})
    assert "山王小学校で足りないのは80枚です" in page.text and services.submissions.commands == []


def test_s06_a_lost_race_is_one_tap_from_what_is_left(office: Browser, services: Services) -> None:
    aim_second(services)
    blankets, toilets = keys(services)
    services.submissions.state = "refused"
    services.submissions.refusal = "offer_short", {"available": 12, "offer_id": blankets[:26]}
    answer = office.send(MANY, {f"take-{blankets}": "y", f"quantity-{blankets}": "40", f"take-{toilets}": "y",
                                f"quantity-{toilets}": "3"})
    page = office.get(answer.headers["Location"]).text
    assert "残りは12枚です" in page and "残りの数に直して、もう一度依頼する" in page
    again = office.get(re.search(r'href="(/relief/request_dispatch\?[^"]+)"', page)[1].replace("&amp;", "&")).text
    assert f'name="quantity-{blankets}" value="12"' in again and f'name="quantity-{toilets}" value="3"' in again
    assert again.count(" checked") == 2


def test_s06_a_shelter_whose_office_decides_proposes(shelter: Browser, services: Services) -> None:
    services.reading.towns = [Municipality(town.code, town.name, "active", "office") for town in services.reading.towns]
    blankets, _ = keys(services)
    many = MANY.replace("request", "propose")
    assert shelter.get(MANY).headers["Location"] == many
    page = shelter.get(many)
    assert "本部が確かめてから、送付依頼になります" in page.text and "印をつけた物を本部に頼む" in page.text
    shelter.send(many, {f"take-{blankets}": "y", f"quantity-{blankets}": "40"}, page=page)
    one = f"{many}?offer={blankets[:26]}&need={blankets[27:]}"
    assert "60枚を本部に頼む" in shelter.get(one).text
    answer = shelter.send(one, {"to": blankets[27:], "quantity": "50"})
    first, second = (command for command, _ in services.submissions.commands)
    assert isinstance(first, ProposeDispatch) and isinstance(second, ProposeDispatch)
    assert (first.dispatches[0].quantity, second.dispatches[0].quantity) == (40, 50)
    assert "本部に送付依頼を頼みました" in shelter.get(answer.headers["Location"]).text


def test_s06_where_the_office_does_not_decide_nothing_is_proposed(shelter: Browser) -> None:
    assert shelter.get("/relief/propose_dispatch").headers["Location"] == MANY


def test_s06_a_shelter_asks_for_its_own_needs_alone(shelter: Browser, services: Services) -> None:
    aim_second(services)
    _, toilets = keys(services)
    assert toilets not in shelter.get(MANY).text
    assert shelter.send(MANY, {f"take-{toilets}": "y", f"quantity-{toilets}": "3"}).status_code == 403


def test_s06_suggestions_say_why_and_are_taken_together(office: Browser, services: Services) -> None:
    blankets, toilets = keys(services)
    page = office.get(SUGGESTIONS)
    assert "距離は、自治体の中心どうしを結ぶ直線です" in page.text
    assert "優先度は緊急です。" in page.text and "送り主まで約" in page.text and "までに発送できます。" in page.text
    assert "まだ1つも確保されていません。" in page.text and "確保は180のうち100、1人あたり0.56です。" in page.text
    quantities = dict(re.findall(r'name="(quantity-[^"]+)" value="(\d+)"', page.text))
    assert quantities[f"quantity-{blankets}"] == "60" and quantities[f"quantity-{toilets}"] == "1500"
    marks = {name.replace("quantity", "take"): "y" for name in quantities}
    assert office.send(SUGGESTIONS, quantities | marks, page=page).status_code == 303
    command = services.submissions.commands[0][0]
    assert isinstance(command, RequestDispatch) and len(command.dispatches) == len(quantities)


def test_s06_without_a_match_the_page_says_so(office: Browser, services: Services) -> None:
    services.reading.all_offers = []
    assert "いま合う組み合わせはありません" in office.get(SUGGESTIONS).text


def test_s06_suggestions_are_for_the_office(shelter: Browser) -> None:
    assert shelter.get(SUGGESTIONS).status_code == 403


def test_s06_what_was_given_away_meanwhile_is_not_proposed(office: Browser, services: Services) -> None:
    assert "60枚" in office.get(SUGGESTIONS).text
    services.reading.all_offers[1] = dataclasses.replace(services.reading.all_offers[1], requested=60)
    assert keys(services)[0] not in office.get(SUGGESTIONS).text  # the kept calculation still names it
