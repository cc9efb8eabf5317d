"""A web UI of 七尾市 with its world in memory, and browsers without a script."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from moyai_webui import accounts
from moyai_webui.home import Services
from tests.unit.webui.pages import world

HIDDEN = re.compile(r'<input type="hidden" name="(csrf_token|op|scanned_at|scope)" value="([^"]*)"')


class Browser:
    """A person at the pages: follows forms like a browser without JavaScript."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, address: str) -> TestResponse:
        return self.client.get(address)

    def send(self, address: str, data: Mapping[str, Any] | None = None, *,
             page: TestResponse | None = None) -> TestResponse:
        """Opens the form at an address, fills it in and sends it; `page` is the form already open."""
        page = page or self.get(address)
        hidden = {name: unescape(value) for name, value in HIDDEN.findall(page.text)}
        return self.client.post(address, data=hidden | dict(data or {}))

    def sign_in(self, login: str, password: str = world.PASSWORD, **more: str) -> TestResponse:
        return self.send("/sign_in", {"login": f"{login}@example.jp", "password": password} | more)


@pytest.fixture(autouse=True, scope="session")
def quick_hashes() -> Iterator[None]:
    """Argon2 with the least work: dozens of sign-ins need not cost what one of an attacker shall cost."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "hasher", PasswordHasher(time_cost=1, memory_cost=64))
        yield


@pytest.fixture
def site(tmp_path: Path) -> tuple[Flask, Services]:
    return world.application(tmp_path)


@pytest.fixture
def app(site: tuple[Flask, Services]) -> Flask:
    return site[0]


@pytest.fixture
def services(site: tuple[Flask, Services]) -> Services:
    return site[1]


@pytest.fixture
def visitor(app: Flask) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], Browser]:
    """A browser in which `office`, `clerk`, `shelter`, `supporter` or `member` is signed in."""
    def open_browser(login: str) -> Browser:
        browser = Browser(app.test_client())
        assert browser.sign_in(login).status_code == 303
        return browser
    return open_browser


@pytest.fixture
def shelter(signed_in: Callable[[str], Browser]) -> Browser:
    return signed_in("shelter")


@pytest.fixture
def office(signed_in: Callable[[str], Browser]) -> Browser:
    return signed_in("office")


@pytest.fixture
def member(signed_in: Callable[[str], Browser]) -> Browser:
    return signed_in("member")


@pytest.fixture
def hachioji(tmp_path: Path) -> tuple[Browser, Services]:
    """八王子市's own web UI with its administrator signed in."""
    folder = tmp_path / "hachioji"
    folder.mkdir()
    app, services = world.application(folder, world.HACHIOJI)
    browser = Browser(app.test_client())
    assert browser.sign_in("sender").status_code == 303
    return browser, services
