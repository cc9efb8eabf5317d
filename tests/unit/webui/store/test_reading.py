"""The pages' questions, answered from the projection of a story on the ledger in memory."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from moyai_contracts.api import directory, relief

from moyai_webui.reading import DispatchFilter, NeedFilter, OfferFilter, PackageFilter, RecordFilter
from moyai_webui.store.reading import SqlReading
from tests.contract.channel import HACHIOJI, NANAO, OSHIMA
from tests.contract.relief_story import Box, MemoryStory
from tests.contract.scene import item_line, ulid
from tests.unit.webui.projected import Projected
from tests.unit.webui.town import begin_story

NEED_STATUSES = ("open", "part", "held", "done", "stale", "off")
OFFER_STATUSES = ("open", "asked", "part", "all", "late", "off")
TWO_DAYS = 48 * 3600


class Reader:
    """A story and what the pages of 七尾市 read of it."""

    def __init__(self, story: MemoryStory, projected: Projected) -> None:
        self.story = story
        self._projected = projected

    @property
    def now(self) -> SqlReading:
        return self._projected.project()

    @property
    def clock(self) -> Projected:
        return self._projected


@pytest.fixture
def reader(database_url: str, tmp_path: Path) -> Iterator[Reader]:
    story = begin_story(tmp_path / "consoles")
    projected = Projected(database_url, story.channel.ledger, NANAO)
    yield Reader(story, projected)
    projected.close()


def test_s02_the_axes_follow_a_box_from_request_to_short_receipt(reader: Reader) -> None:
    box = reader.story.request(quantity=60)

    def figures() -> tuple[int, int, int, bool]:
        need = reader.now.need(box.need_id)
        assert need is not None
        return need.committed, need.in_transit, need.received, need.settled

    assert figures() == (60, 0, 0, False)
    reader.story.ship(box)
    assert figures() == (60, 60, 0, False)
    reader.story.receive(box, 45, short=10, damaged=5)
    assert figures() == (45, 0, 45, False)


def test_s03_a_need_leaves_the_list_when_enough_is_shipped_and_returns_when_it_comes_short(reader: Reader) -> None:
    box = reader.story.request(quantity=100)
    listed = NeedFilter()
    reader.story.ship(box)
    assert reader.now.needs(listed).total == 0
    reader.story.receive(box, 90, short=10)
    (need,) = reader.now.needs(listed).rows
    assert (need.need_id, need.missing) == (box.need_id, 10)


def test_s03_free_offers_aimed_at_a_need_lower_the_shown_figure_only(reader: Reader) -> None:
    story = reader.story
    need_id = story.need(100)
    story.offer(30, aimed_at=need_id)
    story.offer(20, aimed_at=need_id, available_until="2024-01-10")
    story.offer(5, aimed_at=need_id, expires_on="2024-01")
    need = reader.now.need(need_id)
    assert need is not None and (need.open, need.missing) == (45, 100)
    story.channel.ledger.now += 2 * 24 * 3600  # the second offer's period is over
    need = reader.now.need(need_id)
    assert need is not None and need.open == 65
    story.channel.ledger.now += 24 * 24 * 3600  # February: the third one's goods are past their date
    need = reader.now.need(need_id)
    assert need is not None and need.open == 70


def test_s02_every_status_filter_agrees_with_the_status_shown(reader: Reader) -> None:
    story = reader.story
    story.need()
    story.request(quantity=40)
    story.request(quantity=100)
    story.receive(_shipped(story, 100), 100)
    story.submit("clerk", relief.CloseNeed(story.need(), "enough", 1))
    story.channel.ledger.now += TWO_DAYS + 1
    story.need(site=story.cast.school)  # the others are stale by now
    confirmed = story.need(site=story.cast.shelter)
    story.submit("clerk", relief.ChangeNeed(confirmed, 1, quantity=10))
    found = {status: reader.now.needs(NeedFilter(status=status)).rows for status in NEED_STATUSES}
    now = reader.clock.now()
    assert all(need.status(now) == status for status, needs in found.items() for need in needs)
    assert sum(map(len, found.values())) == 7, "every need has exactly one status"
    assert {status for status, needs in found.items() if needs} == set(NEED_STATUSES) - {"part"}
    story.submit("clerk", relief.ConfirmNeeds(NANAO, story.cast.shelter))
    assert reader.now.needs(NeedFilter(status="stale")).total == 0
    assert reader.now.needs(NeedFilter(status="part")).total == 1


def test_s02_the_list_is_filtered_sorted_and_cut(reader: Reader) -> None:
    story = reader.story
    now = story.channel.now
    slow = story.need(10)
    soon = story.need(20, needed_by=now + 3600, item=story.cast.blanket, site=story.cast.school)
    later = story.need(30, needed_by=now + 7200)
    urgent = story.need(40, priority="urgent", site=story.cast.school)
    story.submit("oshima_clerk", relief.RegisterNeed((relief.NeedLine(
        ulid(), story.cast.foreign_site, _oshima_item(story), 1, priority="high"),)))

    def ids(**wanted: object) -> list[str]:
        return [need.need_id for need in reader.now.needs(NeedFilter(municipality=NANAO, **wanted)).rows]

    assert ids() == [urgent, soon, later, slow]
    assert ids(sort="newest") == [urgent, later, soon, slow]
    assert ids(category="blanket") == ids(text="毛布 田鶴浜") == [soon]
    assert ids(priority="urgent") == [urgent]
    assert ids(due_before=reader.clock.now() + timedelta(hours=1, seconds=1)) == [soon]
    assert ids(site_id=story.cast.school) == [urgent, soon]
    assert ids(text="100%_") == []
    second = reader.now.needs(NeedFilter(page=2, size=2))
    assert (second.total, second.places, second.first, second.last) == (5, 3, 3, 4)


def test_s02_the_nearest_come_first_and_those_without_a_position_last(reader: Reader) -> None:
    story = reader.story
    here = (37_000_000, 136_960_000)
    lines = [directory.SiteLine(f"AT{number}", 0, "shelter", f"避難所{number}", "町", lat=lat, lon=lon)
             for number, (lat, lon) in enumerate(((37_000_000, 137_060_000), (37_090_000, 136_960_000), (None, None)))]
    story.submit("admin", directory.SaveSite(tuple(lines)))
    for line in lines:
        story.submit("clerk", relief.SetSiteStatus(NANAO, line.site_id, True))
    needs = {story.need(site=line.site_id): line.site_id for line in lines}
    found = reader.now.needs(NeedFilter(sort="near", near=here)).rows
    # 0.1° of longitude is nearer than 0.09° of latitude at 37° north.
    assert [needs[need.need_id] for need in found] == ["AT0", "AT1", "AT2"]


def test_s05_every_offer_status_filter_agrees_with_the_status_shown(reader: Reader) -> None:
    story = reader.story
    story.offer()
    story.offer(available_until="2024-01-09")
    story.request(quantity=40)
    _shipped(story, 60)
    _shipped(story, 100)
    story.submit("supporter", relief.WithdrawOffer(story.offer(), 1))
    story.channel.ledger.now += 24 * 3600
    found = {status: reader.now.offers(OfferFilter(status=status)).rows for status in OFFER_STATUSES}
    today = reader.clock.now().date()
    assert all(offer.status(today) == status for status, offers in found.items() for offer in offers)
    assert {status: len(offers) for status, offers in found.items()} == dict.fromkeys(OFFER_STATUSES, 1)
    assert reader.now.offers(OfferFilter(status="any")).total == 6
    assert reader.now.offers(OfferFilter()).total == 5


def test_s05_offers_by_sender_place_and_words(reader: Reader) -> None:
    story = reader.story
    named = story.offer(5, item_name="手編みの帽子", category="other")
    aimed = story.offer(7, aimed_at=story.need(site=story.cast.school), who="islander")

    def ids(**wanted: object) -> list[str]:
        return [offer.offer_id for offer in reader.now.offers(OfferFilter(**wanted)).rows]

    assert ids(text="帽子") == ids(home=HACHIOJI) == ids(category="other") == [named]
    assert ids(account=story["islander"].account) == [aimed]
    assert ids(aimed_municipality=NANAO, aimed_site=story.cast.school) == [aimed]
    assert ids(first=HACHIOJI) == [named, aimed]
    offer = reader.now.offer(aimed)
    assert offer is not None and offer.aimed_place is not None
    place, sender = offer.aimed_place, offer.sender
    assert (place.site_id, sender.home, sender.name) == (story.cast.school, OSHIMA, "")
    free_text = reader.now.offer(named)
    assert free_text is not None and (free_text.item, free_text.item_name) == (None, "手編みの帽子")


def test_s06_a_dispatch_carries_its_box_and_both_sides(reader: Reader) -> None:
    box = reader.story.request(who="shelter", quantity=60, ship_by="2024-01-12")
    dispatch = reader.now.dispatch(box.need_id, box.dispatch_id)
    assert dispatch is not None
    assert (dispatch.state, dispatch.requested_by) == ("requested", f"{NANAO}/{reader.story.cast.shelter}")
    assert dispatch.ship_by is not None and dispatch.ship_by.isoformat() == "2024-01-12T23:59:59+09:00"
    assert [package.package_id for package in dispatch.packages] == [box.package_id]
    reader.story.ship(box, 50)
    found = reader.now.dispatches(DispatchFilter(sender_home=HACHIOJI, state="shipped")).rows
    assert [(one.quantity, one.released, one.shipped) for one in found] == [(60, 10, 50)]
    assert found[0].requested_at == dispatch.requested_at and found[0].requested_by == dispatch.requested_by
    assert reader.now.dispatch(box.need_id, "nothing") is None


def test_s07_boxes_by_stage_day_and_difference(reader: Reader) -> None:
    story = reader.story
    coming = story.shipped()
    box, discrepancy_id = story.differing()

    def ids(**wanted: object) -> list[str]:
        return [package.package_id for package in reader.now.packages(PackageFilter(**wanted)).rows]

    today = date(2024, 1, 9)
    assert ids(stage="coming") == [coming.package_id]
    assert ids(municipality=NANAO, day=today) == ids(difference=True) == ids(text="水") == [box.package_id]
    assert ids(day=today - timedelta(days=1)) == []
    assert set(ids(stage="all", sender=story["supporter"].account)) == {coming.package_id, box.package_id}
    package = reader.now.package(box.package_id)
    assert package is not None
    assert [(line.quantity, line.good, line.short) for line in package.lines] == [(60, 50, 10)]
    assert (package.state, package.carrier, package.discrepancy) == ("received", "yamato", "open")
    counts = reader.now.arrival_counts(PackageFilter(municipality=NANAO, day=today))
    assert (counts.received, counts.in_transit, counts.discrepancies, counts.late) == (1, 1, 1, 0)
    difference = reader.now.discrepancy(box.package_id, discrepancy_id)
    assert difference is not None and difference.package.package_id == box.package_id
    assert reader.now.discrepancies(sender_home=HACHIOJI).total == 1
    assert reader.now.discrepancies(sender_home=OSHIMA).total == 0


def test_s07_items_add_up_over_what_came_and_what_comes(reader: Reader) -> None:
    story = reader.story
    coming = story.shipped()
    box, _ = story.differing()
    quantity = sum(line.quantity for line in reader.now.package(coming.package_id).lines)  # type: ignore[union-attr]
    received = reader.now.package(box.package_id)
    assert received is not None
    (water,) = [found for found in reader.now.arrived_items(PackageFilter(municipality=NANAO))
                if found.item.code == received.lines[0].item.code]
    assert (water.boxes, water.good, water.damaged, water.short, water.coming) == (1, 50, 0, 10, quantity)
    assert reader.now.arrived_items(PackageFilter(municipality=OSHIMA)) == ()
    assert reader.now.arrived_items(PackageFilter(municipality=NANAO, site_id="nowhere")) == ()


def test_s09_a_resolved_difference_is_open_no_more(reader: Reader) -> None:
    box, discrepancy_id = reader.story.differing()
    reader.story.submit("supporter", relief.AcknowledgeDiscrepancy(box.package_id, discrepancy_id))
    reader.story.submit("clerk", relief.ResolveDiscrepancy(box.package_id, discrepancy_id, "written_off"))
    assert reader.now.discrepancies().total == 0
    (resolved,) = reader.now.discrepancies(unresolved=False).rows
    assert (resolved.state, resolved.resolution) == ("resolved", "written_off")


def test_s07_the_worst_site_comes_first(reader: Reader) -> None:
    story = reader.story
    story.need()
    story.ship(story.request(story.need(100, site=story.cast.school, priority="urgent")))
    worst, other = reader.now.site_balances(NANAO, date(2024, 1, 9))
    assert (worst.place.site_id, worst.needs, worst.urgent, worst.coming) == (story.cast.school, 1, 1, 1)
    assert (other.place.site_id, other.needs, other.urgent, other.coming, other.headcount) == (
        story.cast.shelter, 1, 0, 0, 100)


def test_s10_sites_and_items_of_a_municipality(reader: Reader) -> None:
    story = reader.story
    cast = story.cast
    assert {site.place.site_id for site in reader.now.sites(NANAO).rows} == {
        cast.shelter, cast.school, cast.closed, cast.hub}
    assert [site.place.site_id for site in reader.now.sites(NANAO, text="和倉").rows] == [story.cast.shelter]
    assert {site.place.site_id for site in reader.now.sites(NANAO, opened=False).rows} == {cast.closed, cast.hub}
    site = reader.now.site(NANAO, story.cast.shelter)
    assert site is not None and site.status is not None and site.status.headcount == 100
    assert [item.code for item in reader.now.items(NANAO)] == [story.cast.blanket, story.cast.water]
    assert story.cast.retired_item in {item.code for item in reader.now.items(NANAO, retired=True)}
    assert reader.now.items(OSHIMA) == ()
    assert [(one.code, one.status) for one in reader.now.municipalities()] == [
        (HACHIOJI, "active"), (OSHIMA, "active"), (NANAO, "active")]


def test_s09_the_story_of_a_box_has_its_need_and_offer_and_nothing_of_other_boxes(reader: Reader) -> None:
    story = reader.story
    need_id, offer_id = story.need(100), story.offer(100)
    box = story.request(need_id, offer_id, 30)
    other = story.request(need_id, offer_id, 20)
    story.ship(other)
    story.ship(box)
    told = reader.now.timeline(box.package_id)
    assert told is not None and told.need is not None and told.offer is not None and told.package is not None
    assert [entry.event for entry in told.entries] == [
        "relief.consignment_shipped", "relief.dispatch_requested", "relief.offer_registered", "relief.need_registered"]
    assert (told.need.need_id, told.offer.offer_id) == (need_id, offer_id)
    whole = reader.now.timeline(need_id)
    assert whole is not None and len(whole.entries) == 5, "the need's own story has both boxes"
    assert reader.now.timeline("nothing") is None


def test_s09_records_are_found_by_whom_they_concern(reader: Reader) -> None:
    story = reader.story
    box = story.shipped()

    def events(**wanted: object) -> list[str]:
        return [entry.event for entry in reader.now.records(RecordFilter(**wanted)).rows]

    assert "relief.dispatch_requested" in events(account=story["supporter"].account)
    assert "relief.consignment_shipped" in events(office=f"{NANAO}/{story.cast.shelter}")
    assert events(text=box.package_id) == ["relief.consignment_shipped", "relief.dispatch_requested"]
    assert events(municipality=OSHIMA, transaction="relief.register_need") == []
    assert events(day_to=date(2024, 1, 8)) == []
    entry = reader.now.records(RecordFilter(transaction="relief.register_need")).rows[0]
    assert (entry.item.name if entry.item else "", entry.data["quantity"], entry.number) == ("水", 100, 1)


def test_s09_a_settled_difference_concerns_both_ends_of_the_box(reader: Reader) -> None:
    story = reader.story
    box, discrepancy_id = story.differing()
    story.submit("supporter", relief.AcknowledgeDiscrepancy(box.package_id, discrepancy_id))
    story.submit("clerk", relief.ResolveDiscrepancy(box.package_id, discrepancy_id, "resent"))
    for wanted in (RecordFilter(account=story["supporter"].account), RecordFilter(municipality=HACHIOJI),
                   RecordFilter(office=f"{NANAO}/{story.cast.shelter}")):
        newest = [entry.event for entry in reader.now.records(wanted).rows[:2]]
        assert newest == ["relief.discrepancy_resolved", "relief.discrepancy_acknowledged"]


def _shipped(story: MemoryStory, quantity: int) -> Box:
    """A box on its way, of an offer of 100."""
    box = story.request(quantity=quantity)
    story.ship(box)
    return box


def _oshima_item(story: MemoryStory) -> str:
    code = f"{OSHIMA}-0001"
    story.scene.administer(OSHIMA, directory.SaveItem((item_line(code),)))
    return code
