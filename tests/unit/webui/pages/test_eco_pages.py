"""E3: a resident sees the home's electricity by day, month and year; the office what is odd about readings."""
from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest

from moyai_webui.home import Services
from moyai_webui.presentation import formats
from moyai_webui.presentation.formats import now, today
from tests.unit.webui.pages.conftest import Browser


@pytest.mark.parametrize(("by", "days"), [("day", 2), ("month", 40), ("year", 366)])
def test_e3_a_period_has_charts_a_table_and_a_file_with_the_same_sums(by: str, days: int, member: Browser) -> None:
    on = (today() - timedelta(days=days)).isoformat()
    text = member.get(f"/eco/?by={by}&on={on}").text
    rows = list(csv.DictReader(io.StringIO(member.get(f"/eco/usage.csv?by={by}&on={on}").data.decode("utf-8-sig"))))
    made, used = (sum(float(row[name] or 0) for row in rows) for name in ("発電kWh", "使用kWh"))
    assert made > 0 and used == pytest.approx(made * 1.8)  # 120 bought and 60 of 100 kept at home
    for sum_of in (made, used):
        assert f"{sum_of:,.1f}<small>kWh" in text
    assert text.count('role="img"') == 4 and len(re.findall('<tr><th scope="row"', text)) == len(rows)
    assert f"合計{used:,.1f}kWh" in text
    assert all(row["開始"].endswith("+09:00") for row in rows)


def test_e3_the_page_says_as_of_when_and_when_that_is_old(member: Browser, services: Services) -> None:
    assert "取り込みが遅れています" not in member.get("/eco/").text
    services.metering.seen = now() - timedelta(minutes=2)
    assert "取り込みが遅れています" in member.get("/eco/").text


def test_e3_a_home_without_readings_is_told_how_long_it_takes(member: Browser, services: Services) -> None:
    services.metering.since = now() + timedelta(days=1)
    assert "この期間の値は、まだ届いていません" in member.get("/eco/").text
    services.metering.known.clear()
    text = member.get("/eco/").text
    assert "機器の値がまだ届いていません。ふつう30分以内に届きます" in text and "<svg class=\"plot" not in text


def test_e3_a_resident_lands_at_home_and_sees_own_devices_only(member: Browser) -> None:
    assert member.get("/sign_in").headers["Location"] == "/eco/"
    text = member.get("/eco/").text
    assert "住まい全体の計器" in text and "屋根の太陽光" not in text
    assert "この1日" not in text and member.get("/records").status_code == 200


def test_e3_hours_that_lie_ahead_have_no_line(member: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    noon = formats.jst(now()).replace(hour=12, minute=10)
    monkeypatch.setattr("moyai_webui.pages.eco.home.now", lambda: noon)
    monkeypatch.setattr("moyai_webui.pages.eco.home.today", lambda: noon.date())
    rows = member.get("/eco/usage.csv").text.splitlines()
    assert len(rows) == 1 + 13 and "T12:00:00+09:00" in rows[-1]


def test_e3_the_following_period_is_offered_only_when_it_has_begun(member: Browser) -> None:
    assert "次の日" not in member.get("/eco/").text
    yesterday = (today() - timedelta(days=1)).isoformat()
    assert "次の日" in member.get(f"/eco/?on={yesterday}").text


def test_e2_marked_readings_are_listed_by_mark_and_page(office: Browser) -> None:
    text = office.get("/eco/readings").text
    assert "60</b> 件" in text and "次の10件" in text and "0に戻った" in text and "時計のずれ" in text
    assert "30</b> 件" in office.get("/eco/readings?mark=reset").text
    assert "この印のついた値はありません" in office.get("/eco/readings?mark=jump").text
    assert office.get("/eco/readings?page=2").text.count("住まい全体の計器") == 10


def test_e2_messages_that_could_not_be_read_are_listed_as_they_came(office: Browser, services: Services) -> None:
    text = office.get("/eco/readings?show=letters").text
    assert "not JSON: line 1 column 2" in text and "{import: 12}" in text and "41バイト" in text
    services.metering.letters = []
    assert "読めなかった通信はありません" in office.get("/eco/readings?show=letters").text
