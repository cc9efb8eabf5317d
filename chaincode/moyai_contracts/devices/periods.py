"""Fiscal years, months and half-hours, by arithmetic."""
from __future__ import annotations

from moyai_contracts.api.metering import HALF_HOUR
from moyai_contracts.business_date import japanese_date, japanese_midnight

_JST_SECONDS = 9 * 3600
_FIRST_MONTH, _LAST_MONTH = 4, 3
"""Of the fiscal year."""


def fiscal_year(today: str) -> int:
    """The fiscal year, from April to March, that a day `2024-01-09` lies in."""
    year, month = _year_and_month(today)
    return year if month >= _FIRST_MONTH else year - 1


def is_last_month(today: str) -> bool:
    """Whether the day lies in the fiscal year's last month."""
    return _year_and_month(today)[1] == _LAST_MONTH


def month_start(month: str) -> int:
    """UTC seconds at which a month `2024-01` begins in Japan."""
    return japanese_midnight(f"{month}-01")


def month_before(month: str) -> str:
    """`2023-12` for `2024-01`."""
    return _shifted(month, -1)


def month_after(month: str) -> str:
    """`2024-02` for `2024-01`."""
    return _shifted(month, 1)


def slot_start(slot: str) -> int | None:
    """UTC seconds of a half-hour `20240109T0930`; None where the calendar has no such one."""
    date = f"{slot[:4]}-{slot[4:6]}-{slot[6:8]}"
    midnight = japanese_midnight(date) + _JST_SECONDS
    second = int(slot[9:11]) * 3600 + int(slot[11:13]) * 60
    is_date = "01" <= slot[4:6] <= "12" and japanese_date(midnight) == date
    is_half_hour = int(slot[9:11]) < 24 and int(slot[11:13]) < 60 and second % HALF_HOUR == 0
    return midnight + second if is_date and is_half_hour else None


def _year_and_month(date: str) -> tuple[int, int]:
    return int(date[:4]), int(date[5:7])


def _shifted(month: str, months: int) -> str:
    year, number = _year_and_month(month)
    total = year * 12 + number - 1 + months
    return f"{total // 12:04}-{total % 12 + 1:02}"
