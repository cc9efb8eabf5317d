"""What holds for every page: policy, budget, one main action, headings, no script needed."""
from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import moyai_webui
from moyai_webui.presentation.vocabulary import STATUSES
from tests.unit.webui.pages import world
from tests.unit.webui.pages.addresses import addresses
from tests.unit.webui.pages.conftest import Browser

PACKAGE = Path(moyai_webui.__file__).parent
BUDGET = 20 * 1024
ASSETS = ("tokens.css", "moyai.css", "moyai.js")


class Outline(HTMLParser):
    """What the tests of a page look at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.controls: list[str] = []
        self.headings: list[str] = []
        self.filled: list[str] = []
        self.bad: list[str] = []
        self.references: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "label" and "for" in values:
            self.labelled.add(values["for"])
        if tag in ("input", "select", "textarea") and values.get("type") not in ("hidden", "submit"):
            self.controls.append(values.get("id", ""))
        if tag in ("h1", "h2", "h3"):
            self.headings.append(tag)
        classes = set(values.get("class", "").split())
        if tag in ("a", "button") and {"btn", "wide"} <= classes and not {"sub", "warn", "plain"} & classes:
            self.filled.append(tag)
        if "style" in values or any(name.startswith("on") for name in values) or tag == "style" \
                or (tag == "script" and "src" not in values) or tag == "img":
            self.bad.append(f"{tag} {values}")
        for name in ("aria-describedby", "aria-labelledby"):
            self.references.update(values.get(name, "").split())


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, quick_hashes: None) -> list[tuple[str, str]]:
    """(endpoint, text) of every page that can be shown, as each role sees it."""
    found = []
    people = ((world.NANAO, "office"), (world.NANAO, "shelter"), (world.NANAO, "member"),
              (world.HACHIOJI, "sender"), (world.NANAO, ""))
    for town, login in people:
        web, services = world.application(tmp_path_factory.mktemp("webui"), town)
        browser = Browser(web.test_client())
        if login:
            browser.sign_in(login)
        for endpoint, address in addresses(web, services).items():
            answer = browser.get(address) if endpoint not in ("portal.sign_out", "relief.label") else None
            if answer is not None and answer.mimetype == "text/html" and answer.status_code == 200:
                found.append((endpoint, answer.text))
    return found


def test_no_page_needs_an_exception_from_the_policy(pages: list[tuple[str, str]]) -> None:
    for endpoint, text in pages:
        assert Outline(text).bad == [], endpoint


def test_every_page_stays_within_twenty_kilobytes(pages: list[tuple[str, str]]) -> None:
    assets = sum(len(gzip.compress((PACKAGE / "static" / name).read_bytes(), 6)) for name in ASSETS)
    sizes = {endpoint: assets + len(gzip.compress(text.encode(), 6)) for endpoint, text in pages}
    assert len(sizes) > 35
    assert {endpoint: size for endpoint, size in sizes.items() if size > BUDGET} == {}


def test_every_page_has_one_first_heading_and_at_most_one_main_action(pages: list[tuple[str, str]]) -> None:
    for endpoint, text in pages:
        outline = Outline(text)
        assert outline.headings.count("h1") == 1, endpoint
        assert len(outline.filled) <= 1 or endpoint == "portal.offline", endpoint  # shows one of its forms at a time


def test_every_control_has_a_label_and_every_reference_a_target(pages: list[tuple[str, str]]) -> None:
    for endpoint, text in pages:
        outline = Outline(text)
        unlabelled = [control for control in outline.controls if control not in outline.labelled]
        wrapped = re.findall(r'<label><input[^>]* id="([^"]+)"', text)
        assert set(unlabelled) <= set(wrapped), (endpoint, unlabelled)
        assert len(outline.ids) == len(set(outline.ids)), (endpoint, "an id twice")
        assert outline.references <= set(outline.ids), (endpoint, outline.references - set(outline.ids))


def test_the_word_blockchain_stands_only_under_details(pages: list[tuple[str, str]]) -> None:
    for endpoint, text in pages:
        outside = re.sub(r"<details.*?</details>", "", text, flags=re.DOTALL)
        assert "ブロックチェーン" not in outside, endpoint


def test_lists_and_records_say_as_of_when(pages: list[tuple[str, str]]) -> None:
    timed = {"relief.needs", "relief.need", "relief.offers", "relief.arrivals", "relief.office", "relief.home",
             "relief.dispatches", "relief.dispatch", "portal.records", "portal.record", "portal.track",
             "directory.sites", "eco.home", "eco.devices", "eco.readings", "eco.device", "eco.reading"}
    seen = {endpoint for endpoint, text in pages if "の情報です" in text}
    assert timed <= seen


def test_every_status_in_a_template_is_in_the_vocabulary() -> None:
    used = {key for template in (PACKAGE / "templates").glob("*.html")
            for key in re.findall(r'st\("([a-z_.]+)"\)', template.read_text("utf-8"))}
    assert used and used <= STATUSES.keys()


@pytest.mark.parametrize("words", [
    "募集中 一部確保 確保済み 充足 要再確認 取下げ 緊急 急ぎ", "提供可能 送付依頼あり 一部手配 全量手配 期限切れ",
    "本部の確認待ち 送付依頼中 辞退 取消 回収", "発送待ち 輸送中 集積所 受取済み 差異あり 確認待ち 確認中 解決 不着 予定にない箱",
    "端末に保存 記録中 記録済み 記録されていません"])
def test_the_vocabulary_has_every_word_of_the_specification(words: str) -> None:
    assert set(words.split()) <= {status.text for status in STATUSES.values()}


def test_answers_carry_the_headers_of_the_policy(visitor: Browser, office: Browser) -> None:
    addresses_of_visitors = ("/", "/nowhere", "/static/moyai.css")
    for answer in (*(visitor.get(address) for address in addresses_of_visitors), office.get("/relief/office")):
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "http" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in visitor.get("/").headers  # plain http in the sample
    assert office.get("/relief/office").headers["Cache-Control"] == "no-store"
    assert visitor.get("/relief/needs").headers["Cache-Control"] == "no-cache"
    assert "max-age=31536000" in visitor.get("/static/moyai.css?v=1").headers["Cache-Control"]
