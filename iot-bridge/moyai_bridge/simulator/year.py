"""The real half-hourly year of one home that every simulated home is made from (data/README.md names its source)."""
from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files

HALF_HOUR = 1800
"""Seconds."""
LOCAL = timezone(timedelta(hours=9))
"""The data's local clock is read as Japan's, so that noon stays noon."""
_FILE = "customer12_2011-2012.csv"


@dataclass(frozen=True, slots=True)
class HalfHour:
    """What one home consumed and generated in a half-hour, Wh."""

    consumption: int
    generation: int


class Year:
    """Half-hours by their place in the calendar: the year is moved by whole years to wherever it is asked for.

    It holds a 29 February, so every day of any year has its values.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        """`lines`: CSV with the local time a half-hour begins at, GC and GG in kWh; raises ValueError if any lacks."""
        self._rows = {datetime.fromisoformat(row[""]).strftime("%m-%d %H:%M"):
                      HalfHour(_watt_hours(row["GC"]), _watt_hours(row["GG"])) for row in csv.DictReader(lines)}
        if len(self._rows) != 366 * 48:
            raise ValueError(f"a year has {366 * 48} half-hours, not {len(self._rows)}")

    def starting(self, at: int) -> HalfHour:
        """The half-hour that starts at `at`, UTC seconds, a multiple of 1800."""
        if at % HALF_HOUR:
            raise ValueError(f"no half-hour starts at {at}")
        return self._rows[datetime.fromtimestamp(at, LOCAL).strftime("%m-%d %H:%M")]


@dataclass(frozen=True, slots=True)
class CalendarMonth:
    """A month by the local clock: `2026-01`, UTC seconds of its beginning and its end."""

    name: str
    start: int
    end: int


def months_over(start: int, end: int) -> list[CalendarMonth]:
    """The months that overlap with (start, end) and whose end lies before its end, UTC seconds."""
    first = datetime.fromtimestamp(start, LOCAL).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = []
    while (following := (first + timedelta(days=31)).replace(day=1)).timestamp() < end:
        if following.timestamp() > start:
            found.append(CalendarMonth(f"{first:%Y-%m}", int(first.timestamp()), int(following.timestamp())))
        first = following
    return found


@lru_cache(maxsize=1)
def recorded_year() -> Year:
    """The year that comes with the package."""
    return Year((files(__package__) / "data" / _FILE).read_text("ascii").splitlines())


def _watt_hours(kilowatt_hours: str) -> int:
    return int((Decimal(kilowatt_hours) * 1000).to_integral_value())
