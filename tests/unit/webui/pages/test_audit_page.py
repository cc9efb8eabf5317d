"""P6: the page with the last run of the independent reader."""
from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from moyai_auditor.examination.findings import CHECKS
from moyai_webui.audit import last_audit
from moyai_webui.presentation.audit_words import AUDIT_CHECKS
from moyai_webui.presentation.formats import now
from tests.unit.webui.pages.conftest import Browser

AGREES: dict[str, Any] = {
    "v": 1, "source": "peers", "agrees": True, "first_difference": None, "findings": [], "findings_total": 0,
    "copies": [{"name": name, "first": 0, "height": 18_204} for name in ("HachiojiMSP", "OshimaMSP", "NanaoMSP")],
    "height": 18_204, "genesis": "7c" * 32, "replayed_until": 18_203, "members": [],
    "transactions": {"VALID": 40_000, "MVCC_READ_CONFLICT": 12}, "seconds": 61.5, "finished_at": "2026-11-24T01:30:20Z",
    "checks": [{"check": "data_hash", "holds": "Every block holds the content that its header names",
                "examined": 54_612, "findings": 0}]}
DIFFERENCE = {"check": "data_hash", "sentence": "the content has another hash <than the header>", "block": 17_000,
              "transaction": 2, "tx_id": "ab" * 32, "peer": "OshimaMSP"}


def keep(folder: Path, result: dict[str, Any]) -> None:
    (folder / "audit").mkdir(exist_ok=True)
    (folder / "audit" / "last.json").write_text(json.dumps(result), "utf-8")


def test_p6_before_the_first_run_the_page_says_how_to_start_one(office: Browser) -> None:
    text = office.get("/consortium/audit").text
    assert "まだ照合していません" in text and "moyai audit" in text and "一致しています" not in text


def test_p6_an_agreeing_run_is_green_with_its_heights(office: Browser, tmp_path: Path) -> None:
    keep(tmp_path, AGREES)
    text = office.get("/consortium/audit").text
    assert "一致しています" in text and "note done" in text and "一致しません" not in text
    assert "18,204" in text and "40,012" in text and text.count('class="chip done"') == 3
    text = kept_page(office, tmp_path, AGREES | {"copies": [{"name": "172022", "first": 0, "height": 5}]})
    assert ">七尾市</th>" in text


def test_p6_a_difference_is_red_and_names_its_first_block(office: Browser, tmp_path: Path) -> None:
    keep(tmp_path, AGREES | {"agrees": False, "first_difference": DIFFERENCE, "findings_total": 1_234})
    text = office.get("/consortium/audit").text
    assert "note stop" in text and "一致しています" not in text and "1,234件" in text
    assert "17,000番目のまとまりの3件目" in text and "（OshimaMSP）" in text
    assert "&lt;than the header&gt;" in text and "「まとまりの中身が、その見出しの指紋と合う」" in text
    assert text.count('class="chip stop"') == 1 and 'class="chip done"' not in text


@pytest.mark.parametrize(("place", "words"), [
    ({"block": 9}, "<b>9番目のまとまり</b>"), ({"peer": "NanaoMSP"}, "<b>記録の全体</b>（NanaoMSP）"), ({}, "<b>記録の全体</b></p>")])
def test_p6_a_difference_without_a_transaction_or_block_says_what_it_can(
        place: dict[str, Any], words: str, office: Browser, tmp_path: Path) -> None:
    first = {"check": "heights", "sentence": "one is shorter"} | place
    keep(tmp_path, AGREES | {"agrees": False, "first_difference": first, "findings_total": 1})
    assert words in office.get("/consortium/audit").text


def test_p6_rules_that_stopped_half_way_are_told(office: Browser, tmp_path: Path) -> None:
    keep(tmp_path, AGREES | {"replayed_until": 99})
    assert "規則は、99番目のまとまりまで確かめました。" in office.get("/consortium/audit").text


def test_p6_an_old_result_says_that_it_is_old(office: Browser, tmp_path: Path) -> None:
    keep(tmp_path, AGREES | {"finished_at": (now() - timedelta(days=6)).isoformat()})
    assert "7日より前" not in office.get("/consortium/audit").text
    keep(tmp_path, AGREES | {"finished_at": (now() - timedelta(days=8)).isoformat()})
    assert "7日より前" in office.get("/consortium/audit").text


def test_p6_readings_that_were_compared_are_counted(office: Browser, tmp_path: Path) -> None:
    assert "計測値" not in kept_page(office, tmp_path, AGREES)
    compared = [{"municipality": "172022", "readings": 1_234}, {"municipality": "132012", "readings": 6}]
    assert "計測値1,240件も" in kept_page(office, tmp_path, AGREES | {"readings": compared})


def kept_page(office: Browser, folder: Path, result: dict[str, Any]) -> str:
    keep(folder, result)
    return office.get("/consortium/audit").text


def test_p6_every_check_of_the_reader_has_its_words(office: Browser, tmp_path: Path) -> None:
    assert AUDIT_CHECKS.keys() == CHECKS.keys()
    text = kept_page(office, tmp_path, AGREES | {"checks": [
        {"check": "data_hash", "holds": "Every", "examined": 1, "findings": 0},
        {"check": "of another version", "holds": "Something new holds", "examined": 1, "findings": 0}]})
    assert AUDIT_CHECKS["data_hash"] in text and '<th scope="row" lang="en">Something new holds</th>' in text


def test_p6_a_file_that_is_no_result_is_never_taken_for_agreement(tmp_path: Path) -> None:
    keep(tmp_path, {"agrees": True})
    with pytest.raises(KeyError):
        last_audit(tmp_path)


def test_p6_administrators_come_to_it_from_their_own_page(office: Browser) -> None:
    assert "/consortium/audit" in office.get("/directory/").text
