"""Periods, figures and columns: pure, so every edge can be tried."""
from __future__ import annotations

from datetime import date, datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given, strategies as st

from moyai_webui.energy import Figures, Period, figures, whole
from moyai_webui.metering import Counted
from moyai_webui.presentation.charts import Series, columns, nice_step
from moyai_webui.presentation.energy_charts import use_chart
from moyai_webui.presentation.formats import JST

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(("by", "on", "start"), [
    ("day", "2026-02-28", date(2026, 2, 28)), ("month", "2026-02", date(2026, 2, 1)),
    ("year", "2025", date(2025, 1, 1)),
    ("month", "2026-02-17", date(2026, 2, 1)), ("day", "2026-02-30", TODAY), ("day", "", TODAY), ("week", "", TODAY),
    ("day", "2027-01-01", TODAY), ("year", "1' or 1", date(2026, 1, 1))])
def test_e3_an_address_names_a_period_or_gets_the_current_one(by: str, on: str, start: date) -> None:
    assert Period.read(by, on, TODAY).start == start


@given(st.sampled_from(["day", "month", "year"]), st.dates(date(2001, 1, 1), date(2098, 12, 31)))
def test_e3_periods_follow_each_other_without_gap_or_overlap(by: str, on: date) -> None:
    period = Period.read(by, on.isoformat(), date(2099, 12, 31))
    assert period.start <= on and period.following.previous == period
    assert period.edges[-1] == period.following.edges[0]
    assert sorted(set(period.edges)) == list(period.edges) and len(period.labels) == len(period.edges) - 1
    assert period.edges[0] <= datetime(on.year, on.month, on.day, 12, tzinfo=JST) < period.edges[-1]


def line(**amounts: int) -> Figures:
    period = Period("day", TODAY)
    empty = [Counted()] * 23
    return figures(period, [Counted({{"bought": "import", "sold": "export"}.get(name, name): value
                                     for name, value in amounts.items()}), *empty])[0]


def test_e3_use_is_what_was_bought_and_what_was_made_and_kept() -> None:
    home = line(bought=500, sold=300, generation=1000)
    assert (home.self_used, home.used) == (700, 1200)
    assert (line(bought=500).used, line(bought=500).self_used) == (500, None)
    assert line(generation=1000).used == 1000
    assert line().used is None and line().generated is None
    assert line(bought=100, sold=300, generation=200).used == 100  # a battery sold what was made before


def test_e3_sums_tell_nothing_from_zero() -> None:
    period = Period("day", TODAY)
    nothing = whole(period, figures(period, [Counted(missing=2)] * 24))
    assert (nothing.generated, nothing.missing) == (None, 48)
    zero = whole(period, figures(period, [Counted({"generation": 0})] * 24))
    assert zero.generated == 0


@given(st.floats(0, 1e7))
def test_e3_lines_behind_columns_are_round_and_few(peak: float) -> None:
    step = nice_step(peak)
    assert peak <= step * 5 * (1 + 1e-9) and f"{step:g}".strip("0.")[0] in "125"


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 1e4)), min_size=1, max_size=31))
def test_e3_columns_stand_on_the_axis_in_proportion(values: list[tuple[float, float]]) -> None:
    series = [Series("a", "v1", tuple(first for first, _ in values)),
              Series("b", "v2", tuple(second for _, second in values))]
    drawing = ElementTree.fromstring(f"<svg>{columns([str(n) for n in range(len(values))], series, 'kWh')}</svg>")
    axis = float(drawing.find("line[@class='axis']").get("y1"))
    tallest, scale = max(map(sum, values)), None
    for part in series:
        for rect in drawing.findall(f"rect[@class='{part.css}']"):
            assert 0 <= float(rect.get("y")) and float(rect.get("y")) + float(rect.get("height")) <= axis + .11
    heights = [float(rect.get("height")) for rect in drawing.findall("rect[@class='v1']")]
    shown = [first for first, _ in values if first > 0]
    assert len(heights) == len(shown)
    for height, value in zip(heights, shown):
        if value > tallest / 50:
            scale = scale or height / value
            assert height / value == pytest.approx(scale, rel=.05)


def test_e3_labels_are_escaped_and_written_now_and_then() -> None:
    drawn = columns(["<0>", "1", "2"], [Series("a", "v1", (1.0, 2.0, 0.0))], "kWh", every=2)
    assert "&lt;0&gt;" in drawn
    assert drawn.count('text-anchor="middle"') == 2 and "style" not in drawn


def test_e3_midnight_of_a_day_is_japans() -> None:
    assert Period("day", TODAY).edges[0] == datetime(2026, 11, 24, tzinfo=JST)
    assert Period("day", TODAY).edges[1] - Period("day", TODAY).edges[0] == timedelta(hours=1)


def test_e3_a_column_that_nobody_measured_is_a_frame_and_no_zero() -> None:
    period = Period("day", TODAY)
    counted = [Counted({"import": 500})] * 20 + [Counted(missing=2), Counted({"import": 300}, missing=1),
                                                 Counted({"import": 300}, 2, 2), Counted({"import": 0})]
    lines = figures(period, counted)
    assert [line.mark for line in lines[19:]] == ["", "lack", "part", "set", ""]
    chart = use_chart(period, lines)
    for drawing in (chart.wide, chart.narrow):
        drawn = ElementTree.fromstring(f"<svg>{drawing}</svg>")
        assert [element.tag for element in drawn if element.get("class") == "lack"] == ["rect"]
        assert [element.get("class") for element in drawn if element.tag == "path"] == ["part", "set"]
    assert chart.marks == ("lack", "part", "set")
    assert "値が届いていないところが1つあります" in chart.sentence and "補正した値を含むところが1つ" in chart.sentence
    assert use_chart(period, lines[:20]).marks == () and "届いていない" not in use_chart(period, lines[:20]).sentence
