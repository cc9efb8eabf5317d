"""S2, S5: lists as files of exactly what the filters leave; fewer rows on a phone; the office's view of the whole."""
from __future__ import annotations

import csv
import dataclasses
import io
from datetime import timedelta

import pandas

from moyai_webui.forms.identifiers import new_op
from moyai_webui.home import Services
from moyai_webui.presentation.formats import today
from moyai_webui.totals.figures import Figures, TotalLine, Totals
from tests.unit.webui.pages import world
from tests.unit.webui.pages.conftest import Browser


def lines(body: bytes) -> list[dict[str, str]]:
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def test_s02_the_file_holds_what_the_filters_leave(visitor: Browser) -> None:
    everything = lines(visitor.get("/relief/needs.csv").data)
    assert len(everything) == 9
    urgent = lines(visitor.get("/relief/needs.csv?priority=urgent&page=7").data)
    assert len(urgent) == 3 and {line["優先度"] for line in urgent} == {"緊急"}
    milk = urgent[0]
    assert (milk["品目"], milk["必要"], milk["確保"], milk["あと必要"], milk["届け先"], milk["状態"]) == (
        "液体ミルク", "144", "48", "96", "山王小学校", "一部確保")
    assert milk["期限"].endswith("+09:00") and milk["期限"][:10] == (today() + timedelta(days=1)).isoformat()
    page = visitor.get("/relief/needs?priority=urgent").text
    assert '/relief/needs.csv?priority=urgent"' in page and '/relief/needs.xlsx?priority=urgent"' in page


def test_s02_the_workbook_names_filter_and_time_first(visitor: Browser) -> None:
    book = pandas.read_excel(io.BytesIO(visitor.get("/relief/needs.xlsx?priority=urgent").data), sheet_name=None)
    about, needs = book["この表について"], book["必要物資"]
    assert list(about["こと"]) == ["データの時刻", "優先度"] and about["内容"][1] == "urgent" and len(needs) == 3


def test_s05_offers_as_a_file_and_only_for_those_who_see_them(office: Browser, visitor: Browser,
                                                              services: Services) -> None:
    services.reading.all_offers[3] = dataclasses.replace(services.reading.all_offers[3], item_name="=1+1")
    found = lines(office.get("/relief/offers.csv").data)
    assert len(found) == 4 and found[3]["品目"] == "'=1+1"
    assert found[1]["残り"] == "60" and found[1]["申し出た先"] == "山王小学校" and found[1]["状態"] == "提供可能"
    assert len(lines(office.get("/relief/offers.csv?whose=for_us").data)) == 2
    assert visitor.get("/relief/offers.csv").status_code == 303
    assert visitor.get("/relief/needs.pdf").status_code == 404


def test_s02_a_phone_gets_shorter_pages(visitor: Browser, services: Services) -> None:
    first = services.reading.all_needs[0]
    services.reading.all_needs += [dataclasses.replace(first, need_id=new_op()) for _ in range(60)]
    desk = visitor.get("/relief/needs").text
    assert "1〜50件目（69件中）" in desk and "次の19件" in desk
    phone = visitor.client.get("/relief/needs", headers={"User-Agent": "Mozilla/5.0 (Linux; Android 9) Mobile"}).text
    assert "1〜20件目（69件中）" in phone and "次の20件" in phone
    hinted = visitor.client.get("/relief/needs?page=4", headers={"Sec-CH-UA-Mobile": "?1"}).text
    assert "61〜69件目（69件中）" in hinted and "次の" not in hinted


def test_s07_the_office_sees_delays_proposals_lack_and_excess(office: Browser, services: Services) -> None:
    read = services.reading
    read.all_packages[0] = dataclasses.replace(read.all_packages[0], expected_on=today() - timedelta(days=1))
    read.all_dispatches.append(dataclasses.replace(read.all_dispatches[0], dispatch_id=new_op(), state="proposed"))
    place = read.all_needs[0].place
    read.added_up = Totals((TotalLine(world.ITEMS[2], Figures(needed=10, committed=10, received=34), place),
                            TotalLine(world.ITEMS[1], Figures(needed=10), place)), (), ())
    page = office.get("/relief/office").text
    assert "液体ミルク 24缶が遅れています" in page and "避難所からの送付依頼 1件" in page
    assert "余っている物資" in page and "/relief/register_offer?item=000000-0301&amp;quantity=24" in page
    assert 'data-label="不足の品目">1</td><td role="cell" class="r" data-label="余りの品目">1</td>' in page


def test_s07_an_office_without_work_says_so(office: Browser, services: Services) -> None:
    read = services.reading
    read.all_offers, read.all_needs, read.all_discrepancies, read.all_packages = [], [], [], []
    page = office.get("/relief/office").text
    assert "未対応はありません" in page and "送る依頼は、いまありません" in page and "余っている物資" not in page
