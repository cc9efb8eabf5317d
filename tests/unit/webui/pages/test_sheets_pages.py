"""S1, S9: paper is typed in later, with the time it was written."""
from __future__ import annotations

from datetime import timedelta

import pytest

from moyai_contracts.api.relief import ReceivePackage, RegisterNeed
from moyai_webui.home import Services
from moyai_webui.presentation.formats import jst, now
from tests.unit.webui.pages import world
from tests.unit.webui.pages.conftest import Browser

BOX = world.package_id(1)
WRITTEN = now() - timedelta(hours=5)
WHEN = {"day": jst(WRITTEN).date().isoformat(), "at": jst(WRITTEN).strftime("%H:%M")}
SECONDS = int(WRITTEN.replace(second=0, microsecond=0).timestamp())


def test_s09_a_receipt_from_paper_keeps_the_time_it_was_written(shelter: Browser, services: Services) -> None:
    code = f"{BOX[:4]} {BOX[4:8]} {BOX[8:]}".lower()
    form = shelter.send("/relief/sheets", WHEN | {"code": code, "kind": "receipts"}).headers["Location"]
    assert form == f"/relief/receive_package?code={BOX}&written={SECONDS}"
    assert shelter.send(form, {"good": "24", "damaged": "0"}).status_code == 303
    command = services.submissions.commands[0][0]
    assert isinstance(command, ReceivePackage) and (command.scanned_at, command.queued) == (SECONDS, True)


def test_s01_a_need_from_paper_keeps_the_time_it_was_written(shelter: Browser, services: Services) -> None:
    form = shelter.send("/relief/sheets", WHEN | {"kind": "needs"}).headers["Location"]
    assert form == f"/relief/register_need?written={SECONDS}"
    assert shelter.send(form, {"site": world.SANNO, "item": "携帯トイレ", "quantity": "30", "due": "tomorrow",
                               "priority": "high"}).status_code == 303
    command = services.submissions.commands[0][0]
    assert isinstance(command, RegisterNeed) and (command.made_at, command.queued) == (SECONDS, True)


@pytest.mark.parametrize(("typed", "words"), [
    ({"at": ""}, "書いた時刻を"), ({"day": "2024-01-09"}, "30日前から今までの日時を"), ({"code": "XXXX"}, "コードを読み取れません"),
    ({"day": (now() + timedelta(days=2)).date().isoformat()}, "30日前から今までの日時を")])
def test_s09_what_cannot_be_is_told(shelter: Browser, typed: dict[str, str], words: str) -> None:
    page = shelter.send("/relief/sheets", WHEN | {"code": BOX, "kind": "receipts"} | typed)
    assert page.status_code == 422 and words in page.text


def test_s09_a_time_that_cannot_be_is_no_paper(shelter: Browser, services: Services) -> None:
    later = int((now() + timedelta(days=1)).timestamp())
    shelter.send(f"/relief/receive_package?code={BOX}&written={later}", {"good": "24", "damaged": "0"})
    command = services.submissions.commands[0][0]
    assert command.queued is None and abs(command.scanned_at - int(now().timestamp())) < 60


def test_s09_the_sheets_are_pdfs_of_the_own_place(shelter: Browser) -> None:
    for kind in ("needs", "receipts"):
        answer = shelter.get(f"/relief/sheets/{kind}.pdf")
        assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF")
    assert shelter.get("/relief/sheets/offers.pdf").status_code == 404
