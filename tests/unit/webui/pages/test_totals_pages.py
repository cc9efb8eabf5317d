"""S13 and the open shelters: what the pages and files show."""
from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable

import pytest

from moyai_webui.home import Services
from moyai_webui.totals.figures import Totals
from tests.unit.webui.edxl.test_messages import SCHEMA
from tests.unit.webui.pages.conftest import Browser
from tests.unit.webui.totals.test_figures import BLANKET, NANAO, OSHIMA, WATER, line

TOTALS = Totals((line(NANAO, WATER, needed=1200, committed=1000, shipped=900, received=850, missing=50),
                 line(OSHIMA, WATER, needed=3, committed=3, received=10), line(NANAO, BLANKET, needed=7)), (), ())
TABS = ("item", "balance", "site", "sender", "day")


@pytest.fixture
def office(signed_in: Callable[[str], Browser], services: Services) -> Browser:
    services.reading.added_up = TOTALS
    return signed_in("office")


def test_s13_items_with_what_is_lacking(office: Browser) -> None:
    page = office.get("/relief/totals").text
    assert "1,203" in page and "<b>200</b>" in page and "Excelで保存" in page
    assert "水" in page and "毛布" in page
    assert "水" not in office.get("/relief/totals?category=blanket").text.partition("<tbody")[2]


def test_s13_the_balance_is_between_all_municipalities(office: Browser) -> None:
    page = office.get("/relief/totals?by=balance").text
    assert 'data-label="七尾市 あと必要">200</td>' in page and 'data-label="大島町 余り">7</td>' in page


@pytest.mark.parametrize("tab", TABS)
def test_s13_without_records_every_tab_says_so(signed_in: Callable[[str], Browser], tab: str) -> None:
    assert "記録がまだありません" in signed_in("office").get(f"/relief/totals?by={tab}").text


@pytest.mark.parametrize("kind, begin", [("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("pdf", b"%PDF")])
def test_s13_files_follow_the_filter(office: Browser, kind: str, begin: bytes) -> None:
    answer = office.get(f"/relief/totals.{kind}?by=site&category=blanket")
    assert answer.status_code == 200 and answer.data.startswith(begin)
    assert "attachment" in answer.headers["Content-Disposition"]
    if kind == "csv":
        assert "毛布" in answer.data.decode("utf-8-sig") and "水" not in answer.data.decode("utf-8-sig")


def test_s13_other_systems_get_standard_messages(office: Browser) -> None:
    archive = zipfile.ZipFile(io.BytesIO(office.get("/relief/totals.edxl.zip").data))
    assert "RequestResource.xml" in archive.namelist()
    for name in archive.namelist():
        SCHEMA.validate(archive.read(name))


def test_anyone_sees_which_shelters_are_open_and_how_many_are_there(visitor: Browser, services: Services) -> None:
    opened = [site for site in services.reading.all_sites
              if site.status and site.status.open and site.place.code == NANAO.code]
    page = visitor.get("/relief/open_shelters").text
    assert f"<b>{len(opened)}</b> か所" in page and all(site.place.name[:3] in page for site in opened)
    assert page.count("<circle") == 2 * len([site for site in opened if site.latitude is not None])
    assert "この条件の避難所はありません" in visitor.get("/relief/open_shelters?q=どこにもない").text
    assert "開設中の避難所はありません" in visitor.get("/relief/open_shelters?city=133612").text


def test_the_open_shelters_as_a_file_without_persons(visitor: Browser, services: Services) -> None:
    answer = visitor.get("/relief/open_shelters.csv")
    header, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    counted = {row[header.index("名称")]: row[header.index("避難者数")] for row in rows}
    site = next(site for site in services.reading.all_sites if site.status and site.status.headcount)
    assert counted[site.place.name] == str(site.status.headcount)
    assert not {"担当", "メール"} & {word for name in header for word in (name[:2], name[:3])}
