"""S12: a drill is opened, entered, left and closed; it looks like one, and no form crosses from one to the other."""
from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta

from moyai_contracts.api.command import LIVE
from moyai_contracts.api.directory import CloseDrill, OpenDrill
from moyai_webui import scope
from moyai_webui.home import Services
from moyai_webui.operation_rows import Drill
from moyai_webui.presentation.formats import now, today
from tests.unit.webui.pages import world
from tests.unit.webui.pages.conftest import Browser

TITLE = {"title": "冬の訓練", "starts_on": today().isoformat(), "ends_on": (today() + timedelta(days=1)).isoformat(),
         "which": "all"}
NEED = {"item": "毛布", "quantity": "80", "attributes-size": "子ども用", "due": "three", "priority": "urgent"}


def enter(browser: Browser, chosen: str = world.DRILL) -> int:
    return browser.send("/scope", {"chosen": chosen}, page=browser.get("/relief/needs")).status_code


def test_s12_a_drill_is_opened_after_a_second_look_and_a_typed_word(office: Browser, services: Services) -> None:
    page = office.send("/directory/open_drill", TITLE)
    assert page.status_code == 200 and "この訓練を始めますか" in page.text and services.submissions.commands == []
    wrong = office.send("/directory/open_drill", TITLE | {"confirmed": "y", "word": "本番"}, page=page)
    assert "始めるときは「訓練」と入れてください" in wrong.text and services.submissions.commands == []
    answer = office.send("/directory/open_drill", TITLE | {"confirmed": "y", "word": "訓練"}, page=page)
    command = services.submissions.commands[0][0]
    assert command == OpenDrill(drill_id=command.drill_id, title="冬の訓練", starts_on=TITLE["starts_on"],
                                ends_on=TITLE["ends_on"])
    receipt = office.get(answer.headers["Location"]).text
    assert "訓練を始めました" in receipt and f"/directory/close_drill?drill={command.drill_id}" in receipt


def test_s12_some_sites_may_take_part(office: Browser, services: Services) -> None:
    page = office.send("/directory/open_drill", TITLE | {"which": "some"})
    assert page.status_code == 422 and "参加する避難所を、1から100か所まで選んでください" in page.text
    chosen = TITLE | {"which": "some", f"site-{world.SANNO}": "y", "confirmed": "y", "word": "訓練"}
    assert office.send("/directory/open_drill", chosen).status_code == 303
    assert services.submissions.commands[0][0].sites == (world.SANNO,)


def test_s12_a_drill_of_another_town_is_joined_under_its_id(office: Browser, services: Services) -> None:
    theirs = Drill(world.HACHIOJI, "01JH00000000000000000000HA", "合同の訓練", "open", now(), today(), today())
    services.reading.all_drills.append(theirs)
    page = office.get("/directory/open_drill").text
    assert "合同の訓練に参加する" in page and "冬の訓練を終える" in page
    address = f"/directory/open_drill?join={theirs.scope}"
    assert 'value="合同の訓練"' in office.get(address).text
    office.send(address, TITLE | {"confirmed": "y", "word": "訓練"})
    assert services.submissions.commands[0][0].drill_id == theirs.scope


def test_s12_a_drill_is_closed_by_a_typed_word(office: Browser, services: Services) -> None:
    address = f"/directory/close_drill?drill={world.DRILL}"
    assert "終えるときは「訓練」と入れてください" in office.send(address, {"word": "はい"}).text
    assert office.send(address, {"word": "訓練"}).status_code == 303
    assert services.submissions.commands[0][0] == CloseDrill(drill_id=world.DRILL)
    assert office.get("/directory/close_drill?drill=01JH00000000000000000000XX").status_code == 404


def test_s12_a_drill_looks_like_one_on_every_page(shelter: Browser) -> None:
    assert "訓練に入る：冬の訓練" in shelter.get("/relief/").text
    assert enter(shelter) == 303
    for address in ("/relief/", "/relief/needs", "/relief/arrivals", "/records", "/relief/register_need"):
        page = shelter.get(address).text
        assert '<html lang="ja" class="is-drill">' in page and "これは訓練です。物資は動きません。" in page, address
        assert "<title>訓練：" in page and "訓練から出る" in page, address
    assert enter(shelter, LIVE) == 303
    assert "is-drill" not in shelter.get("/relief/").text


def test_s12_what_is_done_in_a_drill_belongs_to_it(shelter: Browser, services: Services) -> None:
    enter(shelter)
    assert shelter.send("/relief/register_need", NEED).status_code == 303
    enter(shelter, LIVE)
    assert shelter.send("/relief/register_need", NEED).status_code == 303
    assert [actor.scope for _, actor in services.submissions.commands] == [world.DRILL, LIVE]


def test_s12_labels_of_a_drill_begin_with_another_letter(office: Browser, services: Services) -> None:
    offer, need = services.reading.all_offers[1], services.reading.all_needs[1]
    address = f"/relief/request_dispatch?offer={offer.offer_id}&need={need.need_id}"
    for chosen in (world.DRILL, LIVE):
        enter(office, chosen)
        assert office.send(address, {"to": need.need_id, "quantity": "1"}).status_code == 303
    assert [command.dispatches[0].package_id[0] for command, _ in services.submissions.commands] == ["T", "P"]


def test_s12_no_form_crosses_from_one_to_the_other(shelter: Browser, services: Services) -> None:
    live_form = shelter.get("/relief/register_need")
    enter(shelter)
    drill_form = shelter.get("/relief/register_need")
    answer = shelter.send("/relief/register_need", NEED, page=live_form)
    assert answer.status_code == 409 and "訓練と本番を切りかえた" in answer.text
    enter(shelter, LIVE)
    assert shelter.send("/relief/register_need", NEED, page=drill_form).status_code == 409
    assert services.submissions.commands == []


def test_s12_a_drill_that_ended_is_left_by_itself(shelter: Browser, services: Services) -> None:
    enter(shelter)
    form = shelter.get("/relief/register_need")
    services.reading.all_drills[0] = dataclasses.replace(services.reading.all_drills[0], status="closed")
    assert shelter.send("/relief/register_need", NEED, page=form).status_code == 409
    enter_again = enter(shelter)
    assert enter_again == 409 and services.submissions.commands == []
    page = shelter.get("/relief/needs").text
    assert "is-drill" not in page and "訓練に入る" not in page


def test_s12_the_end_is_told_once(shelter: Browser, services: Services) -> None:
    enter(shelter)
    services.reading.all_drills = []
    assert "訓練は終わりました。いまは本番の画面です" in shelter.get("/relief/needs").text
    assert "訓練は終わりました" not in shelter.get("/relief/needs").text


def test_s12_signing_out_leaves_the_drill(signed_in: Callable[[str], Browser]) -> None:
    browser = signed_in("shelter")
    enter(browser)
    browser.send("/sign_out", page=browser.get("/relief/"))
    assert "is-drill" not in browser.get("/relief/needs").text


def test_s12_a_box_of_a_drill_is_followed_by_its_code(visitor: Browser, services: Services) -> None:
    box = dataclasses.replace(services.reading.all_packages[0], package_id="T" + world.package_id(1)[1:])
    services.reading.all_packages.append(box)
    page = visitor.get(f"/t/{box.package_id}").text
    assert "is-drill" in page and "これは訓練です" in page
    assert "is-drill" not in visitor.get(f"/t/{world.package_id(1)}").text


def test_s12_outside_of_requests_everything_is_real() -> None:
    assert scope.current() == LIVE
    with scope.within(world.DRILL):
        assert scope.current() == world.DRILL
    assert scope.current() == LIVE
