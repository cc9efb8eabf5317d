"""S13: totals added up from the projection of a story."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

import pytest
from moyai_contracts.api.relief import CloseNeed, SurplusLine

from moyai_webui.totals.figures import Figures
from tests.contract.channel import NANAO, OSHIMA
from tests.unit.webui.projected import Projected
from tests.unit.webui.store.test_reading import Reader
from tests.unit.webui.town import WATER, begin_story


@pytest.fixture
def reader(database_url: str, tmp_path: Path) -> Iterator[Reader]:
    story = begin_story(tmp_path / "consoles")
    projected = Projected(database_url, story.channel.ledger, NANAO)
    yield Reader(story, projected)
    projected.close()


def figures(reader: Reader) -> Figures:
    (line,) = (line for line in reader.now.totals().at_places if line.item.name == WATER)
    return line.figures


def test_s13_a_box_from_need_to_short_receipt(reader: Reader) -> None:
    story = reader.story
    box = story.request(quantity=60)
    assert astuple(figures(reader)) == (100, 60, 0, 0, 0, 0, 0)
    story.ship(box)
    assert astuple(figures(reader)) == (100, 60, 60, 60, 0, 0, 0)
    story.receive(box, 45, short=10, damaged=5, surplus=(SurplusLine(7, story.cast.water),))
    assert figures(reader) == Figures(needed=100, committed=45, shipped=60, in_transit=0, received=45, missing=15,
                                      surplus=7)
    (line,) = reader.now.totals().from_senders
    assert (line.item.name, line.figures.shipped, line.figures.received, line.figures.missing) == (WATER, 60, 45, 15)
    ((_, boxes),) = reader.now.totals().boxes_on_days
    assert boxes == 1


def test_s13_a_closed_need_counts_with_what_was_promised_to_it(reader: Reader) -> None:
    box = reader.story.request(quantity=60)
    rev = reader.story.read_need(box.need_id)["rev"]
    reader.story.submit("clerk", CloseNeed(box.need_id, "enough", rev))
    assert figures(reader).needed == 60 and figures(reader).lack == 0


def test_s13_only_of_the_municipality_that_receives(reader: Reader) -> None:
    reader.story.need(30)
    assert reader.now.totals(NANAO).at_places and not reader.now.totals(OSHIMA).at_places
    assert not reader.now.totals(OSHIMA).boxes_on_days
