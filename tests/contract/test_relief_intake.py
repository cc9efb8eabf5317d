"""S4: what a municipality does not want to be sent now."""
from __future__ import annotations

from typing import Any

import pytest
from moyai_client.errors import Refused
from moyai_contracts.api.relief import EVERY_ITEM, SetIntake

from tests.contract.channel import NANAO
from tests.contract.relief_story import MemoryStory, Story


def stop(story: Story, item: str | None = None, *, who: str = "clerk", until: str | None = "2099-12-31") -> Any:
    return story.submit(who, SetIntake(item or story.cast.water, True, until, "倉庫が一杯です"))


def resume(story: Story, item: str | None = None) -> Any:
    return story.submit("clerk", SetIntake(item or story.cast.water, False))


def refusal_of(attempt: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        attempt()
    return refusal.value


def test_s04_a_stop_turns_offers_for_needs_away_and_ends_again(story: Story) -> None:
    need = story.need()
    told = stop(story).data
    assert told == {"code6": NANAO, "item": story.cast.water, "stopped": True, "until": "2099-12-31",
                    "note": "倉庫が一杯です"}
    refused = refusal_of(lambda: story.offer(5, aimed_at=need))
    assert (refused.code, refused.params) == ("intake_stopped", {"until": "2099-12-31"})
    story.offer(5)
    resume(story)
    assert story.query("relief.get_intake", code6=NANAO, item=story.cast.water)["stopped"] is False
    story.offer(5, aimed_at=need)


@pytest.mark.parametrize(("item", "turned_away"), [("water", True), (EVERY_ITEM, True), ("blanket", False)])
def test_s04_a_stop_of_one_item_or_of_all(memory_story: MemoryStory, item: str, turned_away: bool) -> None:
    story = memory_story
    stop(story, {"water": story.cast.water, "blanket": story.cast.blanket}.get(item, item))
    need = story.need()
    if turned_away:
        assert refusal_of(lambda: story.offer(5, aimed_at=need)).code == "intake_stopped"
    else:
        story.offer(5, aimed_at=need)
    story.request(need)  # the receiver decides what it asks for itself


def test_s04_the_later_of_two_stops_is_told(memory_story: MemoryStory) -> None:
    story = memory_story
    stop(story, until="2098-01-01")
    stop(story, EVERY_ITEM, until="2098-02-01")
    assert refusal_of(lambda: story.offer(5, aimed_at=story.need())).params == {"until": "2098-02-01"}


def test_s04_a_stop_ends_with_its_day_in_japan(memory_story: MemoryStory) -> None:
    story = memory_story
    need = story.need()
    stop(story, until=story.today)
    assert refusal_of(lambda: story.offer(5, aimed_at=need)).code == "intake_stopped"
    story.channel.advance(86400)
    story.offer(5, aimed_at=need)


def test_s04_another_municipalitys_stop_is_its_own(memory_story: MemoryStory) -> None:
    stop(memory_story, who="oshima_clerk")
    offer = memory_story.offer(5, aimed_at=memory_story.need())
    assert memory_story.read_offer(offer)["state"] == "open"


STOPPED_WRONGLY: dict[str, tuple[str, dict[str, Any], Any]] = {
    "without an end": ("bad_argument", {"field": "until"}, lambda s: stop(s, until=None)),
    "until a day that is over": ("bad_argument", {"field": "until"}, lambda s: stop(s, until="2001-01-01")),
    "of an unknown item": ("not_found", {}, lambda s: stop(s, "172022-9999")),
    "by the shelter": ("not_permitted", {"roles": "A, C"}, lambda s: stop(s, who="shelter")),
    "by a supporter": ("not_permitted", {"roles": "A, C"}, lambda s: stop(s, who="local")),
}


@pytest.mark.parametrize("name", STOPPED_WRONGLY)
def test_s04_stopped_wrongly(memory_story: MemoryStory, name: str) -> None:
    code, params, attempt = STOPPED_WRONGLY[name]
    refused = refusal_of(lambda: attempt(memory_story))
    assert (refused.code, refused.params) == (code, params)
