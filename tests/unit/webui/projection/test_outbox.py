"""S8: which events put which mail into whose outbox, once, in the database transaction of the event's rows."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moyai_contracts.api import relief
from moyai_contracts.api.evidence import mail_id
from sqlalchemy import select

from moyai_webui.projection.block import changes_of
from moyai_webui.store import outgoing
from moyai_webui.store.home_tables import OutgoingMail
from tests.contract.channel import HACHIOJI, NANAO, OSHIMA
from tests.contract.relief_story import MemoryStory, shipping
from tests.unit.webui.projected import Projected

Row = dict[str, object]


def _outbox(projected: Projected) -> list[Row]:
    projected.project()
    with projected.database.reading() as connection:
        return [dict(row) for row in connection.execute(
            select(OutgoingMail.__table__).order_by(OutgoingMail.created_at, OutgoingMail.mail_id)).mappings()]


@pytest.fixture
def hachioji(tmp_path: Path, story: MemoryStory) -> Iterator[Projected]:
    """八王子市's database."""
    projected = Projected(f"sqlite:///{tmp_path / 'hachioji.sqlite'}", story.channel.ledger, HACHIOJI)
    yield projected
    projected.close()


@pytest.fixture
def oshima(tmp_path: Path, story: MemoryStory) -> Iterator[Projected]:
    """大島町's database."""
    projected = Projected(f"sqlite:///{tmp_path / 'oshima.sqlite'}", story.channel.ledger, OSHIMA)
    yield projected
    projected.close()


def test_s08_an_aimed_offer_is_told_to_its_site(projected: Projected, hachioji: Projected,
                                                story: MemoryStory) -> None:
    offer_id = story.offer(48, aimed_at=story.need())
    (mail,) = _outbox(projected)
    assert (mail["kind"], mail["site"], mail["account"]) == ("offer_registered", story.cast.shelter, "")
    assert (mail["content"], mail["about"], mail["state"]) == ({"offer_id": offer_id}, "水 48個", "waiting")
    assert mail["mail_id"] == mail_id(str(mail["cause_tx"]), "offer_registered", story.cast.shelter)
    assert _outbox(hachioji) == []


def test_s08_an_offer_aimed_at_nothing_is_told_to_nobody(projected: Projected, story: MemoryStory) -> None:
    story.offer(48)
    assert _outbox(projected) == []


def test_s08_a_request_is_told_to_each_supporter_by_the_own_home(projected: Projected, hachioji: Projected,
                                                                 oshima: Projected, story: MemoryStory) -> None:
    need_id = story.need(100)
    lines = (story.line(need_id, story.offer(), 10), story.line(need_id, story.offer(), 20),
             story.line(need_id, story.offer(who="neighbour"), 30), story.line(need_id, story.offer(who="islander"), 5))
    story.submit("clerk", relief.RequestDispatch(lines))
    assert _outbox(projected) == []
    told = {mail["account"]: mail for mail in _outbox(hachioji)}
    assert set(told) == {story["supporter"].account, story["neighbour"].account}
    theirs = told[story["supporter"].account]
    assert theirs["content"] == {"dispatches": sorted(([line.need_id, line.dispatch_id] for line in lines[:2]),
                                                      key=lambda ids: ids[1])}
    assert str(theirs["about"]).endswith("ほか1件")
    (far,) = _outbox(oshima)
    assert (far["kind"], far["account"], far["about"]) == ("dispatch_requested", story["islander"].account, "水 5個")


def test_s08_a_consignment_is_told_to_its_site(projected: Projected, hachioji: Projected, story: MemoryStory) -> None:
    box = story.request()
    story.submit("supporter", shipping(box, 40))
    (mail,) = _outbox(projected)
    assert (mail["kind"], mail["site"], mail["about"]) == ("consignment_shipped", story.cast.shelter, "水 40個")
    assert mail["content"] == {"packages": [box.package_id]}
    assert [one["kind"] for one in _outbox(hachioji)] == ["dispatch_requested"]


def test_s08_a_receipt_is_told_to_the_supporter(projected: Projected, hachioji: Projected,
                                                story: MemoryStory) -> None:
    box, _ = story.differing()
    kinds = [mail["kind"] for mail in _outbox(hachioji)]
    assert sorted(map(str, kinds)) == ["dispatch_requested", "package_received"]
    (mail,) = [mail for mail in _outbox(hachioji) if mail["kind"] == "package_received"]
    assert mail["account"] == story["supporter"].account
    assert mail["content"] == {"package_id": box.package_id, "dispatches": [[box.need_id, box.dispatch_id]]}
    assert "package_received" not in [one["kind"] for one in _outbox(projected)]


def test_s08_a_second_contradicting_scan_is_no_second_receipt(hachioji: Projected, story: MemoryStory) -> None:
    box, _ = story.differing()
    story.receive(box, 60, queued=True)
    assert [mail["kind"] for mail in _outbox(hachioji)].count("package_received") == 1


def test_s08_an_invalid_transaction_mails_nothing(projected: Projected, story: MemoryStory) -> None:
    need_id = story.need()
    first = story.prepare("supporter", story.offering(48, aimed_at=need_id))
    change = story.prepare("clerk", relief.ChangeNeed(need_id, 1, quantity=5))
    assert story.commit(change, first) == ["VALID", "MVCC_READ_CONFLICT"]
    assert _outbox(projected) == []


def test_s08_the_mail_and_the_rows_of_its_cause_stand_or_fall_together(projected: Projected, story: MemoryStory,
                                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    need_id = story.need()
    projected.project()
    offer_id = story.offer(48, aimed_at=need_id)

    def crash(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(outgoing, "insert_new", crash)
        projected.project()
    assert projected.reading.offer(offer_id) is None
    (mail,) = _outbox(projected)
    assert projected.reading.offer(offer_id) is not None and mail["kind"] == "offer_registered"


def test_s08_a_block_applied_from_scratch_again_leaves_the_outbox_as_it_is(projected: Projected,
                                                                           story: MemoryStory) -> None:
    """A database whose projection was dropped: the chain is read again, the mails were sent long ago."""
    story.offer(48, aimed_at=story.need())
    before = _outbox(projected)
    with projected.database.writing() as connection:
        outgoing.put(connection, changes_of(list(projected.chain.blocks(story.channel.height - 1))[0], NANAO).mails,
                     projected.now())
    assert _outbox(projected) == before
