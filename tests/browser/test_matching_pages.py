"""What only a browser shows of needs and drills: packs as typed, fields that follow a choice, the look of a drill."""
from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_accessibility import Site, signed_in, site  # noqa: F401

PURPLE = "rgb(81, 9, 173)"


@pytest.fixture
def clerk(chromium: Browser, site: Site) -> Iterator[Page]:  # noqa: F811
    """A shelter's clerk with a small phone."""
    context = signed_in(chromium, site, "shelter", viewport={"width": 320, "height": 700})
    yield context.pages[0]
    context.close()


def test_s01_an_item_as_it_is_typed_brings_its_packs_and_the_pieces_are_told(clerk: Page) -> None:
    clerk.goto("/relief/register_need")
    clerk.get_by_label("理由・補足").fill("乳児が3人います")
    clerk.get_by_role("combobox", name="品目").fill("液体ミルク")
    clerk.keyboard.press("Tab")
    expect(clerk.get_by_label("数え方")).to_be_visible()
    expect(clerk.get_by_label("数量")).to_be_focused()
    expect(clerk.get_by_label("理由・補足")).to_have_value("乳児が3人います")
    clerk.get_by_label("数量").fill("２")
    clerk.get_by_label("数え方").select_option("箱")
    expect(clerk.get_by_text("2箱は48缶です。")).to_be_visible()
    clerk.get_by_role("button", name="目安の9").click()
    expect(clerk.get_by_label("数え方")).to_have_value("")
    expect(clerk.get_by_text("缶です。", exact=True)).to_have_count(0)


def test_s01_the_enter_key_registers_rather_than_chooses(clerk: Page) -> None:
    clerk.goto("/relief/register_need?item=000000-0201")
    clerk.get_by_label("サイズ").select_option("子ども用")
    clerk.get_by_label("数量").fill("30")
    clerk.get_by_label("数量").press("Enter")
    expect(clerk.get_by_role("heading", name="必要物資を登録しました")).to_be_visible()


def test_s01_day_and_time_show_when_they_are_chosen(clerk: Page) -> None:
    clerk.goto("/relief/register_need?item=000000-0201")
    expect(clerk.get_by_label("日任意")).to_be_hidden()
    clerk.get_by_text("日時を選ぶ").click()
    expect(clerk.get_by_label("日任意")).to_be_visible()


def test_s12_a_drill_is_loud_and_left_by_one_touch(clerk: Page) -> None:
    clerk.goto("/relief/")
    clerk.locator("details.pop summary").click()
    clerk.get_by_role("button", name="訓練に入る：冬の訓練").click()
    expect(clerk.get_by_text("これは訓練です。物資は動きません。")).to_be_visible()
    frame = clerk.evaluate("getComputedStyle(document.documentElement).borderLeft")
    assert frame == f"6px solid {PURPLE}"
    assert clerk.title().startswith("訓練：")
    for address in ("/relief/", "/relief/needs", "/relief/register_need", "/relief/arrivals"):
        clerk.goto(address)
        expect(clerk.get_by_role("region", name="訓練")).to_be_visible()
        assert clerk.evaluate("document.documentElement.scrollWidth") <= 320, address
        assert Axe().run(clerk, options={"resultTypes": ["violations"]}).violations_count == 0, address
    clerk.get_by_role("button", name="訓練から出る").click()
    expect(clerk.get_by_role("region", name="訓練")).to_have_count(0)
