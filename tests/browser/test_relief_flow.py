"""One box from need to receipt in the browser of a phone, on the real network; its screenshots are the tour."""
from __future__ import annotations

import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from moyai_contracts.api.identifiers import is_package_id
from moyai_webui.demonstration import shelters
from tests.browser.conftest import TOUR, TownHalls

NANAO, HACHIOJI = "172022", "132012"
ADMINISTRATOR, SHELTER, SENDER = "kanri@nanao.example", "sanno@nanao.example", "bousai@hachioji.example"
LIST = resources.files("moyai_webui") / "demonstration" / "data" / "shelters.csv"
ITEM, QUANTITY, FOUND = "大人用おむつ", 48, 46
PATIENCE_MS = 60_000

Phone = Callable[..., Page]


def shot(page: Page, name: str) -> None:
    """A picture of the tour: the whole page, as high as it is."""
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": 390, "height": min(max(height, 844), 2400)})
    page.screenshot(path=TOUR / f"{name}.png")
    page.set_viewport_size({"width": 390, "height": 844})


def recorded(page: Page, title: str) -> None:
    """The green receipt appears, at once or after the page has reloaded itself."""
    page.wait_for_url(re.compile("/recorded/"))
    expect(page.get_by_role("heading", name=title)).to_be_visible(timeout=PATIENCE_MS)


def eventually(page: Page, address: str, text: str) -> None:
    """Reloads a page until the read model shows what was recorded."""
    page.goto(address)
    for _ in range(60):
        if page.get_by_text(text).first.is_visible():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(f"{address} never showed {text!r}:\n{page.inner_text('main')}")


@pytest.fixture(scope="module")
def told(town_halls: TownHalls) -> dict[str, str]:
    """What one chapter tells the next: ids and addresses."""
    return {}


def test_s10_the_administrator_imports_the_shelters(phone: Phone, tmp_path: Path) -> None:
    page = phone(NANAO, ADMINISTRATOR)
    page.get_by_role("link", name="管理").click()
    page.get_by_role("link", name=re.compile("避難所の一覧を取り込む")).click()
    copy = tmp_path / "shelters.csv"
    copy.write_bytes(LIST.read_bytes())
    page.get_by_label("CSVファイル").set_input_files(copy)
    page.get_by_role("button", name="内容を確かめる").click()
    expect(page.get_by_role("heading", name="取り込む内容を確かめる")).to_be_visible()
    shot(page, "01-import-preview")
    button = page.get_by_role("button", name=re.compile("か所を取り込む"))
    if button.is_visible():  # the shelters may stand already, when the demonstration was there before
        button.click()
        recorded(page, "避難所を保存しました")
    eventually(page, "/directory/sites", "112")


def test_s10_the_demonstration_joins_what_the_page_imported(town_halls: TownHalls) -> None:
    done = town_halls.consortium.moyai("demo", "load", seconds=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"registers its shelters: 0 recorded, {len(shelters.published_sites())} stood already" in done.stdout


def test_s01_the_shelter_registers_a_need(phone: Phone, told: dict[str, str]) -> None:
    page = phone(NANAO, SHELTER)
    expect(page.get_by_role("heading", name="山王小学校")).to_be_visible()
    shot(page, "02-shelter-home")
    page.get_by_role("link", name=re.compile("必要な物資を登録する")).click()
    page.get_by_role("link", name=ITEM, exact=True).click()
    page.get_by_label("数量").fill("４８")
    page.get_by_label(re.compile("^サイズ")).select_option(index=1)
    page.get_by_label(re.compile("^緊急")).check()
    shot(page, "03-register-need")
    page.get_by_role("button", name="登録する", exact=True).click()
    if page.get_by_text("数を足しますか").first.is_visible():
        page.get_by_label("足さずに、別の必要物資として登録する").check()
        page.get_by_role("button", name="登録する", exact=True).click()
    recorded(page, "必要物資を登録しました")
    told["need"] = page.locator("a.proof").get_attribute("href").rsplit("/", 1)[1]
    shot(page, "04-need-recorded")


def test_s02_s03_another_town_finds_it_and_offers(phone: Phone, told: dict[str, str]) -> None:
    page = phone(HACHIOJI, SENDER)
    eventually(page, f"/relief/needs/{told['need']}", "あと 48枚")
    page.goto("/relief/needs?city=172022&priority=urgent")
    expect(page.get_by_role("heading", name="必要な物資")).to_be_visible()
    shot(page, "05-needs")
    page.goto(f"/relief/needs/{told['need']}")
    page.get_by_role("link", name="提供する", exact=True).click()
    page.get_by_label("提供できる数量").fill(str(QUANTITY))
    expect(page.get_by_role("button", name=f"{QUANTITY}枚の提供を申し出る")).to_be_visible()
    shot(page, "06-offer")
    page.get_by_role("button", name=f"{QUANTITY}枚の提供を申し出る").click()
    recorded(page, "提供を申し出ました")
    told["offer"] = page.locator("a.proof").get_attribute("href").rsplit("/", 1)[1]


def test_s05_s06_the_shelter_asks_for_dispatch(phone: Phone, told: dict[str, str]) -> None:
    page = phone(NANAO, SHELTER)
    eventually(page, f"/relief/offers/{told['offer']}", "八王子市から発送")
    page.get_by_role("link", name="送ってもらう").click()
    shot(page, "07-request-dispatch")
    page.get_by_role("button", name=f"{QUANTITY}枚を依頼する").click()
    recorded(page, "送付を依頼しました")
    told["box"] = page.locator("a.proof").get_attribute("href").rsplit("/", 1)[1]
    told["dispatch"] = page.get_by_role("link", name="依頼を見る").get_attribute("href")
    assert is_package_id(told["box"])
    shot(page, "08-dispatch-requested")


def test_s06_s09_the_sender_prints_and_ships(phone: Phone, told: dict[str, str]) -> None:
    page = phone(HACHIOJI, SENDER)
    eventually(page, told["dispatch"], "ラベルを印刷する")
    shot(page, "09-dispatch")
    pdf = page.request.get(page.get_by_role("link", name="ラベルを印刷する").get_attribute("href"))
    assert pdf.status == 200 and pdf.body().startswith(b"%PDF")
    page.get_by_role("link", name="発送しました").click()
    page.get_by_label("送り方").select_option(label="自分たちの車")
    page.get_by_role("button", name=f"{QUANTITY}枚を発送しました").click()
    recorded(page, "発送を記録しました")


def test_s09_anybody_with_the_code_follows_the_box(phone: Phone, told: dict[str, str]) -> None:
    page = phone(NANAO)
    eventually(page, f"/T/{told['box']}-01", "輸送中")
    expect(page.get_by_text("八王子市から、七尾市 山王小学校へ")).to_be_visible()
    shot(page, "10-track")


def test_s09_the_shelter_receives_one_short(phone: Phone, told: dict[str, str]) -> None:
    page = phone(NANAO, SHELTER)
    page.goto("/relief/scan")
    shot(page, "11-scan")
    code = told["box"]
    page.get_by_label("読み取れないときは、コードを入れる").fill(f"{code[:4]} {code[4:8]} {code[8:]}".lower())
    page.get_by_role("button", name="次へ").click()
    page.get_by_label("使える物").fill(str(FOUND))
    expect(page.get_by_text("2枚 不足")).to_be_visible()
    shot(page, "12-receive")
    page.get_by_role("button", name="この数で受け取る").click()
    recorded(page, "受取を記録しました")
    shot(page, "13-received")


def test_s07_the_office_sees_what_arrived_and_what_differs(phone: Phone, told: dict[str, str]) -> None:
    page = phone(NANAO, ADMINISTRATOR)
    eventually(page, "/relief/arrivals", "差異あり")
    shot(page, "14-arrivals")
    eventually(page, "/relief/office", f"{ITEM}：送り側 {QUANTITY}枚、使える物 {FOUND}枚")
    expect(page.get_by_role("heading", name="七尾市の状況")).to_be_visible()
    shot(page, "15-office")


def test_s09_the_story_of_the_box_is_whole(phone: Phone, told: dict[str, str]) -> None:
    page = phone(NANAO, SHELTER)
    eventually(page, f"/records/{told['box']}", "受け取りました")
    titles = page.locator("ol.line h3").all_inner_texts()
    assert titles == ["差を記録しました", "受け取りました", "発送しました", "QRコードを作りました", "送付を依頼しました", "提供の申し出",
                      "必要物資の登録"]
    shot(page, "16-history")


def test_s09_a_difference_is_seen_by_the_sender_and_closed_by_the_office(phone: Phone, told: dict[str, str]) -> None:
    sender = phone(HACHIOJI, SENDER)
    eventually(sender, "/relief/office", f"送った{ITEM}：{QUANTITY}枚のうち、使える物 {FOUND}枚")
    sender.get_by_role("link", name="確かめる", exact=True).first.click()
    sender.get_by_role("button", name="確かめていると知らせる").click()
    recorded(sender, "差を確かめていることを知らせました")
    office = phone(NANAO, ADMINISTRATOR)
    eventually(office, f"/records/{told['box']}", "送り側が差を確かめています")
    office.goto("/relief/office")
    card = office.get_by_role("article").filter(has_text=f"{ITEM}：送り側 {QUANTITY}枚")
    card.get_by_role("link", name="差を確かめる").click()
    office.get_by_text("不足分を送り直す").click()
    office.get_by_role("button", name="確認を終える").click()
    recorded(office, "差の確認を終えました")
    expect(office.get_by_text("不足分を送り直す")).to_be_visible()


def test_s08_the_four_mails_were_sent_and_recorded(phone: Phone, told: dict[str, str]) -> None:
    nanao, hachioji = phone(NANAO, ADMINISTRATOR), phone(HACHIOJI, SENDER)
    for page, kinds in ((nanao, ("提供物資登録", "提供物資発送")), (hachioji, ("送付依頼", "物資受領"))):
        for kind in kinds:
            eventually(page, "/mails", kind)
    eventually(hachioji, "/mails", "送信済み")
    assert int(hachioji.locator(".count b").inner_text()) > 1
    shot(hachioji, "17-mails")
