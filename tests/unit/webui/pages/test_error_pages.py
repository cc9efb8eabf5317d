"""Error pages: a sentence and a way on, and nothing of what people typed in the log."""
from __future__ import annotations

import io
import json

import pytest
from flask import Flask

from moyai_webui.home import Services
from tests.unit.webui.pages.conftest import Browser


def test_not_found_says_so_and_leads_on(visitor: Browser, shelter: Browser) -> None:
    page = visitor.get("/relief/needs/01JH9999999999999999999999")
    assert page.status_code == 404 and "このページや記録はありません" in page.text and 'href="/"' in page.text
    assert 'class="btn wide" href="/relief/"' in shelter.get("/nowhere").text


def test_forbidden_says_whom_to_ask(shelter: Browser) -> None:
    page = shelter.get("/relief/office")
    assert page.status_code == 403 and "自治体の管理者に頼んでください" in page.text


def test_a_stale_form_is_explained(office: Browser) -> None:
    page = office.client.post("/relief/register_need", data={"csrf_token": "old"})
    assert page.status_code == 400 and "前の画面を読み直して" in page.text


def test_too_large_a_file_is_explained(office: Browser) -> None:
    page = office.send("/directory/import_sites", {"file": (io.BytesIO(b"x" * (5 * 1024 * 1024 + 1)), "big.csv")})
    assert page.status_code == 413 and "5MBまで" in page.text


def test_a_fault_shows_a_number_that_the_log_has_too_without_what_was_typed(
        app: Flask, services: Services, office: Browser, capfd: pytest.CaptureFixture[str]) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("the database is away")

    services.reading.needs = broken
    page = office.get("/relief/needs?q=ひみつの言葉")
    assert page.status_code == 500 and "こちらの不具合です" in page.text and "database" not in page.text
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    entry = next(line for line in lines if line["event"] == "page failed")
    assert entry["number"] in page.text and "the database is away" in entry["exception"]
    assert "ひみつの言葉" not in json.dumps(entry, ensure_ascii=False)
