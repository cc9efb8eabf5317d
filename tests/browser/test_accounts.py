"""S11 in the browser: a phone's key from the first enrolment to the day it is lost, on the real network."""
from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from moyai_client import Ledger, Profile
from moyai_network.waiting import wait_for
from moyai_webui.mailbox.folder import Folder
from tests.browser.conftest import PHONE, TownHalls

NANAO = "172022"
CHIEF, SECOND, CLERK = "kanri@nanao.example", "kanri2@nanao.example", "bousai@nanao.example"
SUPPORTER = "yutanpo@nanao.example"
PASSWORD = "七つの尾の町で署名する"
PATIENCE_MS = 60_000

Phone = Callable[..., Page]


@pytest.fixture(scope="module")
def told(town_halls: TownHalls) -> dict[str, Page]:
    """The phones that one chapter hands to the next."""
    return {}


def recorded(page: Page, title: str) -> None:
    page.wait_for_url(re.compile("/recorded/"))
    expect(page.get_by_role("heading", name=title)).to_be_visible(timeout=PATIENCE_MS)


def shown(page: Page, address: str, text: str | re.Pattern[str]) -> None:
    """Reloads a page until the read model has caught up."""
    for _ in range(60):
        page.goto(address)
        if page.get_by_text(text).first.is_visible():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{address} never showed {text!r}:\n{page.inner_text('main')}")


def enrol(desk: Page, pocket: Page, owner: str, name: str) -> str:
    """The administrator's screen shows a code, the phone opens it and makes its key; returns the key's number."""
    desk.goto("/directory/enrol_device")
    desk.get_by_label("だれの端末ですか").select_option(label=owner)
    desk.get_by_role("button", name="コードを出す").click()
    address = desk.locator("#address").inner_text()
    pocket.goto(address)
    pocket.get_by_label("端末の呼び名").fill(name)
    pocket.get_by_role("button", name="この端末を登録する").click()
    expect(pocket.get_by_role("heading", name="端末を登録しました")).to_be_visible(timeout=PATIENCE_MS)
    pocket.goto(address)
    expect(pocket.get_by_role("heading", name="このコードは使えません")).to_be_visible()
    shown(desk, "/directory/keys", name)
    row = desk.get_by_role("row").filter(has_text=name)
    return row.locator("small.code").inner_text().replace(" ", "")


def sign(page: Page) -> None:
    page.wait_for_url(re.compile("/sign/"))
    page.get_by_role("button", name="署名して記録する").click()


def sign_in(page: Page, login: str, password: str) -> None:
    page.goto("/sign_in")
    page.get_by_label("メールアドレスまたは職員番号").fill(login)
    page.get_by_label("パスワード").fill(password)
    page.get_by_role("button", name="サインイン", exact=True).click()
    page.wait_for_url(lambda url: "/sign_in" not in url)


def _link_in_mail(town_halls: TownHalls, login: str, path: str) -> str:
    """The address in the newest mail to somebody."""
    folder = Folder(town_halls.consortium.state.root / "webui" / "mailbox")

    def found() -> str:
        for mail in folder.mails():
            if mail.recipients == login and (link := re.search(rf"http\S+{path}\S+", mail.body("plain"))):
                return link[0]
        return ""
    return wait_for(found, seconds=60, failure=lambda: f"no mail to {login}")


def _account(town_halls: TownHalls, page: Page, login: str) -> str:
    """The account of somebody, as the list of accounts links it."""
    page.goto(f"/directory/accounts?q={login}")
    href = page.get_by_role("link", name=re.compile("を変える")).first.get_attribute("href")
    assert href is not None
    return href.partition("account=")[2]


def test_s11_the_console_confirms_the_first_phone(town_halls: TownHalls, phone: Phone, told: dict[str, Page],
                                                  chromium: Browser) -> None:
    desk, pocket = phone(NANAO, CHIEF), _keeping(town_halls, chromium)
    key = enrol(desk, pocket, "七尾市 管理者", "管理者の電話")
    desk.get_by_role("row").filter(has_text="管理者の電話").get_by_text("確認待ち").wait_for()
    account = _account(town_halls, desk, CHIEF)
    done = town_halls.consortium.moyai("directory", "--as", NANAO, "confirm-key", "--without-account", account, key)
    assert done.returncode == 0, done.stdout + done.stderr
    shown(desk, "/directory/keys", "管理者の電話")
    told["chief"] = pocket


def test_s11_an_administrator_opens_an_account_by_a_signature_of_the_phone(
        town_halls: TownHalls, phone: Phone, told: dict[str, Page], chromium: Browser) -> None:
    chief = told["chief"]
    sign_in(chief, CHIEF, town_halls.passwords[CHIEF])
    desk = phone(NANAO, CHIEF)
    for page in (desk, chief):  # the desk has no key: it shows where to go on, and nothing is recorded there
        page.goto("/directory/open_account")
        page.get_by_label("管理者").check()
        page.get_by_label("名前").fill("七尾市 もう1人の管理者")
        page.get_by_label("サインインに使う").fill(SECOND)
        page.get_by_label("メールアドレス", exact=False).last.fill(SECOND)
        page.get_by_role("button", name="登録する").click()
        page.wait_for_url(re.compile("/sign/"))
    expect(desk.get_by_role("heading", name="鍵のある端末で開いてください")).to_be_visible()
    expect(desk.get_by_role("button", name="署名して記録する")).to_be_hidden()
    sign(chief)
    recorded(chief, "アカウントを登録しました")

    second = _keeping(town_halls, chromium)
    second.goto(_link_in_mail(town_halls, SECOND, "/set_password"))
    second.get_by_label("新しいパスワード").fill(PASSWORD)
    second.get_by_role("button", name="このパスワードにする").click()
    second.get_by_role("heading", name="パスワードを決めました").wait_for()
    sign_in(second, SECOND, PASSWORD)
    told["second"] = second


def test_s11_a_second_administrator_confirms_in_the_browser(told: dict[str, Page]) -> None:
    chief, second = told["chief"], told["second"]
    enrol(second, second, "七尾市 もう1人の管理者", "2台目の電話")
    expect(second.get_by_role("row").filter(has_text="2台目の電話").get_by_role("link", name="確認する")).to_be_hidden()
    shown(chief, "/directory/keys", "2台目の電話")
    chief.get_by_role("row").filter(has_text="2台目の電話").get_by_role("link", name="確認する").click()
    chief.get_by_role("button", name="番号が同じことを確認した").click()
    sign(chief)
    recorded(chief, "端末の鍵を確認しました")


def test_s11_an_act_of_weight_is_accepted_with_a_confirmed_key_and_refused_once_it_is_lost(
        town_halls: TownHalls, told: dict[str, Page]) -> None:
    chief, second = told["chief"], told["second"]
    clerk = _account(town_halls, second, CLERK)
    _step(second, f"/directory/suspend_account?account={clerk}", "異動・退職", "停止する")
    recorded(second, "アカウントを停止しました")
    shown(second, "/directory/accounts?status=suspended", CLERK)

    chief.goto("/directory/keys")
    chief.get_by_role("row").filter(has_text="2台目の電話").get_by_role("link", name="を失効にする").click()
    chief.get_by_role("button", name="失効にする").click()
    recorded(chief, "端末の鍵を失効にしました")

    _step(second, f"/directory/resume_account?account={clerk}", "間違えて停止した", "再開する")
    second.wait_for_url(re.compile("/recorded/"))
    expect(second.get_by_role("heading", name="記録されませんでした")).to_be_visible(timeout=PATIENCE_MS)

    _step(chief, f"/directory/resume_account?account={clerk}", "間違えて停止した", "再開する")
    recorded(chief, "アカウントを再開しました")
    for page in (chief, second):
        page.context.close()


def _height(town_halls: TownHalls) -> int:
    """Number of blocks, all programs at rest."""
    ledger = Ledger.open(Profile.load(town_halls.consortium.profile(NANAO, "webui")))
    try:
        return ledger.height()
    finally:
        ledger.close()


def _step(page: Page, address: str, reason: str, button: str) -> None:
    page.goto(address)
    page.get_by_label(reason).check()
    page.get_by_role("button", name=button).click()
    sign(page)


def _keeping(town_halls: TownHalls, chromium: Browser) -> Page:
    """A phone that stays through the chapters, with its key."""
    page = chromium.new_context(viewport=PHONE, locale="ja-JP", timezone_id="Asia/Tokyo",
                                base_url=town_halls.addresses[NANAO]).new_page()
    page.set_default_timeout(20_000)
    return page


def test_s11_a_supporter_registers_with_the_first_offer(town_halls: TownHalls, phone: Phone) -> None:
    """Nothing is on the ledger before the link in the mail is opened; then account and offer are."""
    page = phone(NANAO)
    page.goto("/relief/register_offer")
    page.locator("#item").fill("手作りの湯たんぽ")
    page.get_by_label("分類").select_option(label="その他")
    page.locator("#quantity").fill("12")
    page.get_by_label("お名前（団体名）").fill("湯たんぽの会")
    page.get_by_label("メールアドレス").fill(SUPPORTER)
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name=re.compile("登録する")).click()
    expect(page.get_by_role("heading", name="メールの確認待ち")).to_be_visible()
    height = _height(town_halls)
    page.goto(_link_in_mail(town_halls, SUPPORTER, "/confirm_address"))
    assert _height(town_halls) == height, "looking at the link confirms nothing"
    page.get_by_role("button", name="確かめて、申し出る").click()
    page.get_by_role("heading", name="お申し出を受け付けました").wait_for()
    page.get_by_role("link", name="サインインして、申し出を見る").click()
    page.get_by_label("メールアドレスまたは職員番号").fill(SUPPORTER)
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="サインイン", exact=True).click()
    shown(page, "/relief/offers?whose=own", "手作りの湯たんぽ")


def test_s11_a_copied_cookie_is_dead_after_signing_out(phone: Phone) -> None:
    page, copy = phone(NANAO, CLERK), phone(NANAO)
    cookie = next(each for each in page.context.cookies() if each["name"] == f"moyai_{NANAO}")
    copy.context.add_cookies([cookie])
    copy.goto("/me")
    expect(copy.get_by_role("heading", name="自分の設定")).to_be_visible()
    page.locator("summary.who").click()
    page.get_by_role("button", name="サインアウト").click()
    copy.goto("/me")
    assert "/sign_in" in copy.url
