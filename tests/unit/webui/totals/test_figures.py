"""S13: the arithmetic of the totals."""
from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from moyai_webui.rows import Item, Place
from moyai_webui.totals.figures import Figures, TotalLine, Totals, balance, by_item

WATER = Item("000000-0101", "水", "本", "food")
BLANKET = Item("000000-0201", "毛布", "枚", "blanket")
NANAO = Place("172022", "七尾市", "CC01", "山王小学校", "shelter")
OTHER = Place("172022", "七尾市", "CC02", "中島小学校", "shelter")
OSHIMA = Place("133612", "大島町", "DD01", "体育館", "shelter")

counts = st.integers(0, 10_000)
some_figures = st.builds(Figures, counts, counts, counts, counts, counts, counts, counts)


def line(place: Place, item: Item, **figures: int) -> TotalLine:
    return TotalLine(item, Figures(**figures), place=place)


def test_s13_lack_is_what_nobody_promised_and_excess_what_is_beyond_the_need() -> None:
    figures = Figures(needed=100, committed=60, in_transit=20, received=40)
    assert (figures.lack, figures.excess) == (40, 0)
    figures = Figures(needed=100, committed=100, in_transit=20, received=80, surplus=5)
    assert (figures.lack, figures.excess) == (0, 5)


@given(some_figures, some_figures)
def test_s13_neither_is_ever_below_zero_and_sums_keep_their_parts(one: Figures, other: Figures) -> None:
    both = one + other
    assert both.lack >= 0 and both.excess >= 0
    assert (both.needed, both.received) == (one.needed + other.needed, one.received + other.received)
    assert both.lack <= one.lack + other.lack and both.excess <= one.excess + other.excess


def test_s13_places_add_up_to_items_what_lacks_most_first() -> None:
    lines = (line(NANAO, WATER, needed=10, committed=10), line(OTHER, WATER, needed=20, committed=15),
             line(NANAO, BLANKET, needed=30, committed=0))
    assert [(each.item, each.figures.needed, each.figures.lack) for each in by_item(lines)] == [
        (BLANKET, 30, 30), (WATER, 30, 5)]


def test_s13_lack_here_and_excess_there_stand_side_by_side() -> None:
    lines = (line(NANAO, BLANKET, needed=5), line(OSHIMA, WATER, needed=10, committed=10, received=10, surplus=4),
             line(NANAO, WATER, needed=9, committed=3), line(OTHER, WATER, needed=1))
    (first, towns), (second, _) = balance(lines)
    assert (first, second) == (WATER, BLANKET)
    assert (towns["172022"].lack, towns["172022"].excess) == (7, 0)
    assert (towns["133612"].lack, towns["133612"].excess) == (0, 4)


def test_s13_a_category_leaves_the_others_out() -> None:
    totals = Totals((line(NANAO, WATER, needed=1), line(NANAO, BLANKET, needed=2)), (), ())
    assert [each.item for each in totals.of("blanket").at_places] == [BLANKET] and totals.of("") == totals
