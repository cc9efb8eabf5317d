"""The web UIs of a running consortium, and people with a phone in front of them."""
from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from moyai_network.waiting import wait_for
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.network.consortium import RunningConsortium

CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 20_000
TOUR = Path(__file__).parents[2] / "docs" / "tour"


@dataclass(frozen=True)
class TownHalls:
    """The addresses of the web UIs by code, and everybody's password by login."""

    consortium: RunningConsortium
    addresses: dict[str, str]
    passwords: dict[str, str]


@pytest.fixture(scope="session")
def town_halls(consortium: RunningConsortium) -> Iterator[TownHalls]:
    """Bootstrap, accounts and web UIs of the session's network; stopped at the end."""
    for command in (("directory", "bootstrap"), ("webui", "prepare")):
        done = consortium.moyai(*command)
        assert done.returncode == 0, done.stdout + done.stderr
    consortium.start("webui")
    try:
        members = consortium.definition.municipalities
        addresses = {member.code: f"http://{member.address('webui')}" for member in members}
        for address in addresses.values():
            wait_for(lambda: answers(address), seconds=60, failure=lambda: f"{address} does not answer")
        accounts = json.loads((consortium.state.root / "accounts.json").read_text("utf-8"))
        yield TownHalls(consortium, addresses, {entry["login"]: entry["password"] for entry in accounts})
    finally:
        consortium.stop("webui")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One for the session: a second cannot be started beside it."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
    yield browser
    browser.close()


@pytest.fixture
def phone(town_halls: TownHalls, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """A phone of somebody in a town: `phone("172022", "sanno@nanao.example")`; without a login, a visitor's."""
    contexts = []
    problems: list[str] = []

    def open_phone(code: str, login: str = "") -> Page:
        context = chromium.new_context(viewport=PHONE, locale="ja-JP", timezone_id="Asia/Tokyo",
                                       base_url=town_halls.addresses[code])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda message: problems.extend(
            [message.text] if "Content Security" in message.text else []))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto("/")
        if login:
            page.get_by_role("link", name="サインイン", exact=True).first.click()
            page.get_by_label("メールアドレスまたは職員番号").fill(login)
            page.get_by_label("パスワード").fill(town_halls.passwords[login])
            page.get_by_role("button", name="サインイン", exact=True).click()
            page.wait_for_url(lambda url: "/sign_in" not in url)
        return page

    yield open_phone
    for context in contexts:
        context.close()
    assert problems == [], "what the browser complained about"


def answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5) as answer:
            return answer.status == 200
    except (URLError, ConnectionError, TimeoutError):
        return False
