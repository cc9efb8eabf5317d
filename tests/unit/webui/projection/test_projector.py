"""Whole blocks become rows, all of a block or nothing; what cannot be understood stops the projector and names it."""
from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from moyai_client import Block, NotSent
from moyai_contracts.api import relief
from sqlalchemy import func, select

from moyai_webui.projection.block import BrokenHandler, changes_of
from moyai_webui.projection.projector import Projector
from moyai_webui.reading import NeedFilter, OfferFilter
from moyai_webui.store import derived
from moyai_webui.store.projection_store import OutOfOrder, ProjectionStore
from moyai_webui.store.projection_tables import LedgerTransaction, Need, Projection
from tests.contract.channel import HACHIOJI, NANAO
from tests.contract.relief_story import MemoryStory
from tests.unit.webui.projected import Projected


def _counts(projected: Projected) -> dict[str, int]:
    with projected.database.reading() as connection:
        return {table.name: connection.scalar(select(func.count()).select_from(table)) or 0
                for table in Projection.metadata.sorted_tables}


def _last_block(projected: Projected) -> Block:
    return list(projected.chain.blocks(projected.chain.height() - 1))[0]


def _with_write(block: Block, key: str, value: bytes | None) -> Block:
    """The block with one more write in its only transaction."""
    (transaction,) = block.transactions
    return replace(block, transactions=(replace(transaction, writes=[*transaction.writes, (key, value)]),))


def test_a_block_is_applied_whole_or_not_at_all(projected: Projected, story: MemoryStory,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    projected.project()
    before = _counts(projected), projected.store.cursor()
    story.shipped()

    def break_down(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(derived, "recompute", break_down)
        projected.project()
    assert (_counts(projected), projected.store.cursor()) == before
    projected.project()
    assert projected.store.cursor() == projected.chain.height() - 1
    assert projected.reading.needs(NeedFilter()).total == 1


def test_an_invalid_transaction_is_recorded_with_its_code_and_changes_no_row(projected: Projected,
                                                                             story: MemoryStory) -> None:
    need_id, offer_id = story.need(100), story.offer(60)
    requests = [story.prepare("clerk", relief.RequestDispatch((story.line(need_id, offer_id, 60),)))
                for _ in range(2)]
    assert story.commit(*requests) == ["VALID", "MVCC_READ_CONFLICT"]
    reading = projected.project()
    need, offer = reading.need(need_id), reading.offer(offer_id)
    assert need is not None and offer is not None
    assert (need.committed, offer.requested, offer.waiting) == (60, 60, 1)
    with projected.database.reading() as connection:
        rows = connection.execute(select(LedgerTransaction.tx_id, LedgerTransaction.valid, LedgerTransaction.code,
                                         LedgerTransaction.event, LedgerTransaction.op)
                                  .where(LedgerTransaction.block == projected.store.cursor())
                                  .order_by(LedgerTransaction.number)).all()
    assert [(row.tx_id, row.valid, row.code) for row in rows] == [
        (requests[0].transaction_id, True, "VALID"), (requests[1].transaction_id, False, "MVCC_READ_CONFLICT")]
    assert rows[0].event == "relief.dispatch_requested" and rows[0].op and (rows[1].event, rows[1].op) == ("", "")
    told = reading.timeline(need_id)
    assert told is not None and requests[1].transaction_id not in {entry.tx_id for entry in told.entries}


def test_two_valid_transactions_of_a_block_leave_the_last_version(projected: Projected, story: MemoryStory) -> None:
    need_id, offer_id = story.need(100), story.offer(100)
    story.commit(story.prepare("clerk", relief.RequestDispatch((story.line(need_id, offer_id, 60),))),
                 story.prepare("oshima_clerk", relief.SetSiteStatus("133612", story.cast.foreign_site, True, 5)))
    reading = projected.project()
    need = reading.need(need_id)
    site = reading.site("133612", story.cast.foreign_site)
    assert need is not None and need.committed == 60
    assert site is not None and site.status is not None and site.status.headcount == 5


def test_a_block_that_comes_twice_is_applied_once(projected: Projected, story: MemoryStory) -> None:
    story.request()
    projected.project()
    before = _counts(projected)
    assert projected.store.apply(changes_of(_last_block(projected), NANAO)) is False
    assert _counts(projected) == before


def test_a_block_that_was_left_out_is_noticed(projected: Projected, story: MemoryStory) -> None:
    projected.project()
    story.need()
    story.need()
    with pytest.raises(OutOfOrder):
        projected.store.apply(changes_of(_last_block(projected), NANAO))


@pytest.mark.parametrize(("key", "value"), [
    ("\x00relief.rumour\x00live\x00", b"{}"),
    ("\x00relief.need\x00live\x0001HKQ0000000000000000000000\x00", b'{"v":1}'),
    ("\x00relief.need\x00live\x0001HKQ0000000000000000000000\x00", None),
    ("\x00relief.need\x0001HKQ0000000000000000000DRILL\x0001HKQ0000000000000000000000\x00", b'{"v":1}'),
    ("need", b"{}"),
], ids=["unknown type", "unknown shape", "deleted", "unknown scope", "simple key"])
def test_what_cannot_be_understood_stops_the_projector_before_the_block(projected: Projected, story: MemoryStory,
                                                                        key: str, value: bytes | None) -> None:
    projected.project()
    story.need()
    block = _with_write(_last_block(projected), key, value)
    cursor = projected.store.cursor()

    class Chain:
        def blocks(self, start: int, **_: Any) -> list[Block]:
            assert start == block.number
            return [block]

        def height(self) -> int:
            return block.number + 1

    with pytest.raises(BrokenHandler, match=f"block {block.number}, transaction {block.transactions[0].tx_id}"):
        Projector(Chain(), projected.store, NANAO).run(threading.Event())  # type: ignore[arg-type]
    assert projected.store.cursor() == cursor


def test_what_a_text_column_cannot_hold_is_left_out(projected: Projected, story: MemoryStory) -> None:
    """Anybody may have an invalid transaction ordered under any name."""
    story.need()
    block = list(projected.chain.blocks(projected.chain.height() - 1))[0]
    (transaction,) = block.transactions
    strange = replace(transaction, valid=False, code="ENDORSEMENT_POLICY_FAILURE", function="\x00" + "f" * 500,
                      tx_id="\x00", timestamp=-10**15)
    assert changes_of(replace(block, transactions=(strange,)), NANAO).rows("ledger_transaction")[0]["tx_id"] == ""
    for earlier in projected.chain.blocks(0, last=block.number - 1):
        projected.store.apply(changes_of(earlier, NANAO))
    assert projected.store.apply(changes_of(replace(block, transactions=(strange,)), NANAO))


def test_the_time_when_nothing_was_newer_is_noted_only_at_the_head(projected: Projected, story: MemoryStory) -> None:
    projected.project()
    seen_at = projected.reading.as_of().seen_at
    assert seen_at is not None
    story.need()
    projected.projector.glance()
    assert projected.reading.as_of().seen_at == seen_at
    projected.project()
    now_at = projected.reading.as_of().seen_at
    assert now_at is not None and now_at > seen_at


def test_a_peer_that_is_away_does_not_stop_the_glances(projected: Projected, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> int:
        raise NotSent("nobody answers")

    monkeypatch.setattr(projected.chain, "height", away)
    projected.projector.glance()
    assert projected.reading.as_of().seen_at is None


def test_as_of_says_block_and_time(projected: Projected, story: MemoryStory) -> None:
    story.need()
    as_of = projected.project().as_of()
    assert as_of.block == story.channel.height - 1
    assert as_of.block_at == projected.now()


def test_another_municipality_sees_the_same(database_url: str, story: MemoryStory) -> None:
    box, _ = story.differing()
    other = Projected(database_url, story.channel.ledger, HACHIOJI)
    package = other.project().package(box.package_id)
    assert package is not None and package.state == "received"
    assert other.reading.offers(OfferFilter(home=HACHIOJI)).total == 1
    other.close()


def test_a_second_projector_does_no_harm(projected: Projected, story: MemoryStory) -> None:
    story.need()
    projected.project()
    second = ProjectionStore(projected.database.writing, NANAO)
    Projector(projected.chain, second, NANAO).run(threading.Event())
    with projected.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(Need)) == 1
