"""E3: a resident sees the home's electricity by day, month and year; the office what is odd about readings."""
from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from html import unescape

import pytest

from moyai_webui.home import Services
from moyai_webui.meter_readings import SetValue
from moyai_webui.presentation import formats
from moyai_webui.presentation.formats import now, today
from tests.unit.webui.pages.conftest import Browser
from tests.unit.webui.pages.memory_metering import HOME, SILENT, gap_of, reading_of


@pytest.mark.parametrize(("by", "days"), [("day", 2), ("month", 40), ("year", 366)])
def test_e3_a_period_has_charts_a_table_and_a_file_with_the_same_sums(by: str, days: int, member: Browser) -> None:
    on = (today() - timedelta(days=days)).isoformat()
    text = member.get(f"/eco/?by={by}&on={on}").text
    rows = list(csv.DictReader(io.StringIO(member.get(f"/eco/usage.csv?by={by}&on={on}").data.decode("utf-8-sig"))))
    made, used = (sum(float(row[name] or 0) for row in rows) for name in ("発電kWh", "使用kWh"))
    assert made > 0 and used == pytest.approx(made * 1.8)  # 120 bought and 60 of 100 kept at home
    for sum_of in (made, used):
        assert f"{sum_of:,.{1 if sum_of < 100 else 0}f}<small>kWh" in text
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
    assert office.get("/eco/readings?page=2").text.count('class="proof"') == 10


def test_e2_messages_that_could_not_be_read_are_listed_as_they_came(office: Browser, services: Services) -> None:
    text = office.get("/eco/readings?show=letters").text
    assert "not JSON: line 1 column 2" in text and "{import: 12}" in text and "41バイト" in text
    services.metering.letters = []
    assert "読めなかった通信はありません" in office.get("/eco/readings?show=letters").text


def test_e2_every_marked_reading_leads_to_its_proof_and_file(office: Browser, services: Services) -> None:
    address = re.search(r'href="(/eco/readings/[^"]+)"', office.get("/eco/readings").text)[1]
    text = office.get(address).text
    reading = services.metering.marked[0]
    assert f"{reading.key.raw:,}" in text and "0に戻った" in text
    assert "この値は証明できます" in text and "2自治体が" in text and "ef" * 32 in text and "cd" * 32 in text
    answer = office.get(f"{address}/proof.json")
    assert answer.mimetype == "application/json" and answer.data == b'{"format":"moyai-reading-proof"}'
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("reason", "words"), [
    ("waiting", "まだ台帳に載っていません"), ("away", "いまは確かめられません"), ("changed", "台帳と一致しません"),
    ("unknown", "証明のファイルを作れません")])
def test_e2_green_is_never_the_default(reason: str, words: str, office: Browser, services: Services) -> None:
    services.metering.unproven = reason
    address = f"/eco/readings/{HOME}/{reading_of(HOME, 3).key.name}"
    text = office.get(address).text
    assert words in text and "証明できます" not in text and "proof.json" not in text
    assert office.get(f"{address}/proof.json").status_code == 503


def test_e3_a_resident_reaches_the_proof_of_an_own_reading_by_its_table(member: Browser, services: Services) -> None:
    yesterday = (today() - timedelta(days=1)).isoformat()
    text = member.get(f"/eco/?on={yesterday}").text
    day = re.search(r'<th scope="row" class="nowrap"><a href="([^"#]+)#t0030"', text)
    table = member.get(unescape(day[1])).text
    assert table.count("<tr id=") == 48  # a half-hour each, read or not
    reading = re.search(rf'href="(/eco/readings/{HOME}/generation-[^"]+)"', table)
    text = member.get(reading[1]).text
    assert "発電" in text and "この値は証明できます" in text
    assert member.get(f"{reading[1]}/proof.json").mimetype == "application/json"


def test_e3_a_resident_sees_nobody_else_s_device_nor_reading(member: Browser, office: Browser) -> None:
    name = reading_of(SILENT, 2).key.name
    for address in (f"/eco/devices/{SILENT}", f"/eco/readings/{SILENT}/{name}",
                    f"/eco/readings/{SILENT}/{name}/proof.json"):
        assert member.get(address).status_code == 404, address
        assert office.get(address).status_code == 200, address


def test_e2_another_municipality_has_no_such_device(hachioji: tuple[Browser, Services]) -> None:
    browser, services = hachioji
    del services.metering.known[HOME]  # a registry of its own
    name = reading_of(HOME, 2).key.name
    for address in (f"/eco/devices/{HOME}", f"/eco/readings/{HOME}/{name}", f"/eco/readings/{HOME}/{name}/proof.json"):
        assert browser.get(address).status_code == 404, address


@pytest.mark.parametrize("name", ["import", "import-1-2", "power-1-2-3", "import-1-2-3-4", "import--1-2-3",
                                  "import-9-9-9"])
def test_e2_what_is_no_reading_is_not_found(name: str, office: Browser) -> None:
    assert office.get(f"/eco/readings/{HOME}/{name}").status_code == 404


def test_e3_a_gap_is_a_line_of_its_own_and_a_set_value_is_named(member: Browser, services: Services) -> None:
    services.metering.lacking = {2, 3}
    services.metering.given = {3: (SetValue("import", 250, "previous_day", "通信の故障"),)}
    text = "".join(member.get(f"/eco/devices/{HOME}?on={(today() - timedelta(days=days)).isoformat()}").text
                   for days in (0, 1))
    assert text.count('class="lack"') == 2 and text.count("届いていません") == 1
    assert "買った電気 0.25 kWh（前の日の同じ時刻の値・通信の故障）" in text


SUBSTITUTION = {"register": "import", "count": "1", "amount": "0.25", "method": "bill", "reason": "通信の故障"}


def test_e2_a_missing_half_hour_is_set_with_its_reason(signed_in: Callable[[str], Browser], services: Services) -> None:
    clerk = signed_in("clerk")
    at = gap_of(HOME, 5)
    day = formats.jst(datetime.fromtimestamp(at, timezone.utc)).date().isoformat()
    assert f"record_substitution?device={HOME}&amp;at={at}" in clerk.get(f"/eco/devices/{HOME}?on={day}").text
    answer = clerk.send(f"/eco/record_substitution?device={HOME}&at={at}", SUBSTITUTION)
    (command, actor), = services.submissions.commands
    assert actor.role == "C" and [(row.register, row.method, row.reason) for row in command.rows] == [
        ("import", "bill", "通信の故障")]
    assert command.rows[0].slot == f"{datetime.fromtimestamp(at, timezone.utc):%Y%m%dT%H%M}"
    assert "250" not in str(command), "the value stays off the ledger"
    (value,) = services.metering.recorded
    assert (value.amount, value.begin.timestamp(), value.substitution_id) == (250, at, command.substitution_id)
    assert "補正を記録しました" in clerk.get(answer.headers["Location"]).text
    text = clerk.get("/eco/readings?show=substitutions").text
    assert "買った電気 0.25 kWh" in text and "検針票の値" in text and "七尾市 担当者" in text


@pytest.mark.parametrize(("field", "value", "words"), [
    ("amount", "much", "30分ごとの量を、0.25のような数字で"), ("amount", "-1", "30分ごとの量を"), ("reason", "", "理由を入れてください"),
    ("count", "2", "続けて届いていない30分は1つです"), ("count", "0", "続く30分の数を1以上の数字で"),
    ("register", "fuel", "計るものを選んでください"), ("method", "guess", "求め方を選んでください")])
def test_e2_what_cannot_be_set_is_said_at_its_field(field: str, value: str, words: str,
                                                    signed_in: Callable[[str], Browser], services: Services) -> None:
    answer = signed_in("clerk").send(f"/eco/record_substitution?device={HOME}&at={gap_of(HOME, 5)}",
                                     SUBSTITUTION | {field: value})
    assert answer.status_code == 422 and words in answer.text
    assert services.submissions.commands == [] and services.metering.kept == {}


def test_e2_what_was_read_or_set_is_not_set_again(signed_in: Callable[[str], Browser], services: Services) -> None:
    clerk = signed_in("clerk")
    assert "この30分の値は届いています" in clerk.get(f"/eco/record_substitution?device={HOME}&at={gap_of(HOME, 4)}").text
    services.metering.given = {5: (SetValue("import", 250, "bill", "前の補正"),)}
    address = f"/eco/record_substitution?device={HOME}&at={gap_of(HOME, 5)}"
    assert "もう補正した30分が含まれています" in clerk.send(address, SUBSTITUTION).text
    assert clerk.send(address, SUBSTITUTION | {"register": "export"}).status_code == 303


def test_e2_a_value_counts_when_the_ledger_has_it_and_goes_when_refused(signed_in: Callable[[str], Browser],
                                                                        services: Services) -> None:
    clerk = signed_in("clerk")
    address = f"/eco/record_substitution?device={HOME}&at={gap_of(HOME, 5)}"
    services.submissions.state = "pending"
    clerk.send(address, SUBSTITUTION)
    assert "補正した値はありません" in clerk.get("/eco/readings?show=substitutions").text
    (op,) = services.metering.kept
    services.submissions.by_op[op] = replace(services.submissions.by_op[op], state="recorded", tx_id="ab" * 32)
    assert "通信の故障" in clerk.get("/eco/readings?show=substitutions").text
    services.submissions.state, services.submissions.refusal = "refused", ("time_out_of_range", {})
    clerk.send(address, SUBSTITUTION)
    assert services.metering.kept == {} and len(services.metering.recorded) == 1


def test_e2_months_show_what_they_lack_and_pages_what_to_correct(office: Browser) -> None:
    text = office.get("/eco/totals").text
    assert "2026年10月" in text and "訂正が必要" in text and "すべて届いた" in text and "30回" in text
    month = office.get("/eco/totals/2026-10").text
    assert "あとから届いた値で3行が変わります" in month and "第2版" in month and "住まい全体の計器" in month
    assert "correct_totals" not in month, "an administrator has not a clerk's role"
    assert "すべての値が届いています" in office.get("/eco/totals/2026-09").text
    assert office.get("/eco/totals/2020-01").status_code == office.get("/eco/totals/none").status_code == 404


def test_e2_a_page_is_corrected_under_the_clerk_s_own_key(signed_in: Callable[[str], Browser],
                                                          services: Services) -> None:
    clerk = signed_in("clerk")
    address = "/eco/correct_totals?month=2026-10&page=1"
    assert address.replace("&", "&amp;") in clerk.get("/eco/totals/2026-10").text
    text = clerk.get(address).text
    assert "3行が変わります" in text and "moyai bridge correct-totals --month 2026-10" in text
    assert clerk.send(address).status_code == 422
    answer = clerk.send(address, {"reason": "遅れて届いた値を含めた"})
    assert answer.headers["Location"].startswith("/sign/")
    (held,) = services.submissions.by_op.values()
    assert (held.state, held.transaction, held.fields["reason"], held.fields["version"]) == (
        "unsigned", "devices.correct_totals", "遅れて届いた値を含めた", 2)


def test_e2_what_needs_no_correction_says_so(signed_in: Callable[[str], Browser], services: Services) -> None:
    clerk = signed_in("clerk")
    assert "台帳のページは、いまの値と同じです" in clerk.get("/eco/correct_totals?month=2026-10&page=0").text
    assert clerk.get("/eco/correct_totals?month=2026-10&page=7").status_code == 404
    services.metering.totals.command = None
    answer = clerk.send("/eco/correct_totals?month=2026-10&page=1", {"reason": "念のため"})
    assert answer.status_code == 422 and "訂正するところはありません" in answer.text
