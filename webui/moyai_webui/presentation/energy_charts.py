"""The two charts of a home's electricity, with the sentence that says what they show."""
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from moyai_webui.energy import Figures, Period
from moyai_webui.presentation.charts import Series, columns
from moyai_webui.presentation.formats import kilowatt_hours

WIDE, NARROW = (640, 280), (358, 240)
_WORDS = {"day": "1時間ごと", "month": "日ごと", "year": "月ごと"}
_EVERY = {"day": (3, 6), "month": (5, 10), "year": (1, 2)}
"""Which labels are written on a wide and on a narrow screen."""
_MARKS = {"lack": "値が届いていないところが{}つあります。", "part": "一部が届いていないところが{}つあります。",
          "set": "補正した値を含むところが{}つあります。"}


class Chart(NamedTuple):
    """Two drawings of the same; `sentence` describes them; `marks` are the signs in them that a reader needs told."""

    name: str
    title: str
    sentence: str
    series: tuple[Series, ...]
    wide: Markup
    narrow: Markup
    marks: tuple[str, ...]


def use_chart(period: Period, lines: Sequence[Figures]) -> Chart:
    """What was used, and how much of it the home made itself."""
    own = Series("発電して自宅で使った分", "v3", tuple((line.self_used or 0) / 1000 for line in lines))
    bought = Series("買った分", "v1", tuple((line.bought or 0) / 1000 for line in lines))
    return _chart("use", period, "使った電気", (own, bought), lines)


def generation_chart(period: Period, lines: Sequence[Figures]) -> Chart:
    """What was made, and how much of it was sold."""
    own = Series("自宅で使った分", "v3", tuple((line.self_used or 0) / 1000 for line in lines))
    sold = Series("売った分", "v2", tuple(((line.generated or 0) - (line.self_used or 0)) / 1000 for line in lines))
    return _chart("generation", period, "発電した電気", (own, sold), lines)


def _chart(name: str, period: Period, title: str, series: tuple[Series, ...], lines: Sequence[Figures]) -> Chart:
    # The whole period is drawn, so that columns stay where they are while the day goes on.
    labels = period.labels
    filled = tuple(part._replace(values=part.values + (0.0,) * (len(labels) - len(lines))) for part in series)
    marks = [line.mark for line in lines]
    wide, narrow = (columns(labels, filled, "kWh", width=width, height=height, every=every, marks=marks)
                    for (width, height), every in zip((WIDE, NARROW), _EVERY[period.by]))
    told = _sentence(period, title, filled) + "".join(
        words.format(marks.count(mark)) for mark, words in _MARKS.items() if mark in marks)
    return Chart(name, title, told, filled, wide, narrow, tuple(mark for mark in _MARKS if mark in marks))


def _sentence(period: Period, title: str, series: Sequence[Series]) -> str:
    heights = [sum(parts) for parts in zip(*(part.values for part in series))]
    amount = kilowatt_hours(round(sum(heights) * 1000))
    sentence = f"{period.title}の{title}の、{_WORDS[period.by]}の積み上げ棒グラフ。合計{amount}kWh。"
    if not any(heights):
        return sentence
    most = heights.index(max(heights))
    return f"{sentence}最も多いのは{period.labels[most]}の{kilowatt_hours(round(heights[most] * 1000))}kWh。"
