"""S12 and S9 in rows: a drill apart and gone at its end; boxes that were repacked, boxes that no receipt fits."""
from __future__ import annotations

from sqlalchemy import func, select

from moyai_contracts.api.directory import CloseDrill, OpenDrill
from moyai_contracts.api.relief import (
    CancelDispatch, HandOverPackage, PackedLine, PackedPackage, Place, RegisterNeed, RepackDispatch, SetSiteStatus)
from moyai_webui.projection.rebuild import rebuild
from moyai_webui.reading import PackageFilter
from moyai_webui.store.home_tables import OutgoingMail
from moyai_webui.store.projection_tables import Entry, EntryLink, LedgerTransaction, Projection, Scoped
from moyai_webui.store.rebuild import fresh_projection
from tests.contract.channel import HACHIOJI, NANAO
from tests.contract.relief_story import Box, MemoryStory
from tests.contract.scene import ulid
from tests.unit.webui.projected import Projected


def _drill(story: MemoryStory) -> str:
    drill = ulid()
    for who in ("admin", "hachioji_admin"):
        story.submit(who, OpenDrill(drill, "秋の訓練"))
    return drill


def _rows(projected: Projected, scope: str) -> dict[str, int]:
    """Table → rows of a scope."""
    tables = [mapper.class_ for mapper in Projection.registry.mappers if issubclass(mapper.class_, (Scoped, Entry))]
    with projected.database.reading() as connection:
        return {table.__tablename__: found for table in tables
                if (found := connection.scalar(select(func.count()).where(table.scope == scope)))}


def test_s12_one_id_in_two_scopes_is_two_records(story: MemoryStory, projected: Projected) -> None:
    line, drill = story.need_line(70), _drill(story)
    story.submit("clerk", RegisterNeed((line,)))
    story.scope = drill
    story.submit("clerk", SetSiteStatus(NANAO, story.cast.shelter, True, 9))
    story.submit("clerk", RegisterNeed((line,)))
    box = story.request(line.need_id, story.offer(70), 70)
    story.ship(box)
    reading = projected.project()
    real, played = reading.need(line.need_id), reading.in_scope(drill).need(line.need_id)
    assert real is not None and (real.committed, real.in_transit) == (0, 0)
    assert played is not None and (played.committed, played.in_transit, played.settled) == (70, 70, True)
    assert reading.package(box.package_id) is None and reading.in_scope(drill).package(box.package_id) is not None
    site = reading.site(NANAO, story.cast.shelter)
    assert site is not None and site.status is not None and site.status.headcount == 100


def test_s12_a_drill_leaves_when_the_last_has_closed_it(story: MemoryStory, projected: Projected) -> None:
    drill = _drill(story)
    story.need()
    story.scope = drill
    story.submit("clerk", SetSiteStatus(NANAO, story.cast.shelter, True, 9))
    story.differing()
    story.scope = None
    story.submit("admin", CloseDrill(drill))
    projected.project()
    real = _rows(projected, "live")
    assert {"need", "offer", "dispatch", "package", "package_line", "discrepancy", "entry"} <= set(
        _rows(projected, drill)), "八王子市 still plays"
    story.submit("hachioji_admin", CloseDrill(drill))
    reading = projected.project()
    assert _rows(projected, drill) == {} and _rows(projected, "live") == real
    assert [(one.title, one.status) for one in reading.drills(NANAO)] == [("秋の訓練", "closed")]
    with projected.database.reading() as connection:
        orphans = select(func.count()).select_from(EntryLink).outerjoin(Entry, (
            Entry.block == EntryLink.block) & (Entry.number == EntryLink.number) & (Entry.part == EntryLink.part)
        ).where(Entry.tx_id.is_(None))
        assert connection.scalar(orphans) == 0
        assert connection.scalar(select(func.count()).select_from(LedgerTransaction)) == sum(
            len(block.transactions) for block in projected.ledger.blocks), "blocks stay"
    with fresh_projection(projected.database) as fresh:
        assert rebuild(projected.chain, fresh, NANAO, replace=False) == []


def test_s03_a_line_that_left_its_box_left_its_row(story: MemoryStory, projected: Projected) -> None:
    one, other = story.request(), story.request(quantity=30)
    lines = PackedLine(one.dispatch_id, 60), PackedLine(other.dispatch_id, 30)
    shared = PackedPackage(story.package_id(), lines, 7000)
    story.submit("supporter", RepackDispatch((one.package_id, other.package_id), (shared,)))
    box = projected.project().package(shared.package_id)
    assert box is not None and [line.quantity for line in box.lines] == [60, 30] and box.weight_g == 7000
    old = projected.reading.package(one.package_id)
    assert old is not None and (old.state, old.repacked_into) == ("voided", (shared.package_id,))
    story.submit("clerk", CancelDispatch(one.need_id, one.dispatch_id, "不要"))
    box = projected.project().package(shared.package_id)
    assert box is not None and [line.quantity for line in box.lines] == [30]
    story.ship(Box(other.need_id, other.offer_id, other.dispatch_id, shared.package_id, 30))
    need = projected.project().need(other.need_id)
    assert need is not None and need.in_transit == 30


def test_s09_a_box_at_a_hub_is_on_its_way(story: MemoryStory, projected: Projected) -> None:
    box = story.request(route=(Place(NANAO, story.cast.hub),))
    story.ship(box)
    story.submit("hub", HandOverPackage(box.package_id, NANAO, story.cast.hub, story.channel.now))
    reading = projected.project()
    found, need = reading.package(box.package_id), reading.need(box.need_id)
    assert found is not None and (found.state, found.route, found.leg) == (
        "handed_over", ((NANAO, story.cast.hub),), 1)
    assert need is not None and need.in_transit == 60
    assert [each.package_id for each in reading.packages(PackageFilter(stage="coming")).rows] == [box.package_id]


def test_s09_what_no_receipt_fits_is_listed_and_mails_no_receipt(story: MemoryStory, projected: Projected) -> None:
    box = story.request()
    story.submit("clerk", CancelDispatch(box.need_id, box.dispatch_id, "不要"))
    sender = Projected("sqlite://", story.channel.ledger, HACHIOJI)
    outcome = story.receive(box, 60, queued=True)
    (arrival,) = projected.project().arrivals(municipality=NANAO).rows
    assert (arrival.arrival_id, arrival.reason, arrival.place.site_id) == (outcome.op, "voided", story.cast.shelter)
    assert [(line.quantity, line.item and line.item.code) for line in arrival.lines] == [(60, story.cast.water)]
    assert projected.reading.timeline(outcome.op) is not None
    sender.project()
    with sender.database.reading() as connection:
        kinds = set(connection.scalars(select(OutgoingMail.kind)))
    assert kinds == {"dispatch_requested"}
    sender.close()
