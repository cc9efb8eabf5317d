"""S12: a drill is a scope of its own. Whoever takes part opened it; what it holds never meets what is real."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from moyai_client.errors import Refused
from moyai_contracts.api.directory import CloseDrill, OpenDrill
from moyai_contracts.api.relief import AcknowledgeDiscrepancy, RegisterNeed, SetIntake, SetSiteStatus

from tests.contract.channel import HACHIOJI, NANAO
from tests.contract.relief_story import Box, MemoryStory, Story, package_id
from tests.contract.scene import ulid

ADMINISTRATORS = {NANAO: "admin", HACHIOJI: "hachioji_admin"}


def code_of(attempt: Any) -> str:
    with pytest.raises(Refused) as refusal:
        attempt()
    return refusal.value.code


def open_drill(story: Story, *municipalities: str) -> str:
    """A drill that these municipalities take part in, where the shelter is open."""
    drill = ulid()
    for code6 in municipalities or ADMINISTRATORS:
        story.submit(ADMINISTRATORS[code6], OpenDrill(drill, "秋の訓練"))
    return drill


@contextmanager
def playing(story: Story, drill: str) -> Iterator[Story]:
    """The story goes on in a drill."""
    story.scope = drill
    try:
        story.submit("clerk", SetSiteStatus(NANAO, story.cast.shelter, True, 30))
        yield story
    finally:
        story.scope = None


def test_s12_a_drill_from_need_to_receipt_and_its_end(story: Story) -> None:
    before = story.query("relief.get_site_status", code6=NANAO, site_id=story.cast.shelter)
    drill = open_drill(story)
    with playing(story, drill):
        box = story.shipped()
        assert box.package_id[0] == "T"
        outcome = story.receive(box, 55, short=5)
        assert story.check_need(box.need_id)["agrees"] and story.read_discrepancy(box, outcome.op)["kind"] == "count"
        need = box.need_id
    assert story.query("relief.get_site_status", code6=NANAO, site_id=story.cast.shelter) == before
    assert code_of(lambda: story.read_need(need)) == "not_found", "nothing of it is real"
    document = story.query("directory.get_drill", code6=NANAO, drill_id=drill)
    assert (document["status"], document["title"], document["opened_by"]) == (
        "open", "秋の訓練", story["admin"].account)
    for who in ADMINISTRATORS.values():
        story.submit(who, CloseDrill(drill))
    with pytest.raises(Refused) as refusal, playing(story, drill):
        raise AssertionError("the drill goes on")
    assert refusal.value.code == "scope_closed"
    assert story.query("directory.get_drill", code6=NANAO, drill_id=drill)["status"] == "closed"


def test_s12_whoever_has_not_opened_a_drill_takes_no_part(memory_story: MemoryStory) -> None:
    story = memory_story
    with playing(story, open_drill(story, NANAO)):
        need = story.need()
        assert code_of(lambda: story.offer(5, aimed_at=need)) == "not_found"
        story.submit("hachioji_admin", OpenDrill(story.scope or "", "七尾市の訓練に参加"))
        story.offer(5, aimed_at=need)
        assert code_of(lambda: story.submit("oshima_clerk", SetIntake("*", False))) == "not_found"


def test_s12_each_municipality_ends_its_own_part(memory_story: MemoryStory) -> None:
    story = memory_story
    drill = open_drill(story)
    with playing(story, drill):
        offer, op = story.offering(5), ulid()
        story.submit("supporter", offer, op=op)
        story.submit("hachioji_admin", CloseDrill(drill))
        assert code_of(lambda: story.offer(5)) == "scope_closed"
        assert story.submit("supporter", offer, op=op).replayed, "a late copy still finds its result"
        story.need()


def test_s12_records_of_two_scopes_may_have_one_id(memory_story: MemoryStory) -> None:
    story = memory_story
    line = story.need_line(7)
    story.submit("clerk", RegisterNeed((line,)))
    with playing(story, open_drill(story)):
        story.submit("clerk", RegisterNeed((line,)))
        offer = story.offer(7)
        story.request(line.need_id, offer, 7)
        assert story.read_need(line.need_id)["committed"] == 7
    assert story.read_need(line.need_id)["committed"] == 0
    assert code_of(lambda: story.request(line.need_id, offer, 7)) == "not_found"


LABELS = {"asking for": lambda s, b: s.request(package_id=b.package_id), "shipping": lambda s, b: s.ship(b),
          "receiving": lambda s, b: s.receive(b, 60), "receiving later": lambda s, b: s.receive(b, 60, queued=True),
          "a difference": lambda s, b: s.submit("supporter", AcknowledgeDiscrepancy(b.package_id, ulid()))}


@pytest.mark.parametrize("name", LABELS)
@pytest.mark.parametrize("in_drill", [True, False])
def test_s12_labels_of_the_other_scope_are_refused(memory_story: MemoryStory, name: str, in_drill: bool) -> None:
    story, drill = memory_story, open_drill(memory_story)
    if in_drill:
        box = story.shipped()
        with playing(story, drill):
            assert code_of(lambda: LABELS[name](story, box)) == "wrong_scope"
        return
    with playing(story, drill):
        box = story.shipped()
    assert code_of(lambda: LABELS[name](story, box)) == "wrong_scope"


def test_s12_a_drill_is_opened_once_and_closed_once(memory_story: MemoryStory) -> None:
    story = memory_story
    drill = open_drill(story, NANAO)
    assert code_of(lambda: story.submit("admin", OpenDrill(drill, "別の名前"))) == "id_reused"
    assert code_of(lambda: story.submit("clerk", CloseDrill(drill))) == "not_permitted"
    assert code_of(lambda: story.submit("hachioji_admin", CloseDrill(drill))) == "not_found"
    story.submit("admin", CloseDrill(drill))
    assert code_of(lambda: story.submit("admin", CloseDrill(drill))) == "wrong_state"
    assert code_of(lambda: story.submit("admin", OpenDrill(drill, "もう一度"))) == "id_reused"


def test_s12_days_and_sites_of_a_drill(memory_story: MemoryStory) -> None:
    story, drill = memory_story, ulid()
    assert code_of(lambda: story.submit("admin", OpenDrill(drill, "訓練", "2099-02-02", "2099-02-01"))) == "bad_argument"
    assert code_of(lambda: story.submit("admin", OpenDrill(drill, "訓練", sites=("T-nowhere",)))) == "not_found"
    story.submit("admin", OpenDrill(drill, "訓練", "2099-02-01", "2099-02-02", (story.cast.shelter,)))
    document = story.query("directory.get_drill", code6=NANAO, drill_id=drill)
    assert (document["starts_on"], document["ends_on"], document["sites"]) == (
        "2099-02-01", "2099-02-02", [story.cast.shelter])


def test_s12_an_unknown_drill_is_no_scope(memory_story: MemoryStory) -> None:
    memory_story.scope = ulid()
    assert code_of(lambda: memory_story.need()) == "not_found"
    assert code_of(lambda: memory_story.receive(Box("", "", ulid(), package_id("T"), 1), 1)) == "not_found"
