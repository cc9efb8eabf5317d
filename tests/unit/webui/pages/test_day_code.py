"""S11: today's number opens a shift on the shelter's account; who is on duty is kept here."""
from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from moyai_webui.home import Services
from moyai_webui.pages.portal import day_code as page_of_day_code
from moyai_webui.presentation.formats import now, today
from tests.unit.webui.pages import world
from tests.unit.webui.pages.conftest import Browser

NOT_TODAY = "この番号は今日は使えません"


@pytest.fixture
def code(office: Browser, services: Services) -> str:
    """The office makes the number of every open shelter that has none."""
    assert office.send("/directory/day_codes").status_code == 303
    made = services.identity.shifts.code(world.SANNO, today())
    assert made is not None
    return made


def _begin(browser: Browser, code: str, name: str = "当番の佐藤", address: str = "/sign_in/day_code"):
    return browser.send(address, {"site": world.SANNO, "code": code, "name": name})


def test_s11_the_number_opens_a_shift_and_the_name_stays_here(
        visitor: Browser, office: Browser, services: Services, code: str) -> None:
    answer = _begin(visitor, f" {code} ".translate(str.maketrans("0123456789", "０１２３４５６７８９")))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/relief/")
    assert "当番の佐藤" in visitor.get("/relief/").text
    sheet = office.get(f"/directory/day_codes/{world.SANNO}").text
    assert "当番の佐藤" in sheet and f"{code[:3]} {code[3:]}" in sheet and "<svg" in sheet
    visitor.send("/sign_out", page=visitor.get("/relief/"))
    (shift,) = services.identity.shifts.at(world.SANNO, 5)
    assert shift.ended_at is not None
    assert services.submissions.commands == [], "nothing of it is on the ledger"


def test_s11_the_printed_code_needs_the_name_alone(app: Flask, office: Browser, code: str) -> None:
    sheet = office.get(f"/directory/day_codes/{world.SANNO}").text
    assert "pass=" not in sheet, "what the QR code says is not for reading"
    with app.app_context():
        address = f"/sign_in/day_code?pass={page_of_day_code.make_pass(world.SANNO, code)}"
    phone = Browser(app.test_client())
    page = phone.get(address)
    assert "山王小学校" in re.sub("<wbr>", "", page.text) and 'name="code" value="' + code in page.text
    assert phone.send(address, {"site": world.SANNO, "code": code, "name": "夜の当番"}, page=page).status_code == 303
    assert "夜の当番" in phone.get("/relief/").text


@pytest.mark.parametrize(("code_typed", "name", "words"), [
    ("000000x", "当番", NOT_TODAY), ("", "当番", NOT_TODAY), ("right", "", "お名前を入れてください")])
def test_s11_a_wrong_number_opens_nothing(visitor: Browser, code: str, code_typed: str, name: str, words: str) -> None:
    answer = _begin(visitor, code if code_typed == "right" else code_typed, name)
    assert answer.status_code == 422 and words in answer.text and visitor.get("/relief/").status_code == 303


def test_s11_the_number_ends_with_the_day_and_with_a_new_one(
        visitor: Browser, office: Browser, services: Services, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(page_of_day_code, "today", lambda: today() + timedelta(days=1))
        assert NOT_TODAY in _begin(visitor, code).text
    other = code
    while other == code:  # one time in a million the new number is the old one
        office.send("/directory/day_codes", {"site": world.SANNO})
        other = services.identity.shifts.code(world.SANNO, today())
    assert NOT_TODAY in _begin(visitor, code).text and _begin(visitor, other).status_code == 303


def test_s11_who_guesses_is_paused_and_the_printed_code_still_opens(app: Flask, visitor: Browser, code: str) -> None:
    for _ in range(5):
        _begin(visitor, "999999x")
    assert "15分たってから" in _begin(visitor, code).text
    with app.app_context():
        address = f"/sign_in/day_code?pass={page_of_day_code.make_pass(world.SANNO, code)}"
    assert _begin(Browser(app.test_client()), code, address=address).status_code == 303


def test_s11_a_forged_pass_is_none(visitor: Browser, code: str) -> None:
    page = visitor.get("/sign_in/day_code?pass=WyJDQyIsIjIwMjQiLCIxMjM0NTYiXQ.forged")
    assert page.status_code == 200 and code not in page.text


def test_s11_a_shelter_without_an_account_gets_no_shift(
        office: Browser, visitor: Browser, services: Services, code: str) -> None:
    del services.home.users["shelter"]
    assert "アカウントなし" in office.get("/directory/day_codes").text
    assert NOT_TODAY in _begin(visitor, code).text


def test_s11_a_shift_lasts_twelve_hours(visitor: Browser, services: Services, code: str) -> None:
    _begin(visitor, code)
    (session,) = services.identity.sessions.of("shelter", now())
    assert timedelta(hours=11) < session.until - now() <= timedelta(hours=12)
