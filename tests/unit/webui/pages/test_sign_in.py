"""S11: signing in and out."""
from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from moyai_webui import accounts
from moyai_webui.home import Services
from tests.unit.webui.pages import world
from tests.unit.webui.pages.conftest import Browser

PAUSED = "5回続けて違いました。15分たってから試してください"
WRONG = "メールアドレスかパスワードが違います"


@pytest.mark.parametrize(("login", "home"), [("office", "/relief/office"), ("clerk", "/relief/office"),
                                             ("shelter", "/relief/"), ("supporter", "/relief/needs")])
def test_s11_everybody_lands_at_the_own_first_page(visitor: Browser, login: str, home: str) -> None:
    answer = visitor.sign_in(login)
    assert (answer.status_code, answer.headers["Location"]) == (303, home)
    assert visitor.get(home).status_code == 200


def test_s11_full_width_and_upper_case_logins_are_the_same_person(visitor: Browser) -> None:
    answer = visitor.send("/sign_in", {"login": " ＯＦＦＩＣＥ@Example.jp ", "password": world.PASSWORD})
    assert answer.status_code == 303


@pytest.mark.parametrize(("login", "password"), [("office", "違う言葉"), ("nobody", world.PASSWORD), ("office", "")])
def test_s11_a_wrong_login_and_a_wrong_password_are_told_alike(visitor: Browser, login: str, password: str) -> None:
    answer = visitor.sign_in(login, password)
    assert answer.status_code == 422 and WRONG in answer.text
    assert "<title>エラー：サインイン" in answer.text and f'value="{login}@example.jp"' in answer.text
    assert visitor.get("/relief/office").status_code == 303


@pytest.mark.parametrize("login", ["office", "nobody"])
def test_s11_five_wrong_passwords_start_a_pause_known_or_not(visitor: Browser, services: Services, login: str) -> None:
    for _ in range(4):
        assert WRONG in visitor.sign_in(login, "違う").text
    assert PAUSED in visitor.sign_in(login, "違う").text
    assert PAUSED in visitor.sign_in(login).text  # the right one too
    services.home.failures[f"{login}@example.jp"] = [
        at - timedelta(minutes=16) for at in services.home.failures[f"{login}@example.jp"]]
    assert visitor.sign_in(login).status_code == (303 if login == "office" else 422)


def test_s11_others_may_sign_in_while_one_is_paused(visitor: Browser) -> None:
    for _ in range(5):
        visitor.sign_in("office", "違う")
    assert visitor.sign_in("clerk").status_code == 303


def test_s11_a_flood_of_attempts_is_stopped_before_the_password_is_tried(visitor: Browser) -> None:
    statuses = [visitor.sign_in("flood", "違う").status_code for _ in range(22)]
    assert statuses[:20] == [422] * 20 and statuses[20:] == [429] * 2


def test_s11_somebody_who_left_cannot_sign_in(visitor: Browser, services: Services) -> None:
    services.home.users["office"] = dataclasses.replace(services.home.users["office"], active=False)
    assert visitor.sign_in("office").status_code == 422


@pytest.mark.parametrize(("wanted", "leads"), [
    ("/relief/arrivals?tab=coming", "/relief/arrivals?tab=coming"), ("https://evil.example/", "/relief/office"),
    ("//evil.example/", "/relief/office"), ("/\\evil.example", "/relief/office"),
    ("/%09/evil.example", "/relief/office"), ("/%0A//evil.example", "/relief/office"), ("evil", "/relief/office")])
def test_s11_after_signing_in_the_page_wanted_opens_if_it_is_ours(visitor: Browser, wanted: str, leads: str) -> None:
    answer = visitor.send(f"/sign_in?next={wanted.replace('?', '%3F')}",
                          {"login": "office@example.jp", "password": world.PASSWORD})
    assert answer.headers["Location"] == leads


def test_s11_signing_out_ends_the_session(office: Browser) -> None:
    assert office.send("/sign_out", page=office.get("/relief/office")).headers["Location"] == "/"
    assert office.get("/relief/office").status_code == 303


def test_s11_a_session_ends_with_the_shift(app: Flask, office: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    assert office.get("/relief/office").status_code == 200
    later = datetime.now(timezone.utc) + accounts.SHIFT + timedelta(minutes=1)

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return later

    monkeypatch.setattr(accounts, "datetime", Later)
    assert office.get("/relief/office").status_code == 303


def test_s11_a_raised_session_version_ends_all_sessions(office: Browser, services: Services) -> None:
    services.home.users["office"] = dataclasses.replace(services.home.users["office"], session_version=2)
    assert office.get("/relief/office").status_code == 303


def test_s11_the_cookie_is_named_after_the_municipality_and_closed_to_scripts(visitor: Browser) -> None:
    signed_in = visitor.sign_in("clerk")
    for cookie in signed_in.headers.getlist("Set-Cookie"):
        assert cookie.startswith("moyai_172022") and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert "Expires" not in _session_cookie(signed_in)
    anew = Browser(visitor.client.application.test_client())
    assert "Expires" in _session_cookie(anew.sign_in("clerk", keep="y"))


def _session_cookie(answer: TestResponse) -> str:
    return next(cookie for cookie in answer.headers.getlist("Set-Cookie") if cookie.startswith("moyai_172022="))


def test_s11_a_session_of_one_municipality_is_nobody_in_another(hachioji: tuple[Browser, Services],
                                                                office: Browser) -> None:
    there = hachioji[0].client
    there.set_cookie("moyai_172022", office.client.get_cookie("moyai_172022").value)
    there.delete_cookie("moyai_132012")
    assert there.get("/relief/office").status_code == 303


def test_s11_an_old_password_hash_is_renewed(visitor: Browser, services: Services) -> None:
    from argon2 import PasswordHasher
    old = PasswordHasher(time_cost=1, memory_cost=8192).hash(world.PASSWORD)
    services.home.users["office"] = dataclasses.replace(services.home.users["office"], password_hash=old)
    assert visitor.sign_in("office").status_code == 303
    assert services.home.users["office"].password_hash != old


def test_s11_navigation_by_role_marks_where_one_is(signed_in: Callable[[str], Browser]) -> None:
    wanted = {"office": ["状況", "必要物資", "提供物資", "到着物資", "管理"],
              "shelter": ["ホーム", "必要物資", "読み取り", "届く物資", "記録"],
              "supporter": ["必要物資", "提供する", "発送する", "記録"]}
    for login, labels in wanted.items():
        text = signed_in(login).get("/relief/needs").text
        nav = text[text.index('<nav class="nav"'):text.index("</nav>")]
        assert [label for label in labels if f"<span>{label}</span>" in nav] == labels
        assert nav.count("<li>") == len(labels) and nav.count('aria-current="page"') == 1
