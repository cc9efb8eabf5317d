"""The projection rebuilt from block 0 equals the live one, mails nothing again, and never shows half of itself."""
from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select, update

from moyai_contracts.api.directory import OpenDrill
from moyai_contracts.api.relief import RecordArrival, SetIntake
from moyai_webui.projection.rebuild import rebuild
from moyai_webui.reading import NeedFilter
from moyai_webui.store.home_tables import OutgoingMail
from moyai_webui.store.projection_tables import Entry, Need, Projection
from moyai_webui.store.rebuild import fresh_projection
from tests.contract.channel import NANAO
from tests.contract.relief_story import MemoryStory
from tests.contract.scene import ulid
from tests.unit.webui.projected import Projected


@pytest.fixture(autouse=True)
def told(story: MemoryStory, projected: Projected) -> None:
    """A box received short, one under way, one asked for, an aimed offer, one that fits no receipt, a stop of intake, a
    drill; all of it projected."""
    story.differing()
    story.shipped()
    story.request()
    story.offer(20, aimed_at=story.need(50))
    story.submit("shelter", RecordArrival(ulid(), story.cast.shelter, (), "no_label", story.channel.now))
    story.submit("clerk", SetIntake(story.cast.blanket, True, "2099-01-01", "余っています"))
    story.submit("admin", OpenDrill(ulid(), "秋の訓練"))
    projected.project()


def _mails(projected: Projected) -> list[tuple[str, str]]:
    with projected.database.reading() as connection:
        return [tuple(row) for row in connection.execute(
            select(OutgoingMail.mail_id, OutgoingMail.state).order_by(OutgoingMail.mail_id))]


def _rebuild(projected: Projected, *, replace: bool = True) -> list[str]:
    with fresh_projection(projected.database) as fresh:
        return rebuild(projected.chain, fresh, NANAO, replace=replace)


def test_the_rebuilt_projection_equals_the_live_one_in_every_table(projected: Projected) -> None:
    with projected.database.reading() as connection:
        empty = [table.name for table in Projection.metadata.sorted_tables
                 if not connection.scalar(select(func.count()).select_from(table))]
    assert empty == ["recorded_mail"], "the story must fill every table, or equality says nothing about it"
    assert _rebuild(projected, replace=False) == []


def test_a_wrong_row_is_found_and_put_right(projected: Projected) -> None:
    with projected.database.writing() as connection:
        connection.execute(update(Need).values(received=Need.received + 1))
        connection.execute(delete(Entry).where(Entry.event == "relief.need_registered"))
    wrong = projected.reading.needs(NeedFilter()).rows[0].received
    told = _rebuild(projected)
    assert {line.partition(",")[0] for line in told} == {"need", "entry"}
    assert projected.reading.needs(NeedFilter()).rows[0].received == wrong - 1
    assert _rebuild(projected, replace=False) == []


def test_s08_a_rebuild_neither_doubles_nor_resends_a_mail(projected: Projected) -> None:
    with projected.database.writing() as connection:
        connection.execute(update(OutgoingMail).values(state="accepted"))
    before = _mails(projected)
    assert before
    _rebuild(projected)
    assert _mails(projected) == before


def test_blocks_that_come_meanwhile_are_taken_along(projected: Projected, story: MemoryStory) -> None:
    """The live projection moves on while the rebuild reads; both end at the same block."""
    seen = []

    def move_on(block: int, last: int) -> None:
        seen.append(block)
        if block == last - 1:
            story.need(7)
            projected.project()

    with fresh_projection(projected.database) as fresh:
        assert rebuild(projected.chain, fresh, NANAO, progress=move_on) == []
    assert seen == list(range(projected.store.cursor() + 1))
    assert projected.reading.needs(NeedFilter(sort="newest")).rows[0].quantity == 7


def test_the_projection_goes_on_after_a_rebuild(projected: Projected, story: MemoryStory) -> None:
    _rebuild(projected)
    need_id = story.need(12)
    projected.project()
    need = projected.reading.need(need_id)
    assert need is not None and need.quantity == 12
