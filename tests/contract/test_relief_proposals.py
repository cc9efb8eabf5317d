"""S6 where the office approves: a shelter proposes, nothing is taken before the office says so."""
from __future__ import annotations

from typing import Any

import pytest
from moyai_client.errors import Refused
from moyai_contracts.api.directory import SetPolicy
from moyai_contracts.api.relief import (
    ApproveDispatch, ApprovedLine, CloseNeed, ProposeDispatch, ProposedLine, RejectDispatch, WithdrawOffer)

from tests.contract.channel import NANAO
from tests.contract.relief_story import Box, Document, MemoryStory, Story
from tests.contract.scene import ulid


def propose(story: Story, quantity: int = 60, *, who: str = "shelter", **fields: Any) -> Box:
    """A proposal for a fresh need and offer; its box has no id before the office approves."""
    fields["need_id"] = fields.get("need_id") or story.need()
    fields["offer_id"] = fields.get("offer_id") or story.offer()
    line = ProposedLine(dispatch_id=ulid(), quantity=quantity, **fields)
    story.submit(who, ProposeDispatch((line,)))
    return Box(line.need_id, line.offer_id, line.dispatch_id, story.package_id(), quantity)


def approval(box: Box, **fields: Any) -> ApproveDispatch:
    return ApproveDispatch((ApprovedLine(box.need_id, box.dispatch_id, box.package_id, **fields),))


def code_of(attempt: Any) -> str:
    with pytest.raises(Refused) as refusal:
        attempt()
    return refusal.value.code


def test_s06_a_proposal_takes_nothing_and_an_approval_is_a_request(story: Story) -> None:
    box = propose(story)
    dispatch = story.read_dispatch(box)
    assert (dispatch["state"], dispatch["packages"], dispatch["quantity"]) == ("proposed", [], 60)
    assert dispatch["quantity"] - dispatch["released"] == 0, "it holds nothing"
    assert story.figures(box) == (0, 0, 0) and story.check_need(box.need_id)["agrees"]
    told = story.submit("clerk", approval(box)).data
    assert told["dispatches"] == [{
        "dispatch_id": box.dispatch_id, "need_id": box.need_id, "offer_id": box.offer_id,
        "package_id": box.package_id, "quantity": 60, "home": story["supporter"].code6}]
    assert told["deltas"] == [{"need_id": box.need_id, "committed": 60}, {"offer_id": box.offer_id, "requested": 60}]
    dispatch, package = story.read_dispatch(box), story.read_package(box)
    assert (dispatch["state"], dispatch["released"], dispatch["packages"]) == ("requested", 0, [box.package_id])
    assert (package["state"], package["label_serial"], package["to"]["site"]) == ("labelled", 1, story.cast.shelter)
    assert story.figures(box) == (60, 60, 0) and story.check_need(box.need_id)["agrees"]
    story.ship(box)
    story.receive(box, 60)
    assert story.check_need(box.need_id)["received"] == 60


def test_s06_a_rejected_proposal_gives_nothing_back_for_it_had_nothing(story: Story) -> None:
    box = propose(story)
    told = story.submit("clerk", RejectDispatch(box.need_id, box.dispatch_id, "別便で足ります")).data
    assert told["quantity"] == 60 and told["site"] == story.cast.shelter
    assert story.read_dispatch(box)["state"] == "rejected" and story.figures(box) == (0, 0, 0)
    assert code_of(lambda: story.submit("clerk", approval(box))) == "wrong_state"
    assert code_of(lambda: story.submit("clerk", RejectDispatch(box.need_id, box.dispatch_id, ""))) == "wrong_state"


def test_s06_the_policy_of_the_municipality_says_who_may_request(memory_story: MemoryStory) -> None:
    story = memory_story

    def policy(approval: str) -> None:
        rev = story.query("directory.get_municipality", code6=NANAO)["rev"]
        story.submit("admin", SetPolicy(approval, rev))

    story.request(who="shelter")
    policy("office")
    assert code_of(lambda: story.request(who="shelter")) == "not_permitted"
    story.request(who="clerk")
    story.submit("clerk", approval(propose(story)))
    policy("none")
    story.request(who="shelter")
    propose(story)


def test_s06_what_is_gone_when_the_office_approves_is_refused(memory_story: MemoryStory) -> None:
    story = memory_story
    need, offer = story.need(100), story.offer(70)
    first, second = (propose(story, need_id=need, offer_id=offer) for _ in range(2))
    story.submit("clerk", approval(first))
    with pytest.raises(Refused) as refusal:
        story.submit("clerk", approval(second))
    assert (refusal.value.code, refusal.value.params["available"]) == ("offer_short", 10)
    story.submit("clerk", approval(second, quantity=10))
    assert story.read_dispatch(second)["quantity"] == 10 and story.figures(second) == (70, 70, 0)


def test_s06_an_approval_may_lower_but_not_raise_and_may_set_the_terms(memory_story: MemoryStory) -> None:
    story = memory_story
    box = propose(story, ship_by="2099-01-01")
    assert code_of(lambda: story.submit("clerk", approval(box, quantity=61))) == "quantity_exceeded"
    story.submit("clerk", approval(box, ship_by="2099-02-02"))
    assert story.read_dispatch(box)["ship_by"] == "2099-02-02"


def test_s06_terms_of_a_proposal_hold_at_its_approval(memory_story: MemoryStory) -> None:
    story = memory_story
    need, offer = story.need(attributes={"size": "2L"}), story.offer(attributes={"size": "500mL"})
    assert code_of(lambda: propose(story, need_id=need, offer_id=offer)) == "item_mismatch"
    accepted = propose(story, need_id=need, offer_id=offer, accept_difference=True)
    mapped = propose(story, offer_id=story.offer(item_name="水", category="food"), need_id=story.need(),
                     mapped_item=story.cast.water)
    story.submit("clerk", ApproveDispatch(tuple(
        ApprovedLine(box.need_id, box.dispatch_id, box.package_id) for box in (accepted, mapped))))
    assert story.read_dispatch(mapped)["mapped_item"] == story.cast.water
    assert story.read_package(accepted)["lines"][0]["item"] == story.cast.water


def _closed_need(story: MemoryStory, box: Box) -> Any:
    return story.submit("clerk", CloseNeed(box.need_id, "enough", story.read_need(box.need_id)["rev"]))


def _withdrawn(story: MemoryStory, box: Box) -> Any:
    return story.submit("supporter", WithdrawOffer(box.offer_id, 1))


@pytest.mark.parametrize("change", [_closed_need, _withdrawn])
def test_s06_need_and_offer_are_looked_at_again(memory_story: MemoryStory, change: Any) -> None:
    box = propose(memory_story)
    change(memory_story, box)
    assert code_of(lambda: memory_story.submit("clerk", approval(box))) == "wrong_state"


@pytest.mark.parametrize(("who", "code"), [
    ("shelter", "not_permitted"), ("supporter", "not_permitted"), ("oshima_clerk", "foreign_record")])
def test_s06_only_the_own_office_decides(memory_story: MemoryStory, who: str, code: str) -> None:
    box = propose(memory_story)
    assert code_of(lambda: memory_story.submit(who, approval(box))) == code
    assert code_of(lambda: memory_story.submit(who, RejectDispatch(box.need_id, box.dispatch_id, ""))) == code


def test_s06_a_shelter_proposes_for_its_own_needs_alone_and_brings_new_ones_along(memory_story: MemoryStory) -> None:
    story = memory_story
    assert code_of(lambda: propose(story, who="school")) == "foreign_record"
    assert code_of(lambda: propose(story, who="clerk")) == "not_permitted"
    need: Document = {"need_id": ulid()}
    box = propose(story, 5, need_id=need["need_id"], new_need=story.need_line(8, **need))
    assert story.read_need(box.need_id)["committed"] == 0
    assert code_of(lambda: propose(story, 9, need_id=box.need_id)) == "need_covered"


def test_s06_one_proposal_is_not_approved_twice_in_a_command(memory_story: MemoryStory) -> None:
    box = propose(memory_story)
    line = ApprovedLine(box.need_id, box.dispatch_id, box.package_id)
    again = ApprovedLine(box.need_id, box.dispatch_id, memory_story.package_id())
    assert code_of(lambda: memory_story.submit("clerk", ApproveDispatch((line, again)))) == "bad_argument"
