"""Fiscal years, months and half-hours against the standard library's calendar."""
from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moyai_contracts.devices import periods

JST = timezone(timedelta(hours=9))
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(9998, 1, 1))


@pytest.mark.parametrize(("day", "year", "is_last"), [
    ("2024-03-31", 2023, True), ("2024-04-01", 2024, False), ("2024-12-31", 2024, False), ("2025-01-01", 2024, False),
    ("2025-02-28", 2024, False), ("2025-03-01", 2024, True)])
def test_the_fiscal_year_begins_in_april(day: str, year: int, is_last: bool) -> None:
    assert (periods.fiscal_year(day), periods.is_last_month(day)) == (year, is_last)


@given(MOMENTS)
def test_months_follow_each_other(moment: datetime) -> None:
    month = moment.strftime("%Y-%m")
    assert periods.month_before(periods.month_after(month)) == month
    start = datetime(moment.year, moment.month, 1, tzinfo=JST)
    assert periods.month_start(month) == int(start.timestamp())
    end = datetime.fromtimestamp(periods.month_start(periods.month_after(month)), JST)
    assert (end - timedelta(seconds=1)).strftime("%Y-%m") == month and (end.day, end.hour) == (1, 0)


@given(MOMENTS)
def test_a_slot_begins_when_its_name_says(moment: datetime) -> None:
    start = moment.replace(minute=moment.minute // 30 * 30, second=0, microsecond=0, tzinfo=timezone.utc)
    assert periods.slot_start(start.strftime("%Y%m%dT%H%M").rjust(13, "0")) == int(start.timestamp())


@given(st.from_regex(r"[0-9]{8}T[0-9]{4}", fullmatch=True))
def test_any_text_of_the_shape_is_a_slot_or_none(text: str) -> None:
    try:
        expected = int(datetime.strptime(text, "%Y%m%dT%H%M").replace(tzinfo=timezone.utc).timestamp())
    except ValueError:
        expected = None
    if text[:4] == "0000":
        return  # a year that the library does not have
    assert periods.slot_start(text) == (expected if expected is not None and expected % 1800 == 0 else None)
