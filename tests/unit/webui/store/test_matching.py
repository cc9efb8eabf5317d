"""What suggestions are calculated from, and the narrower questions of needs and dispatches."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from moyai_contracts.api import directory, relief

from moyai_webui.reading import DispatchFilter, NeedFilter
from tests.contract.channel import HACHIOJI, NANAO
from tests.contract.relief_story import MemoryStory
from tests.contract.scene import ulid
from tests.unit.webui.projected import Projected
from tests.unit.webui.town import begin_story


@pytest.fixture
def story(tmp_path: Path) -> MemoryStory:
    return begin_story(tmp_path / "consoles")


@pytest.fixture
def projected(database_url: str, story: MemoryStory) -> Iterator[Projected]:
    projected = Projected(database_url, story.channel.ledger, NANAO)
    yield projected
    projected.close()


def test_s06_the_material_is_every_open_need_and_free_offer(story: MemoryStory, projected: Projected) -> None:
    due = story.channel.now + 3 * 86400
    box = story.request(story.need(100, priority="urgent", needed_by=due, headcount=30), story.offer(80), 60)
    closed = story.need(5)
    story.submit("clerk", relief.CloseNeed(closed, "enough", 1))
    covered = story.need(7)
    story.request(covered, story.offer(7), 7)
    aimed = story.offer(9, aimed_at=box.need_id, available_from="2099-01-01")
    story.offer(5, item_name="千羽鶴", category="other")
    story.offer(4, available_until=story.today)
    story.channel.advance(86400)
    material = projected.project().material()
    (demand,) = material.demands
    assert (demand.need_id, demand.held, demand.missing, demand.priority, demand.headcount, demand.municipality) == (
        box.need_id, 60, 40, "urgent", 30, NANAO)
    assert demand.due is not None
    offers = {supply.offer_id: supply for supply in material.supplies}
    assert offers.keys() == {box.offer_id, aimed}
    assert (offers[box.offer_id].free, offers[box.offer_id].aimed_at) == (20, None)
    assert (offers[aimed].free, offers[aimed].aimed_at, offers[aimed].ships_from) == (9, box.need_id, HACHIOJI)
    assert offers[aimed].available_from is not None and offers[aimed].available_from.year == 2099


def test_s06_a_municipality_is_where_the_middle_of_its_sites_is(story: MemoryStory, projected: Projected) -> None:
    lines = [directory.SiteLine(f"M{number}", 0, "shelter", f"避難所{number}", "町", lat=lat, lon=136_000_000)
             for number, lat in enumerate((37_000_000, 38_000_000))]
    story.submit("admin", directory.SaveSite(tuple(lines)))
    assert projected.project().material().centroids == {NANAO: (37.5, 136.0)}


def test_s06_the_material_of_a_drill_is_its_own(story: MemoryStory, projected: Projected) -> None:
    real = story.need(10)
    drill = ulid()
    story.submit("admin", directory.OpenDrill(drill, "秋の訓練"))
    story.scope = drill
    story.submit("clerk", relief.SetSiteStatus(NANAO, story.cast.shelter, True, 30))
    played = story.need(20)
    reading = projected.project()
    assert [demand.need_id for demand in reading.material().demands] == [real]
    assert [demand.need_id for demand in reading.in_scope(drill).material().demands] == [played]


def test_s01_needs_are_asked_for_by_item(story: MemoryStory, projected: Projected) -> None:
    water, blanket = story.need(10), story.need(5, item=story.cast.blanket)
    reading = projected.project()
    for item, need_id in ((story.cast.water, water), (story.cast.blanket, blanket)):
        assert [need.need_id for need in reading.needs(NeedFilter(item=item)).rows] == [need_id]


def test_s06_dispatches_are_asked_for_by_receiver(story: MemoryStory, projected: Projected) -> None:
    box = story.request()
    reading = projected.project()

    def found(**wanted: str) -> list[str]:
        return [one.dispatch_id for one in reading.dispatches(DispatchFilter(**wanted)).rows]

    assert found(municipality=NANAO) == found(municipality=NANAO, site_id=story.cast.shelter) == [box.dispatch_id]
    assert found(municipality=HACHIOJI) == found(municipality=NANAO, site_id=story.cast.school) == []


def test_s04_stops_of_today_those_of_everything_first(story: MemoryStory, projected: Projected) -> None:
    for item, until in ((story.cast.blanket, "2099-12-31"), ("*", "2099-12-30"), (story.cast.water, story.today)):
        story.submit("clerk", relief.SetIntake(item=item, stopped=True, until=until, note="置き場所がありません"))
    assert len(projected.project().intakes()) == 3
    story.channel.advance(int(timedelta(days=1).total_seconds()))
    everything, blankets = projected.project().intakes(NANAO)
    assert everything.item is None and everything.until.isoformat() == "2099-12-30"
    assert blankets.item is not None and blankets.item.code == story.cast.blanket and blankets.note == "置き場所がありません"
    assert everything.stops(NANAO, story.cast.water) and not blankets.stops(NANAO, story.cast.water)
    assert projected.project().intakes(HACHIOJI) == ()
    story.submit("clerk", relief.SetIntake(item="*", stopped=False))
    assert [one.item.code if one.item else "*" for one in projected.project().intakes()] == [story.cast.blanket]
