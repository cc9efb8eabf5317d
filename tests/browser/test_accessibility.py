"""Every page under axe, narrow, with large text, by night, and without a script (`PAGES.md` 4.12)."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from moyai_webui.home import Services
from tests.unit.webui.pages import world
from tests.unit.webui.pages.addresses import addresses

NO_PAGE = {"static", "portal.sign_out", "portal.find_package", "portal.recorded", "directory.import_preview",
           "relief.label", "relief.labels", "relief.labels_of", "relief.sheet", "relief.scanned", "portal.snapshot",
           "portal.queued", "portal.send_queued", "portal.service_worker"}
LOOKS = [("office", 390, "light"), ("office", 1280, "dark"), ("shelter", 390, "dark"), ("supporter", 1280, "light"),
         ("member", 390, "light"), ("member", 1280, "dark")]


@dataclass(frozen=True)
class Site:
    """A web UI with its world in memory, served to a real browser."""

    address: str
    services: Services
    pages: dict[str, str]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    app, services = world.application(tmp_path_factory.mktemp("webui"))
    pages = {name: address for name, address in addresses(app, services).items() if name not in NO_PAGE}
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", services, pages)
    server.shutdown()
    thread.join()


def signed_in(chromium: Browser, site: Site, login: str, **options: object) -> BrowserContext:
    context = chromium.new_context(base_url=site.address, locale="ja-JP", **options)
    page = context.new_page()
    page.goto("/sign_in")
    page.get_by_label("メールアドレスまたは職員番号").fill(f"{login}@example.jp")
    page.get_by_label("パスワード").fill(world.PASSWORD)
    page.get_by_role("button", name="サインイン", exact=True).click()
    page.wait_for_url(lambda url: "/sign_in" not in url)
    return context


@pytest.fixture
def clerk(chromium: Browser, site: Site) -> Iterator[Page]:
    """A shelter's clerk."""
    context = signed_in(chromium, site, "shelter")
    yield context.pages[0]
    context.close()


def shown(page: Page, site: Site) -> Iterator[str]:
    """Opens one page after the other that this person may see; a file to keep is none."""
    for name, address in site.pages.items():
        answer = page.request.get(address)
        if answer.status == 200 and answer.headers["content-type"].startswith("text/html"):
            page.goto(address)
            yield name


@pytest.mark.parametrize(("login", "width", "scheme"), LOOKS)
def test_axe_finds_nothing_on_any_page(chromium: Browser, site: Site, login: str, width: int, scheme: str) -> None:
    context = signed_in(chromium, site, login, viewport={"width": width, "height": 900}, color_scheme=scheme)
    page, found = context.pages[0], {}
    for name in shown(page, site):
        result = Axe().run(page, options={"resultTypes": ["violations"]})
        if result.violations_count:
            found[name] = [(violation["id"], [node["html"][:120] for node in violation["nodes"][:2]])
                           for violation in result.response["violations"]]
    context.close()
    assert found == {}


@pytest.mark.parametrize(("login", "width", "text"), [
    ("office", 320, "100%"), ("office", 390, "200%"), ("member", 320, "100%"), ("member", 390, "200%")])
def test_nothing_is_wider_than_the_screen(chromium: Browser, site: Site, login: str, width: int, text: str) -> None:
    context = signed_in(chromium, site, login, viewport={"width": width, "height": 700})
    page, wide = context.pages[0], {}
    for name in shown(page, site):
        page.evaluate("size => document.documentElement.style.setProperty('font-size', size)", text)
        if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
            wide[name] = needed
    context.close()
    assert wide == {}


def test_the_first_stop_of_the_keyboard_skips_to_the_text(clerk: Page) -> None:
    clerk.goto("/relief/needs")
    clerk.keyboard.press("Tab")
    expect(clerk.get_by_role("link", name="本文へ進む")).to_be_focused()
    clerk.keyboard.press("Enter")
    assert clerk.url.endswith("#main")


def test_an_error_takes_the_focus_and_its_lines_lead_to_the_fields(clerk: Page) -> None:
    clerk.goto("/relief/register_need?item=000000-0201")
    clerk.get_by_role("button", name="登録する", exact=True).click()
    expect(clerk.get_by_role("alert")).to_be_focused()
    clerk.get_by_role("link", name="数量を1以上の数字で入れてください").click()
    expect(clerk.get_by_label("数量")).to_be_focused()


def test_a_need_is_registered_without_a_script(chromium: Browser, site: Site) -> None:
    context = signed_in(chromium, site, "shelter", java_script_enabled=False)
    page = context.pages[0]
    page.goto("/relief/register_need?item=000000-0201")
    expect(page.get_by_role("button", name="1増やす")).to_be_hidden()
    page.get_by_label("数量").fill("30")
    page.get_by_label("サイズ").select_option("子ども用")
    page.get_by_role("button", name="登録する", exact=True).click()
    expect(page.get_by_role("heading", name="必要物資を登録しました")).to_be_visible()
    context.close()


def test_the_steps_count_and_the_button_repeats_the_number(clerk: Page, site: Site) -> None:
    offer, need = site.services.reading.all_offers[1], site.services.reading.all_needs[1]
    clerk.goto(f"/relief/request_dispatch?offer={offer.offer_id}&need={need.need_id}")
    expect(clerk.get_by_role("button", name="60枚を依頼する")).to_be_visible()
    expect(clerk.get_by_role("button", name="1増やす")).to_be_disabled()
    clerk.get_by_role("button", name="1減らす").click()
    expect(clerk.get_by_role("button", name="59枚を依頼する")).to_be_visible()
