"""Two at once: exactly one wins where only one can, and the other is told what is left."""
from __future__ import annotations

import random

import pytest
from moyai_client.errors import Refused
from moyai_client.ledger import Prepared
from moyai_contracts.api.relief import CancelDispatch, RequestDispatch

from tests.contract.relief_story import MemoryStory, shipping

CONFLICT = "MVCC_READ_CONFLICT"


@pytest.fixture
def story(memory_story: MemoryStory) -> MemoryStory:
    """Blocks are made by hand here."""
    return memory_story


def ask(story: MemoryStory, who: str, need: str, offer: str, quantity: int) -> Prepared:
    return story.prepare(who, RequestDispatch((story.line(need, offer, quantity),)))


def test_s06_one_offer_that_covers_one_of_two_sites_of_two_municipalities_100_of_100(
        story: MemoryStory) -> None:
    for seed in range(100):
        chance = random.Random(seed)
        offered, mine, theirs = 100, chance.randint(51, 100), chance.randint(51, 100)
        offer = story.offer(offered)
        asks = [("shelter", story.need(100), mine),
                ("oshima_clerk", story.need(100, who="oshima_clerk", site=story.cast.foreign_site), theirs)]
        chance.shuffle(asks)
        codes = story.commit(*[ask(story, who, need, offer, quantity) for who, need, quantity in asks])
        assert codes == ["VALID", CONFLICT], seed
        who, need, quantity = asks[1]
        with pytest.raises(Refused) as refusal:
            ask(story, who, need, offer, quantity)
        assert refusal.value.code == "offer_short"
        assert refusal.value.params["available"] == offered - asks[0][2]
        left = offered - asks[0][2]
        if left:
            assert story.commit(ask(story, who, need, offer, left)) == ["VALID"]
        assert story.read_offer(offer)["requested"] == offered


def test_s06_one_offer_that_covers_both_serves_both(story: MemoryStory) -> None:
    for seed in range(100):
        offer, needs = story.offer(100), [story.need(50), story.need(50, site=story.cast.school)]
        random.Random(seed).shuffle(needs)
        both = [ask(story, "clerk", need, offer, 50) for need in needs]
        assert story.commit(*both) == ["VALID", CONFLICT]
        assert story.commit(ask(story, "clerk", needs[1], offer, 50)) == ["VALID"]
        assert story.read_offer(offer)["requested"] == 100


def test_s06_two_clerks_fill_one_need_from_two_offers(story: MemoryStory) -> None:
    need, offers = story.need(60), [story.offer(50), story.offer(50)]
    asked = [ask(story, who, need, offer, 40) for who, offer in zip(("clerk", "admin"), offers)]
    assert story.commit(*asked) == ["VALID", CONFLICT]
    with pytest.raises(Refused) as refusal:
        ask(story, "admin", need, offers[1], 40)
    assert (refusal.value.code, refusal.value.params["open"]) == ("need_covered", 20)


def test_s06_different_needs_and_offers_do_not_meet(story: MemoryStory) -> None:
    asked = [ask(story, "clerk", story.need(), story.offer(), 5) for _ in range(10)]
    assert story.commit(*asked) == ["VALID"] * 10


@pytest.mark.parametrize("first", ["ship", "cancel", "receive"])
@pytest.mark.parametrize("second", ["ship", "cancel", "receive"])
def test_s09_of_shipping_cancelling_and_receiving_one_box_exactly_one_wins(
        story: MemoryStory, first: str, second: str) -> None:
    box = story.request()
    commands = {"ship": lambda: ("supporter", shipping(box)),
                "cancel": lambda: ("clerk", CancelDispatch(box.need_id, box.dispatch_id, "不要")),
                "receive": lambda: ("shelter", story.receipt(box, 59, short=1))}
    endorsed = []
    for name in (first, second):
        who, command = commands[name]()
        endorsed.append(story.prepare(who, command))
    assert story.commit(*endorsed) == ["VALID", CONFLICT]
    state = {"ship": "shipped", "cancel": "cancelled", "receive": "shipped"}[first]
    assert story.read_dispatch(box)["state"] == state


def test_s09_two_receipts_give_back_once(story: MemoryStory) -> None:
    box = story.shipped()
    scans = [story.prepare(who, story.receipt(box, 50, short=10)) for who in ("shelter", "clerk")]
    assert story.commit(*scans) == ["VALID", CONFLICT]
    assert story.receive(box, 50, who="clerk", short=10).replayed
    assert story.figures(box) == (50, 60, 0)


def test_s06_a_lost_conflict_leaves_no_box(story: MemoryStory) -> None:
    offer, needs = story.offer(100), [story.need(), story.need()]
    lines = [story.line(need, offer, 10) for need in needs]
    both = [story.prepare("clerk", RequestDispatch((line,))) for line in lines]
    assert story.commit(*both) == ["VALID", CONFLICT]
    with pytest.raises(Refused) as refusal:
        story.query("relief.get_package", package_id=lines[1].package_id)
    assert refusal.value.code == "not_found"
    assert story.read_need(needs[1])["committed"] == 0
