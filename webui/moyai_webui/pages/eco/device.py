"""E1, E3: one device's readings of a day, half-hour by half-hour, with what is missing; each leads to its proof."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from flask import request
from flask.typing import ResponseReturnValue

from moyai_webui.access import MEMBERS, OFFICE, roles
from moyai_webui.energy import Period
from moyai_webui.meter_readings import ReadHalfHour, SetValue, ShownReading
from moyai_webui.pages.blueprints import eco
from moyai_webui.pages.eco.own_devices import is_office, visible_device
from moyai_webui.pages.serving import metering, show
from moyai_webui.presentation import vocabulary
from moyai_webui.presentation.formats import jst, now, today
from moyai_webui.presentation.template_context import as_of_words


class Line(NamedTuple):
    """A message's readings by register, or a half-hour without any. `anchor` is set where a half-hour begins."""

    begin: datetime
    at: datetime
    readings: Mapping[str, ShownReading]
    marks: tuple[str, ...]
    substituted: tuple[SetValue, ...]
    anchor: str

    @property
    def missing(self) -> bool:
        return not self.readings


@eco.get("/devices/<device_id>")
@roles(*OFFICE, *MEMBERS)
def device(device_id: str) -> ResponseReturnValue:
    shown, period = visible_device(device_id), Period.read("day", request.args.get("on", ""), today())
    halves = metering().half_hours(device_id, period.edges[0], min(period.edges[-1], now()))
    return show("device.html", device=shown, period=period, lines=list(_lines(halves)), office=is_office(),
                as_of=as_of_words(metering().as_of()))


def _lines(halves: Iterable[ReadHalfHour]) -> Iterator[Line]:
    """Newest first."""
    for half in reversed(list(halves)):
        anchor = f"t{jst(half.begin):%H%M}"
        if not half.readings:
            yield Line(half.begin, half.begin, {}, (), half.substituted, anchor)
        messages: dict[tuple[int, int], list[ShownReading]] = {}
        for reading in half.readings:
            messages.setdefault((reading.key.at, reading.key.seq), []).append(reading)
        for place, sent in enumerate(reversed(list(messages.values()))):
            yield _line(half, sent, anchor if place == 0 else "")


def _line(half: ReadHalfHour, sent: Iterable[ShownReading], anchor: str) -> Line:
    """Of two values under one number the first is shown; the other has its own mark and page."""
    readings: dict[str, ShownReading] = {}
    for reading in sent:
        readings.setdefault(reading.key.register, reading)
    marks = {mark for reading in sent for mark in reading.marks}
    return Line(half.begin, next(iter(readings.values())).at, readings,
                tuple(mark for mark in vocabulary.MARKS if mark in marks), half.substituted, anchor)
