"""Japan's calendar day by arithmetic, against the standard library's calendar."""
from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from moyai_contracts.business_date import is_over, japanese_date, japanese_midnight
from moyai_contracts.relief.offer_terms import is_expired

JST = timezone(timedelta(hours=9))


def test_every_day_from_1970_to_2400_has_the_name_of_the_calendar() -> None:
    first = int(datetime(1970, 1, 1, tzinfo=JST).timestamp())
    days = (datetime(2400, 12, 31) - datetime(1970, 1, 1)).days
    for day in range(days + 1):
        at = first + day * 86400
        if at < 0:
            continue
        expected = (datetime(1970, 1, 1) + timedelta(days=day)).date().isoformat()
        assert japanese_date(at) == expected
        assert japanese_date(at + 86399) == expected
        assert japanese_midnight(expected) == at


def test_the_day_begins_at_midnight_in_japan() -> None:
    midnight = int(datetime(2024, 3, 1, tzinfo=JST).timestamp())
    assert japanese_date(midnight - 1) == "2024-02-29"
    assert japanese_date(midnight) == "2024-03-01"
    assert japanese_midnight("2024-03-01") == midnight


@pytest.mark.parametrize(("date", "today", "over"), [
    ("2024-03-01", "2024-03-01", False), ("2024-03-01", "2024-03-02", True), ("2024-03-01", "2023-12-31", False),
    ("2024-03", "2024-03-31", False), ("2024-03", "2024-04-01", True), ("2024-12", "2025-01-01", True)])
def test_a_date_lasts_until_its_end(date: str, today: str, over: bool) -> None:
    assert is_over(date, today) is over


@pytest.mark.parametrize(("offer", "expired"), [
    ({}, False),
    ({"available_until": "2024-01-09"}, False), ({"available_until": "2024-01-08"}, True),
    ({"expires_on": "2024-01"}, False), ({"expires_on": "2023-12"}, True),
    ({"available_until": "2024-02-01", "expires_on": "2024-01-08"}, True)])
def test_s05_an_offer_expires_with_its_period_or_with_the_goods(offer: dict[str, str], expired: bool) -> None:
    assert is_expired(offer, "2024-01-09") is expired
