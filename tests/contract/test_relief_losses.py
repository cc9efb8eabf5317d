"""S6 and S9: counted anew, called back, never arrived; each with its table of who may and when not."""
from __future__ import annotations

from typing import Any

import pytest
from moyai_client.errors import Refused
from moyai_contracts.api.relief import (
    AcknowledgeDiscrepancy, CorrectReceipt, PackedLine, PackedPackage, RecallDispatch, ReceivedLine, RepackDispatch,
    ReportLost, ResolveDiscrepancy, SurplusLine)

from tests.contract.relief_story import Box, MemoryStory, Story, shipping
from tests.contract.scene import ulid

THREE_DAYS = 72 * 3600


def code_of(attempt: Any) -> str:
    with pytest.raises(Refused) as refusal:
        attempt()
    return refusal.value.code


def correct(story: Story, box: Box, good: int, *, who: str = "deputy", **fields: Any) -> Any:
    counts = {name: fields.pop(name) for name in ("short", "damaged", "refused") if name in fields}
    command = CorrectReceipt(**({"package_id": box.package_id, "correction_id": ulid(), "reason": "数え直しました",
                                 "lines": (ReceivedLine(box.dispatch_id, good, **counts),)} | fields))
    return story.submit(who, command)


def recall(story: Story, box: Box, *, who: str = "clerk") -> Any:
    return story.submit(who, RecallDispatch(box.need_id, box.dispatch_id, "道が通れません"))


def split(story: Story, box: Box, *quantities: int) -> list[Box]:
    """The box's dispatch in several boxes."""
    new = [PackedPackage(story.package_id(), (PackedLine(box.dispatch_id, quantity),)) for quantity in quantities]
    story.submit("supporter", RepackDispatch((box.package_id,), tuple(new)))
    return [Box(box.need_id, box.offer_id, box.dispatch_id, packing.package_id, quantity)
            for packing, quantity in zip(new, quantities)]


# Counted anew

def test_s09_the_office_counts_anew_and_both_counts_stay(story: Story) -> None:
    box, first = story.differing()
    outcome = correct(story, box, 57, short=3)
    told = outcome.data
    assert told["deltas"] == [{"need_id": box.need_id, "committed": 7}]
    receipt = story.read_package(box)["receipt"]
    assert (receipt["lines"][0]["good"], receipt["correction_id"]) == (57, told["correction_id"])
    correction = story.read_discrepancy(box, told["correction_id"])
    assert (correction["kind"], correction["state"], correction["reason"]) == ("count", "open", "数え直しました")
    assert correction["before"]["lines"][0]["good"] == 50 and correction["received"]["lines"][0]["good"] == 57
    assert story.read_discrepancy(box, first)["received"]["lines"][0]["good"] == 50, "the first one stays"
    assert story.figures(box) == (57, 60, 0) and story.check_need(box.need_id)["agrees"]


def test_s09_a_correction_downwards_gives_back(memory_story: MemoryStory) -> None:
    story = memory_story
    box = story.shipped()
    story.receive(box, 60)
    told = correct(story, box, 40, short=15, damaged=5).data
    assert told["deltas"] == [{"need_id": box.need_id, "committed": -20}]
    assert story.read_need(box.need_id)["committed"] == 40 and story.check_need(box.need_id)["agrees"]


def test_s09_what_others_were_asked_for_meanwhile_is_surplus(memory_story: MemoryStory) -> None:
    """Ten were short, the need asked elsewhere for seven of them: three come back as good, seven are surplus."""
    story = memory_story
    need = story.need(60)
    box = story.request(need)
    story.ship(box)
    story.receive(box, 50, short=8, damaged=2)
    story.request(need, story.offer(), 7)
    told = correct(story, box, 60).data
    (line,) = told["lines"]
    assert (line["good"], line["short"], line["damaged"]) == (53, 7, 0)
    assert told["surplus"] == [{"item": story.cast.water, "quantity": 7}]
    assert story.read_need(need)["committed"] == 60 and story.check_need(need)["agrees"]


def test_s09_surplus_stays_unless_it_is_counted_anew(memory_story: MemoryStory) -> None:
    story = memory_story
    box = story.shipped()
    story.receive(box, 60, surplus=(SurplusLine(4, item=story.cast.water),))
    assert correct(story, box, 59, short=1).data["surplus"] == [{"item": story.cast.water, "quantity": 4}]
    assert correct(story, box, 59, short=1, surplus=()).data["surplus"] == []


CORRECTED_WRONGLY: dict[str, tuple[str, Any]] = {
    "without a key": ("key_required", lambda s, b: correct(s, b, 60, who="clerk")),
    "by the shelter": ("not_permitted", lambda s, b: correct(s, b, 60, who="shelter")),
    "another municipality's": ("key_required", lambda s, b: correct(s, b, 60, who="oshima_clerk")),
    "what is on its way": ("wrong_state", lambda s, b: correct(s, s.shipped(), 60)),
    "an unknown box": ("label_unknown", lambda s, b: correct(s, b, 60, package_id="P00000000000")),
    "sums that do not fit": ("count_mismatch", lambda s, b: correct(s, b, 59)),
    "lines of another box": ("bad_argument", lambda s, b: correct(s, b, 60, lines=(ReceivedLine(ulid(), 60),))),
    "a correction's id again": ("id_reused", lambda s, b: [
        correct(s, b, good, short=60 - good, correction_id="01" + "C" * 24) for good in (58, 59)]),
}


@pytest.mark.parametrize("name", CORRECTED_WRONGLY)
def test_s09_corrected_wrongly(memory_story: MemoryStory, name: str) -> None:
    code, attempt = CORRECTED_WRONGLY[name]
    box, _ = memory_story.differing()
    assert code_of(lambda: attempt(memory_story, box)) == code


def test_s09_a_scan_that_a_correction_overtook_is_not_told_twice(memory_story: MemoryStory) -> None:
    """The phone sends its queue again after the office has counted anew: its scan was done."""
    story = memory_story
    box, op = story.shipped(), ulid()
    command = story.receipt(box, 50, short=10, queued=True)
    story.submit("shelter", command, op=op)
    correct(story, box, 60)
    assert story.submit("shelter", command, op=op).replayed


# Called back

def test_s06_what_is_called_back_is_needed_again(story: Story) -> None:
    box = story.shipped()
    told = recall(story, box).data
    assert (told["quantity"], told["packages"]) == (60, [box.package_id])
    assert told["deltas"] == [{"need_id": box.need_id, "committed": -60}], "the goods are gone from the offer"
    assert story.read_dispatch(box)["state"] == story.read_package(box)["state"] == "recalled"
    assert story.figures(box) == (0, 60, 0) and story.check_need(box.need_id)["agrees"]
    assert code_of(lambda: story.receive(box, 60)) == "package_voided"


def test_s06_only_what_has_not_come_is_called_back(memory_story: MemoryStory) -> None:
    """Of three boxes one is here, one on its way, one has not left: that one is on offer again."""
    story = memory_story
    here, coming, waiting = split(story, box := story.request(), 10, 20, 30)
    for each in (here, coming):
        story.submit("supporter", shipping(each))
    story.receive(here, 10)
    told = recall(story, box).data
    assert told["quantity"] == 50 and set(told["packages"]) == {coming.package_id, waiting.package_id}
    states = [story.read_package(each)["state"] for each in (here, coming, waiting)]
    assert states == ["received", "recalled", "voided"]
    dispatch = story.read_dispatch(box)
    assert (dispatch["state"], dispatch["released"], dispatch["shipped"]) == ("recalled", 30, 30)
    assert story.figures(box) == (10, 30, 0) and story.check_need(box.need_id)["agrees"]


def test_s06_a_box_turns_round_with_all_that_is_in_it(memory_story: MemoryStory) -> None:
    story = memory_story
    one, other = story.request(), story.request(quantity=30)
    shared = PackedPackage(story.package_id(), (PackedLine(one.dispatch_id, 60), PackedLine(other.dispatch_id, 30)))
    story.submit("supporter", RepackDispatch((one.package_id, other.package_id), (shared,)))
    story.submit("supporter", shipping(Box(one.need_id, one.offer_id, one.dispatch_id, shared.package_id, 60)))
    told = recall(story, one).data
    assert told["quantity"] == 60
    assert {delta["need_id"]: delta["committed"] for delta in told["deltas"]} == {one.need_id: -60, other.need_id: -30}
    assert story.check_need(other.need_id)["agrees"] and story.read_need(other.need_id)["committed"] == 0


RECALLED_WRONGLY: dict[str, tuple[str, Any]] = {
    "before shipping": ("wrong_state", lambda s: recall(s, s.request())),
    "what is received": ("wrong_state", lambda s: (s.receive(b := s.shipped(), 60), recall(s, b))),
    "twice": ("wrong_state", lambda s: (recall(s, b := s.shipped()), recall(s, b))),
    "by the shelter": ("not_permitted", lambda s: recall(s, s.shipped(), who="shelter")),
    "by the sender": ("not_permitted", lambda s: recall(s, s.shipped(), who="supporter")),
    "by another municipality": ("foreign_record", lambda s: recall(s, s.shipped(), who="oshima_clerk")),
}


@pytest.mark.parametrize("name", RECALLED_WRONGLY)
def test_s06_recalled_wrongly(memory_story: MemoryStory, name: str) -> None:
    code, attempt = RECALLED_WRONGLY[name]
    assert code_of(lambda: attempt(memory_story)) == code


# Never arrived

@pytest.mark.parametrize("who", ["clerk", "supporter"])
def test_s09_either_side_gives_a_box_up_after_three_days(memory_story: MemoryStory, who: str) -> None:
    story = memory_story
    box = story.shipped()
    story.channel.advance(THREE_DAYS - 1)
    assert code_of(lambda: story.submit(who, ReportLost(box.package_id))) == "wrong_state"
    story.channel.advance(1)
    outcome = story.submit(who, ReportLost(box.package_id))
    assert outcome.data["deltas"] == [{"need_id": box.need_id, "committed": -60}]
    discrepancy = story.read_discrepancy(box, outcome.op)
    assert (discrepancy["kind"], discrepancy["received"]["lines"][0]["short"]) == ("lost", 60)
    assert story.read_package(box)["state"] == "lost" and story.read_dispatch(box)["state"] == "shipped"
    assert story.figures(box) == (0, 60, 0) and story.check_need(box.need_id)["agrees"]
    story.submit("supporter", AcknowledgeDiscrepancy(box.package_id, outcome.op))
    story.submit("clerk", ResolveDiscrepancy(box.package_id, outcome.op, "resent"))


@pytest.mark.parametrize(("who", "code"), [
    ("shelter", "not_permitted"), ("neighbour", "foreign_record"), ("oshima_clerk", "foreign_record")])
def test_s09_nobody_else_gives_it_up(memory_story: MemoryStory, who: str, code: str) -> None:
    box = memory_story.shipped()
    memory_story.channel.advance(THREE_DAYS)
    assert code_of(lambda: memory_story.submit(who, ReportLost(box.package_id))) == code


def test_s09_what_has_not_left_is_not_lost(story: Story) -> None:
    box = story.request()
    assert code_of(lambda: story.submit("clerk", ReportLost(box.package_id))) == "wrong_state"
    assert code_of(lambda: story.submit("clerk", ReportLost("P00000000000"))) == "label_unknown"
