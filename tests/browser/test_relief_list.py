"""A list that lies open while others record: nothing is reloaded, nothing moves, nothing typed is lost."""
from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import TownHalls

NANAO, SHELTER = "172022", "sanno@nanao.example"
ITEM = "トイレットペーパー"
LIST = f"/relief/needs?q={ITEM}&city={NANAO}&sort=newest"
PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def catalogue(town_halls: TownHalls) -> None:
    """The demonstration's items and shelters; again is harmless."""
    done = town_halls.consortium.moyai("demo", "load", seconds=300)
    assert done.returncode == 0, done.stdout + done.stderr


def register(page: Page, quantity: int) -> str:
    """A need of the shelter; its id."""
    page.goto("/relief/register_need")
    page.get_by_role("link", name=ITEM, exact=True).click()
    page.get_by_label("数量").fill(str(quantity))
    page.get_by_label(re.compile("^急ぎ")).check()
    page.get_by_role("button", name="登録する", exact=True).click()
    if page.get_by_text("数を足しますか").first.is_visible():
        page.get_by_label("足さずに、別の必要物資として登録する").check()
        page.get_by_role("button", name="登録する", exact=True).click()
    page.wait_for_url(re.compile("/recorded/"))
    expect(page.get_by_role("heading", name="必要物資を登録しました")).to_be_visible(timeout=PATIENCE_MS)
    return page.locator("a.proof").get_attribute("href").rsplit("/", 1)[1]


def change(page: Page, need: str, quantity: int) -> None:
    page.goto(f"/relief/change_need?need={need}")
    page.get_by_label("数量").fill(str(quantity))
    page.get_by_role("button", name="変更を記録する").click()
    page.wait_for_url(re.compile("/recorded/"))


def test_s02_an_open_list_stays_true(catalogue: None, phone: Callable[..., Page]) -> None:
    shelter, reader = phone(NANAO, SHELTER), phone(NANAO)
    first = register(shelter, 611)
    reader.goto(LIST)
    row = reader.locator(f"tr:has(a[href='/relief/needs/{first}'])")
    expect(row).to_contain_text("611", timeout=PATIENCE_MS)
    reader.get_by_role("searchbox").fill("打ちかけの言葉")
    above = row.bounding_box()

    change(shelter, first, 612)
    expect(row).to_contain_text("612", timeout=PATIENCE_MS)
    assert row.bounding_box() == above, "a changed number moved its row"

    second = register(shelter, 777)
    bar = reader.get_by_role("status")
    expect(bar).to_contain_text("新しい情報が1件あります", timeout=PATIENCE_MS)
    assert row.bounding_box() == above and not reader.get_by_text("777").is_visible()
    expect(reader.get_by_role("searchbox")).to_have_value("打ちかけの言葉")

    bar.get_by_role("button", name="表示する").click()
    expect(reader.locator(f"tr:has(a[href='/relief/needs/{second}'])")).to_contain_text("777")
    expect(bar).to_be_hidden()
