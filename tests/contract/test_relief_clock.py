"""What depends on the clock, and what a transaction reads: on the ledger in memory."""
from __future__ import annotations

import pytest
from moyai_client.errors import Refused
from moyai_contracts.api.relief import CancelDispatch, RequestDispatch

from tests.contract.relief_story import MemoryStory, shipping


def test_s09_a_clock_outside_shipping_and_now_is_flagged(memory_story: MemoryStory) -> None:
    story = memory_story
    early, late, right = story.shipped(), story.shipped(), story.shipped()
    now = story.channel.now
    story.channel.advance(3600)
    for box, scanned_at, off in ((early, now - 1, True), (late, now + 3601, True), (right, now, False)):
        data = story.receive(box, 60, scanned_at=scanned_at).data
        assert data.get("clock_off", False) is off
        assert story.read_package(box).get("clock_off", False) is off


def test_s09_a_box_never_announced_has_no_earliest_time(memory_story: MemoryStory) -> None:
    box = memory_story.request()
    data = memory_story.receive(box, 60, scanned_at=memory_story.channel.now - 86400).data
    assert data["unannounced"] and "clock_off" not in data


def test_s06_the_worker_cancels_what_nobody_shipped_in_time(memory_story: MemoryStory) -> None:
    story = memory_story
    box = story.request(ship_by=story.today)
    cancel = CancelDispatch(box.need_id, box.dispatch_id, "期限までに発送されませんでした")
    with pytest.raises(Refused):
        story.submit("worker", cancel)
    story.channel.advance(86400)
    story.submit("worker", cancel)
    assert story.figures(box) == (0, 0, 0)
    assert story.read_dispatch(box)["by"] == "worker"


def test_s05_an_offer_lasts_until_the_end_of_its_day(memory_story: MemoryStory) -> None:
    story = memory_story
    need, offer = story.need(), story.offer(available_until=story.today)
    story.request(need, offer, 1)
    story.channel.advance(86400)
    with pytest.raises(Refused) as refusal:
        story.request(need, offer, 1)
    assert (refusal.value.code, refusal.value.params) == ("offer_expired", {"offer_id": offer})


def test_s03_shipping_all_that_was_asked_touches_neither_need_nor_offer(memory_story: MemoryStory) -> None:
    prepared = memory_story.prepare("supporter", shipping(memory_story.request()))
    endorsed = memory_story.channel.endorsed[prepared.transaction_id]
    assert not any("relief.need" in key or "relief.offer" in key for key in [*endorsed.reads, *endorsed.writes])


def test_s06_a_request_reads_points_only(memory_story: MemoryStory) -> None:
    story = memory_story
    lines = tuple(story.line(story.need(), story.offer(), 5) for _ in range(10))
    prepared = story.prepare("clerk", RequestDispatch(lines))
    endorsed = story.channel.endorsed[prepared.transaction_id]
    assert not endorsed.read_write_set.ranges
    assert len(endorsed.writes) == 40
