"""The recorded year: every day of any year has its values, in Wh, at the clock time they were taken."""
from __future__ import annotations

from datetime import datetime

import pytest

from moyai_bridge.simulator.year import HALF_HOUR, LOCAL, HalfHour, Year, recorded_year


def start(moment: str) -> int:
    return int(datetime.fromisoformat(moment).replace(tzinfo=LOCAL).timestamp())


def test_a_half_hour_is_found_in_every_year_at_its_clock_time() -> None:
    year = recorded_year()
    # First line and second line of the file: 0.392 and 0.578 kWh.
    assert year.starting(start("2011-07-01 00:00")) == HalfHour(392, 0)
    assert year.starting(start("2026-07-01 00:00")) == HalfHour(392, 0)
    assert year.starting(start("2026-07-01 00:30")) == HalfHour(578, 0)
    assert year.starting(start("2026-06-30 23:30")) == HalfHour(454, 0)


def test_a_whole_year_holds_exactly_what_the_file_holds() -> None:
    first = start("2011-07-01 00:00")
    year = [recorded_year().starting(first + number * HALF_HOUR) for number in range(366 * 48)]
    assert sum(row.consumption for row in year) == 11_876_738
    assert sum(row.generation for row in year) == 2_592_808


def test_the_sun_shines_at_noon_and_not_at_midnight() -> None:
    days = [start("2026-01-01 00:00") + day * 86400 for day in range(365)]
    assert sum(recorded_year().starting(day + 12 * 3600).generation for day in days) > 365 * 100
    # The inverter's own noise.
    assert sum(recorded_year().starting(day).generation for day in days) < 365


def test_nothing_starts_within_a_half_hour() -> None:
    with pytest.raises(ValueError, match="no half-hour starts"):
        recorded_year().starting(start("2026-07-01 00:00") + 1)


def test_a_file_with_holes_is_refused() -> None:
    with pytest.raises(ValueError, match="not 1"):
        Year([",GC,GG", "2011-07-01 00:00:00,0.1,0.0"])
