"""S11: the own password, sessions, six digits, choices; and a device that is known."""
from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from flask import Flask

from moyai_webui import invitations, second_factor
from moyai_webui.home import Services
from moyai_webui.identity import SecondFactor
from moyai_webui.pages.portal import sign_in
from moyai_webui.presentation.formats import now
from tests.unit.webui.pages.conftest import Browser
from tests.unit.webui.pages.test_sign_in import PAUSED, WRONG

NEW_PASSWORD = "雪の朝に数えた白い毛布"


def _with_mail(services: Services, login: str) -> None:
    services.home.users[login] = dataclasses.replace(services.home.users[login], mail=f"{login}@example.jp")


def _links(services: Services) -> list[str]:
    """What the mails that wait lead to."""
    return [letter.content["path"] for letter in services.identity.mails.due(now(), 100)]  # type: ignore[attr-defined]


# ── passwords ──

@pytest.mark.parametrize("typed", ["office@example.jp", "ＯＦＦＩＣＥ@example.jp", "nobody@example.jp", "",
                                   "member@example.jp"])
def test_s11_a_forgotten_password_tells_nobody_who_has_an_account(visitor: Browser, services: Services,
                                                                  typed: str) -> None:
    _with_mail(services, "office")
    answer = visitor.send("/reset_password", {"login": typed})
    assert answer.headers["Location"] == "/reset_password?sent=1"
    assert "メールを確かめてください" in visitor.get("/reset_password?sent=1").text
    assert len(_links(services)) == (1 if typed.startswith(("office", "ＯＦＦ")) else 0)


def test_s11_the_link_sets_the_password_once_and_ends_the_sessions(visitor: Browser, office: Browser,
                                                                   services: Services) -> None:
    _with_mail(services, "office")
    visitor.send("/reset_password", {"login": "office@example.jp"})
    (link,) = _links(services)
    assert visitor.get(link).status_code == visitor.get(link).status_code == 200, "looking uses nothing up"
    assert visitor.send(link, {"password": "short"}).status_code == 422
    assert "思いつきにくい" in visitor.send(link, {"password": "office office office"}).text
    assert office.get("/relief/office").status_code == 200
    assert visitor.send(link, {"password": NEW_PASSWORD}).headers["Location"] == "/set_password/done"
    assert office.get("/relief/office").status_code == 303
    assert visitor.get(link).status_code == 410
    assert visitor.sign_in("office").status_code == 422
    assert visitor.sign_in("office", NEW_PASSWORD).status_code == 303


def test_s11_a_link_ends_after_its_hour(visitor: Browser, services: Services) -> None:
    secret = services.identity.tickets.issue(
        invitations.PASSWORD, "office", now() - timedelta(hours=2), invitations.LASTS[invitations.RESET])
    assert visitor.get(f"/set_password?ticket={secret}").status_code == 410


def test_s11_one_address_is_not_filled_with_mails(visitor: Browser, services: Services) -> None:
    _with_mail(services, "office")
    for _ in range(8):
        visitor.send("/reset_password", {"login": "office@example.jp"})
    assert len(_links(services)) == invitations.MOST_A_DAY


def test_s11_who_was_invited_and_lost_the_mail_gets_another(visitor: Browser, services: Services) -> None:
    _with_mail(services, "clerk")
    services.home.users["clerk"] = dataclasses.replace(services.home.users["clerk"], password_hash="")
    assert visitor.sign_in("clerk", "").status_code == 422
    visitor.send("/reset_password", {"login": "clerk@example.jp"})
    (link,) = _links(services)
    visitor.send(link, {"password": NEW_PASSWORD})
    assert visitor.sign_in("clerk", NEW_PASSWORD).status_code == 303


# ── sessions and devices ──

def test_s11_a_copied_cookie_is_dead_after_signing_out(app: Flask, office: Browser) -> None:
    cookie = office.client.get_cookie("moyai_172022")
    thief = Browser(app.test_client())
    thief.client.set_cookie("moyai_172022", cookie.value)
    assert thief.get("/relief/office").status_code == 200
    office.send("/sign_out", page=office.get("/relief/office"))
    assert thief.get("/relief/office").status_code == 303


def test_s11_sessions_are_seen_and_ended(app: Flask, signed_in: Callable[[str], Browser]) -> None:
    here, there = signed_in("clerk"), signed_in("clerk")
    page = here.get("/me")
    assert page.text.count("（この端末）") == 1
    other = re.search(r'name="session" value="([0-9a-f]{12})"', page.text)[1]  # type: ignore[index]
    here.send("/me/end_session", {"session": other}, page=page)
    assert (there.get("/me").status_code, here.get("/me").status_code) == (303, 200)
    third = signed_in("clerk")
    here.send("/me/end_session", {"session": "others"}, page=here.get("/me"))
    assert (third.get("/me").status_code, here.get("/me").status_code) == (303, 200)
    here.send("/me/end_session", {"session": "all"}, page=here.get("/me"))
    assert here.get("/me").status_code == 303


def test_s11_strangers_shut_out_strangers_and_not_the_device_that_is_known(app: Flask) -> None:
    known, stranger = Browser(app.test_client()), Browser(app.test_client())
    assert known.sign_in("shelter").status_code == 303
    known.send("/sign_out", page=known.get("/relief/"))
    for _ in range(5):
        stranger.sign_in("shelter", "違う")
    assert PAUSED in stranger.sign_in("shelter").text
    assert PAUSED in Browser(app.test_client()).sign_in("shelter").text
    assert known.sign_in("shelter").status_code == 303, "the shelter's own phone goes on"


def test_s11_a_known_device_has_its_own_count(app: Flask) -> None:
    known = Browser(app.test_client())
    known.sign_in("shelter")
    known.send("/sign_out", page=known.get("/relief/"))
    for _ in range(4):
        assert WRONG in known.sign_in("shelter", "違う").text
    assert PAUSED in known.sign_in("shelter", "違う").text
    assert Browser(app.test_client()).sign_in("shelter").status_code == 303


def test_s11_a_forged_device_is_a_stranger(app: Flask) -> None:
    forged = Browser(app.test_client())
    forged.client.set_cookie("moyai_172022_device", '["device","' + "0" * 16 + '"].forged')
    for _ in range(5):
        forged.sign_in("clerk", "違う")
    assert PAUSED in Browser(app.test_client()).sign_in("clerk").text


def test_s11_an_account_whose_time_is_over_lets_nobody_in(
        office: Browser, visitor: Browser, services: Services) -> None:
    services.home.users["office"] = dataclasses.replace(services.home.users["office"], valid_until=now())
    assert office.get("/relief/office").status_code == 303
    assert "期限が切れています" in visitor.sign_in("office").text


def test_s11_choices_are_kept(office: Browser, services: Services) -> None:
    assert office.send("/me", {"mail_choice": "digest", "language": "ja-easy"}).status_code == 303
    user = services.home.users["office"]
    assert (user.mail_choice, user.language) == ("digest", "ja-easy")
    assert office.send("/me", {"mail_choice": "never", "language": "ja"}).status_code == 422


def test_s11_an_open_list_that_asks_of_itself_is_no_use_of_the_session(
        office: Browser, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    find = services.identity.sessions.find
    monkeypatch.setattr(services.identity.sessions, "find", lambda secret, at, *, used=True: (
        asked.append(used), find(secret, at, used=used))[1])
    office.client.get("/relief/offers", headers={"Moyai-Fragment": "1"})
    office.get("/relief/offers")
    assert asked == [False, True]


# ── six digits ──

def _enrol(browser: Browser) -> tuple[str, list[str], str]:
    """The app's secret, the recovery codes, and the code that was used."""
    page = browser.get("/me/authenticator")
    secret = re.search(r'code-long">([A-Z2-7 ]+)<', page.text)[1].replace(" ", "")  # type: ignore[index]
    assert browser.send("/me/authenticator", {"code": "000000"}, page=page).status_code == 422
    used = pyotp.TOTP(secret).now()
    done = browser.send("/me/authenticator", {"code": used}, page=page)
    return secret, re.findall(r'<li class="code">([0-9a-z]{5}-[0-9a-z]{5})</li>', done.text), used


def test_s11_an_administrator_signs_in_with_six_digits(app: Flask, office: Browser, services: Services) -> None:
    secret, codes, used = _enrol(office)
    assert len(codes) == second_factor.RECOVERY_CODES and codes[0] not in office.get("/me/authenticator").text
    anew = Browser(app.test_client())
    answer = anew.sign_in("office")
    assert answer.headers["Location"] == "/sign_in/code"
    assert anew.get("/relief/office").status_code == 303, "a password alone opens nothing"
    assert anew.send("/sign_in/code", {"code": "123456"}).status_code == 422
    assert anew.send("/sign_in/code", {"code": used}).status_code == 422, "the code of the enrolment was used"
    assert anew.send("/sign_in/code", {"code": pyotp.TOTP(secret).at(now() + timedelta(seconds=30))}).status_code == 303
    assert anew.get("/relief/office").status_code == 200


def test_s11_a_recovery_code_opens_once(app: Flask, office: Browser) -> None:
    _, codes, _ = _enrol(office)
    for status in (303, 422):
        anew = Browser(app.test_client())
        anew.sign_in("office")
        assert anew.send("/sign_in/code", {"code": codes[0].upper()}).status_code == status


def test_s11_five_wrong_codes_start_a_pause(app: Flask, office: Browser, services: Services) -> None:
    _, codes, _ = _enrol(office)
    anew = Browser(app.test_client())
    anew.sign_in("office")
    for _ in range(5):
        anew.send("/sign_in/code", {"code": "000000"})
    assert PAUSED in anew.send("/sign_in/code", {"code": codes[0]}).text


def test_s11_who_gave_the_password_owes_the_digits_for_five_minutes(
        app: Flask, office: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    _enrol(office)
    anew = Browser(app.test_client())
    anew.sign_in("office")
    monkeypatch.setattr(sign_in, "now", lambda: now() + timedelta(minutes=6))
    assert anew.get("/sign_in/code").headers["Location"] == "/sign_in"


def test_s11_the_app_is_removed_by_its_own_code(office: Browser, services: Services) -> None:
    _, codes, _ = _enrol(office)
    assert office.send("/me/remove_authenticator", {"code": "000000"}).status_code == 422
    assert office.send("/me/remove_authenticator", {"code": codes[3]}).status_code == 303
    assert services.identity.factors.factor("office") is None


def test_s11_an_app_that_was_not_confirmed_asks_for_nothing(visitor: Browser, services: Services) -> None:
    services.identity.factors.save(SecondFactor("office", second_factor.new_secret()))
    assert visitor.sign_in("office").headers["Location"] == "/relief/office"


def test_s11_an_administrator_is_not_kept_for_a_month(app: Flask, services: Services) -> None:
    browser = Browser(app.test_client())
    browser.sign_in("office", keep="y")
    (session,) = services.identity.sessions.of("office", now())
    assert session.until - now() < timedelta(hours=13)


def test_s11_an_administrator_is_told_what_to_protect_and_confirm(office: Browser, services: Services,
                                                                  signed_in: Callable[[str], Browser]) -> None:
    page = office.get("/directory/").text
    assert "確認を待っている端末があります" in page and "サインインを" in page
    assert "確認を待っている端末があります" not in signed_in("clerk").get("/directory/").text
    _enrol(office)
    services.reading.all_keys = services.reading.all_keys[1:]
    page = office.get("/directory/").text
    assert "確認を待っている端末があります" not in page and "サインインを" not in page
