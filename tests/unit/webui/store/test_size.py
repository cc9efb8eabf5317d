"""3,000 sites and 30,000 needs: every list answers while a person waits without noticing."""
from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

import pytest
from moyai_contracts.api.identifiers import CROCKFORD

from moyai_database.database import Database
from moyai_webui.projection.changes import BlockChanges
from moyai_webui.reading import NeedFilter, OfferFilter, RecordFilter
from moyai_webui.store import schema
from moyai_webui.store.projection_store import ProjectionStore
from moyai_webui.store.reading import SqlReading

SITES, NEEDS_A_SITE = 3_000, 10
NANAO = "172022"
NOW = datetime(2024, 1, 9, 9, 0, tzinfo=timezone.utc)
PATIENCE_SECONDS = 1.0


@pytest.fixture
def reading(database_url: str) -> Iterator[SqlReading]:
    database = Database(database_url)
    schema.prepare(database)
    ProjectionStore(database.writing).apply(_everything())
    with database.writing() as connection:
        connection.exec_driver_sql("ANALYZE")  # PostgreSQL does it by itself within a minute
    yield SqlReading(database, NANAO, lambda: NOW)
    database.close()


def _everything() -> BlockChanges:
    """What a whole catastrophe leaves in the read model, as one block."""
    changes = BlockChanges(0, at=NOW)
    changes.save("municipality", code6=NANAO, name="七尾市", msp_id="NanaoMSP", status="active",
                 dispatch_approval="none", rev=1)
    changes.save("account", account_id="A" * 26, m=NANAO, roles=["C"], office=NANAO, party="municipality",
                 display_name="", status="active", rev=1)
    changes.save("item", item_code="000000-0101", name="水", category="food", base_unit="本", packs=[], attributes=[],
                 perishable=False, per_person=[], same_as="", state="active", retired=False, rev=1)
    for number in range(SITES):
        _site(changes, number)
        for index in range(NEEDS_A_SITE):
            _need(changes, number, index)
    return changes


def _site(changes: BlockChanges, number: int) -> None:
    site_id = f"S{number:05}"
    changes.save("site", code6=NANAO, site_id=site_id, kind="shelter", name=f"第{number}小学校", kana="", address="町",
                 district="", town_id="", lat=37_000_000 + number, lon=136_000_000 - number, capacity_indoor=None,
                 capacity_outdoor=None, capacity_text="", phone="", hazards=[], retired=False, rev=1)
    changes.save("site_status", code6=NANAO, site_id=site_id, open=True, headcount=100, counted_at=NOW,
                 confirmed_at=None, at=NOW)


def _need(changes: BlockChanges, site: int, index: int) -> None:
    number = site * NEEDS_A_SITE + index
    need_id = _id(number)
    at = NOW - timedelta(seconds=number)
    changes.save("need", need_id=need_id, code6=NANAO, site_id=f"S{site:05}", item="000000-0101", attributes={},
                 quantity=100, committed=number % 100, needed_by=at if number % 3 else None, priority="normal",
                 priority_rank=2, headcount=None, note="", state="open", rev=1, at=at, account="A" * 26)
    changes.save("offer", offer_id=_id(number + 10**6), supporter="A" * 26, home=NANAO, item="000000-0101",
                 item_name="", category="", attributes={}, quantity=5, withdrawn=0, requested=0,
                 aimed_at=need_id if number % 5 == 0 else "", available_from=None, available_until=None, expires_on="",
                 transport="own", ships_from=NANAO, state="open", rev=1, at=at)
    changes.save("entry", block=0, number=number, part=0, tx_id="", event="relief.need_registered",
                 transaction="relief.register_need", record_id=need_id, at=at, m=NANAO, service="webui",
                 account="A" * 26, role="C", office=NANAO, site="", attested="service", item="000000-0101", data={})
    for ref in (need_id, NANAO, f"{NANAO}/S{site:05}"):
        changes.save("entry_link", ref=ref, block=0, number=number, part=0, own=ref == need_id)


def _id(number: int) -> str:
    digits = ""
    for _ in range(26):
        number, digit = divmod(number, 32)
        digits = CROCKFORD[digit] + digits
    return digits


def test_s02_every_question_is_answered_quickly(reading: SqlReading) -> None:
    questions: dict[str, Callable[[], object]] = {
        "first page": lambda: reading.needs(NeedFilter()),
        "last page": lambda: reading.needs(NeedFilter(page=SITES * NEEDS_A_SITE // 50)),
        "newest": lambda: reading.needs(NeedFilter(sort="newest")),
        "near": lambda: reading.needs(NeedFilter(sort="near", near=(37_000_000, 136_000_000))),
        "words": lambda: reading.needs(NeedFilter(text="第77小学校 水")),
        "status": lambda: reading.needs(NeedFilter(status="part")),
        "one site": lambda: reading.needs(NeedFilter(municipality=NANAO, site_id="S00077")),
        "offers": lambda: reading.offers(OfferFilter()),
        "aimed offers": lambda: reading.offers(OfferFilter(aimed_municipality=NANAO, aimed_site="S00077")),
        "sites": lambda: reading.sites(NANAO, text="第77小学校"),
        "balances": lambda: reading.site_balances(NANAO, NOW.date()),
        "records of all": lambda: reading.records(RecordFilter(municipality=NANAO)),
        "records of a site": lambda: reading.records(RecordFilter(office=f"{NANAO}/S00077")),
        "history": lambda: reading.timeline(_id(777)),
    }
    seconds = {name: _seconds(question) for name, question in questions.items()}
    assert {name: taken for name, taken in seconds.items() if taken > PATIENCE_SECONDS} == {}
    assert reading.needs(NeedFilter()).total == SITES * NEEDS_A_SITE


def _seconds(question: Callable[[], object]) -> float:
    """The quickest of three: the machine may be busy with something else."""
    taken = []
    for _ in range(3):
        begin = time.perf_counter()
        question()
        taken.append(time.perf_counter() - begin)
    return min(taken)
