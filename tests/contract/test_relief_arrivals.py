"""S9: the box is real. What fits no receipt is written down, and what waited on a phone is never refused."""
from __future__ import annotations

from typing import Any

import pytest
from moyai_client.errors import Refused
from moyai_contracts.api.relief import (
    AcknowledgeDiscrepancy, CancelDispatch, CloseNeed, ConfirmNeeds, HandOverPackage, IssueLabel, Place, RecallDispatch,
    ReceivedLine, ReceivePackage, RecordArrival, RegisterNeed, ReportLost, RequestDispatch, ResolveDiscrepancy,
    SetSiteStatus, SurplusLine)

from tests.contract.channel import NANAO, OSHIMA
from tests.contract.relief_story import Box, Document, MemoryStory, Story
from tests.contract.scene import ulid

UNPRINTED = "P00000000000"


def code_of(attempt: Any) -> str:
    with pytest.raises(Refused) as refusal:
        attempt()
    return refusal.value.code


def arrive(story: Story, who: str = "shelter", **fields: Any) -> Any:
    site = fields.pop("site", story.cast.shelter)
    return story.submit(who, RecordArrival(**({
        "arrival_id": ulid(), "site": site, "lines": (SurplusLine(12, item=story.cast.water),), "reason": "no_label",
        "scanned_at": story.channel.now} | fields)))


def read_arrival(story: Story, site: str, arrival_id: str, code6: str = NANAO) -> Document:
    return story.query("relief.get_arrival", code6=code6, site_id=site, arrival_id=arrival_id)


def lost(story: MemoryStory) -> Box:
    box = story.shipped()
    story.channel.advance(72 * 3600)
    story.submit("clerk", ReportLost(box.package_id))
    return box


def recalled(story: Story) -> Box:
    box = story.shipped()
    story.submit("clerk", RecallDispatch(box.need_id, box.dispatch_id, "道が通れません"))
    return box


def cancelled(story: Story) -> Box:
    box = story.request()
    story.submit("clerk", CancelDispatch(box.need_id, box.dispatch_id, "不要"))
    return box


# By hand

def test_s09_a_box_without_a_label(story: Story) -> None:
    told = arrive(story).data
    arrival = read_arrival(story, story.cast.shelter, told["arrival_id"])
    assert (arrival["reason"], arrival["lines"]) == ("no_label", [{"quantity": 12, "item": story.cast.water}])
    assert arrival["attested"] == "service" and "discrepancy_id" not in told


@pytest.mark.parametrize(("make", "kind"), [
    (lambda s: recalled(s), "recalled_arrived"), (lambda s: cancelled(s), "recalled_arrived"),
    (lambda s: lost(s), "recalled_arrived"),
    (lambda s: s.request(s.need(site=s.cast.school)), "wrong_site"),
    (lambda s: Box("", "", "", UNPRINTED, 0), "unknown_label"), (lambda s: s.shipped(), None)])
def test_s09_what_the_label_tells_reaches_the_sender(memory_story: MemoryStory, make: Any, kind: str | None) -> None:
    story = memory_story
    box = make(story)
    outcome = arrive(story, label_seen=f"{box.package_id[:4]}-{box.package_id[4:]}-01", reason="other")
    assert outcome.data.get("discrepancy_id") == (outcome.op if kind else None)
    if kind:
        discrepancy = story.read_discrepancy(box, outcome.op)
        assert (discrepancy["kind"], discrepancy["received"]["arrival_id"]) == (kind, outcome.data["arrival_id"])


@pytest.mark.parametrize("label", ["P0000", "12-3456-7890-1234-56", "T0000"])
def test_s09_a_label_that_cannot_be_read_is_kept_as_it_was_read(memory_story: MemoryStory, label: str) -> None:
    told = arrive(memory_story, label_seen=label, reason="unreadable", lines=()).data
    assert told["label_seen"] == label and "discrepancy_id" not in told


def test_s09_an_arrival_is_at_an_own_site_and_not_of_tomorrow(memory_story: MemoryStory) -> None:
    story = memory_story
    assert code_of(lambda: arrive(story, site=story.cast.foreign_site)) == "not_found"
    assert code_of(lambda: arrive(story, scanned_at=story.channel.now + 901)) == "time_out_of_range"
    assert code_of(lambda: arrive(story, "supporter")) == "not_permitted"
    arrival_id = arrive(story).data["arrival_id"]
    assert code_of(lambda: arrive(story, arrival_id=arrival_id, reason="other")) == "id_reused"
    told = arrive(story, scanned_at=story.channel.now + 60).data
    assert told["clock_off"] is True


def test_s09_no_operation_takes_the_place_of_anothers_discrepancy(memory_story: MemoryStory) -> None:
    story = memory_story
    box, discrepancy = story.differing()
    command = RecordArrival(ulid(), story.cast.foreign_site, (), "other", story.channel.now, label_seen=box.package_id)
    assert code_of(lambda: story.submit("oshima_clerk", command, op=discrepancy)) == "id_reused"
    assert story.read_discrepancy(box, discrepancy)["kind"] == "count"


# From a queue

QUEUED: dict[str, tuple[str, str, Any]] = {
    "voided": ("voided", "recalled_arrived", cancelled),
    "recalled": ("recalled", "recalled_arrived", recalled),
    "lost": ("lost", "recalled_arrived", lost),
    "another site": ("wrong_site", "wrong_site", lambda s: s.request(s.need(site=s.cast.school))),
    "unknown": ("unknown", "unknown_label", lambda s: Box(ulid(), ulid(), ulid(), UNPRINTED, 60)),
}


@pytest.mark.parametrize("name", QUEUED)
def test_s09_a_queued_scan_whose_label_does_not_fit_becomes_an_arrival(memory_story: MemoryStory, name: str) -> None:
    reason, kind, make = QUEUED[name]
    story = memory_story
    box = make(story)
    before = story.state
    command = story.receipt(box, 57, damaged=1, short=2, queued=True, surplus=(SurplusLine(1, item_name="手紙"),))
    outcome = story.submit("shelter", command)
    told = outcome.data
    assert (told["arrival_id"], told["arrival_reason"], told["discrepancy_id"]) == (outcome.op, reason, outcome.op)
    assert (told["lines"], told["deltas"]) == ([], []), "nothing was received"
    arrival = read_arrival(story, story.cast.shelter, outcome.op)
    item = {} if name == "unknown" else {"item": story.cast.water}
    assert arrival["lines"] == [item | {"quantity": 58}, {"quantity": 1, "item_name": "手紙"}]
    assert (arrival["reason"], arrival["label_seen"], arrival["queued"]) == (reason, f"{box.package_id}-01", True)
    assert story.read_discrepancy(box, outcome.op)["kind"] == kind
    assert {key for key in story.state if story.state[key] != before.get(key)} == {
        key for key in story.state if outcome.op in key}, "nothing else moved"
    assert story.submit("shelter", command, op=outcome.op).replayed


def test_s09_what_was_unknown_and_is_known_now_is_not_received_by_a_late_copy(memory_story: MemoryStory) -> None:
    story = memory_story
    box = Box(story.need(), story.offer(), ulid(), story.package_id(), 60)
    command, op = story.receipt(box, 60, queued=True), ulid()
    story.submit("shelter", command, op=op)
    line = story.line(box.need_id, box.offer_id, 60, dispatch_id=box.dispatch_id, package_id=box.package_id)
    story.submit("clerk", RequestDispatch((line,)))
    assert story.submit("shelter", command, op=op).replayed
    assert story.read_package(box)["state"] == "labelled"


def test_s09_another_municipalitys_box_is_an_arrival_here(memory_story: MemoryStory) -> None:
    story = memory_story
    box = story.shipped()
    command = story.receipt(box, 60, queued=True, site=story.cast.foreign_site)
    outcome = story.submit("oshima_clerk", command)
    assert outcome.data["to"] == {"code6": OSHIMA, "site": story.cast.foreign_site}
    assert read_arrival(story, story.cast.foreign_site, outcome.op, OSHIMA)["reason"] == "wrong_site"
    assert code_of(lambda: story.submit("oshima_clerk", story.receipt(box, 60))) == "foreign_record"
    # The sender sees it, and who found it settles it, whatever happened in between.
    story.submit("supporter", AcknowledgeDiscrepancy(box.package_id, outcome.op))
    resolve = ResolveDiscrepancy(box.package_id, outcome.op, "written_off")
    assert code_of(lambda: story.submit("clerk", resolve)) == "foreign_record"
    story.submit("oshima_clerk", resolve)


def test_s09_of_an_unknown_label_the_office_is_the_only_one_to_see_it(memory_story: MemoryStory) -> None:
    story = memory_story
    command = story.receipt(Box("", "", ulid(), UNPRINTED, 60), 60, queued=True)
    outcome = story.submit("shelter", command)
    seen = AcknowledgeDiscrepancy(UNPRINTED, outcome.op)
    for who in ("supporter", "local", "oshima_clerk"):
        assert code_of(lambda: story.submit(who, seen)) == "foreign_record"
    story.submit("clerk", seen)
    story.submit("clerk", ResolveDiscrepancy(UNPRINTED, outcome.op, "written_off"))


def test_s09_a_queued_serial_is_taken_old_or_new(memory_story: MemoryStory) -> None:
    story = memory_story
    old, new = story.shipped(), story.shipped()
    story.submit("clerk", IssueLabel(old.package_id))
    assert code_of(lambda: story.receive(old, 60)) == "label_superseded"
    story.receive(old, 60, queued=True)
    assert story.read_package(old)["receipt"]["label_serial"] == 1
    assert story.receive(new, 60, queued=True, label_serial=7).data["arrival_reason"] == "unknown"


def test_s09_counts_of_a_queue_fit_the_box_as_it_is(memory_story: MemoryStory) -> None:
    """The phone knew sixty; fifty were sent, of which it found fifty-two and one damaged."""
    story = memory_story
    box = story.shipped(50)
    told = story.receive(box, 52, damaged=1, short=7, queued=True).data
    (line,) = told["lines"]
    assert (line["good"], line["damaged"], line["short"], line["quantity"]) == (50, 0, 0, 50)
    assert told["surplus"] == [{"item": story.cast.water, "quantity": 3}]
    missing = story.shipped()
    told = story.receive(missing, 40, queued=True).data
    assert (told["lines"][0]["short"], story.read_need(missing.need_id)["committed"]) == (20, 40)


def test_s09_a_phone_that_never_knew_the_contents_says_all_is_here(memory_story: MemoryStory) -> None:
    story = memory_story
    box = story.shipped()
    bare = ReceivePackage(box.package_id, 1, (), story.channel.now, story.cast.shelter)
    assert code_of(lambda: story.submit("shelter", bare)) == "bad_argument"
    told = story.receive(box, 0, lines=(), queued=True).data
    assert told["lines"][0]["good"] == 60 and "discrepancy_id" not in told


def test_s09_lines_that_left_the_box_are_surplus(memory_story: MemoryStory) -> None:
    story = memory_story
    box = story.shipped()
    lines = (ReceivedLine(box.dispatch_id, 60), ReceivedLine(ulid(), 4, damaged=1, short=9))
    assert story.receive(box, 0, lines=lines, queued=True).data["surplus"] == [{"quantity": 5}]


def test_s09_a_hubs_queue_is_not_refused_either(memory_story: MemoryStory) -> None:
    story = memory_story
    box = cancelled(story)
    command = HandOverPackage(box.package_id, NANAO, story.cast.hub, story.channel.now, queued=True)
    outcome = story.submit("hub", command)
    assert (outcome.data["arrival_reason"], outcome.data["arrival_id"]) == ("voided", outcome.op)
    assert read_arrival(story, story.cast.hub, outcome.op)["lines"] == [{"item": story.cast.water, "quantity": 60}]
    assert story.submit("hub", command, op=outcome.op).replayed
    sender = HandOverPackage(UNPRINTED, NANAO, story.cast.hub, story.channel.now, queued=True)
    assert code_of(lambda: story.submit("supporter", sender)) == "label_unknown"


def test_s09_clocks_that_are_off_are_told(memory_story: MemoryStory) -> None:
    story = memory_story
    box = story.request(route=(Place(NANAO, story.cast.hub),))
    story.ship(box)
    early = HandOverPackage(box.package_id, NANAO, story.cast.hub, story.channel.now - 5, queued=True)
    assert story.submit("hub", early).data["clock_off"] is True


@pytest.mark.parametrize("who", ["shelter", "clerk"])
def test_s12_everything_a_shelter_does_may_wait_in_a_queue(story: Story, who: str) -> None:
    made = story.channel.now - 3600
    need = story.need_line(5)
    told = story.submit(who, RegisterNeed((need,), made_at=made, queued=True)).data
    assert (told["made_at"], told["queued"]) == (made, True)
    for command in (SetSiteStatus(NANAO, story.cast.shelter, True, 80, made_at=made, queued=True),
                    ConfirmNeeds(NANAO, story.cast.shelter, made_at=made, queued=True),
                    CloseNeed(need.need_id, "enough", made_at=made, queued=True)):
        told = story.submit(who, command).data
        assert (told["made_at"], told["queued"]) == (made, True)
    told = arrive(story, who, scanned_at=made, queued=True).data
    assert (told["scanned_at"], told["queued"]) == (made, True)
