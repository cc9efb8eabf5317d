"""Dates of business: the calendar day in Japan (UTC+9), by arithmetic, so that every endorser finds the same."""
from __future__ import annotations

_JST_SECONDS = 9 * 3600
_DAY_SECONDS = 86400
_DAYS_OF_ERA = 146_097
_DAYS_TO_1970 = 719_468
"""From 1 March of year 0, where the 400-year cycle of the Gregorian calendar begins."""


def japanese_date(at: int) -> str:
    """`2024-01-09` for UTC seconds since 1970."""
    days = (at + _JST_SECONDS) // _DAY_SECONDS + _DAYS_TO_1970
    era, day_of_era = divmod(days, _DAYS_OF_ERA)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_from_march + 2) // 5 + 1
    month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    return f"{year:04}-{month:02}-{day:02}"


def japanese_midnight(date: str) -> int:
    """UTC seconds since 1970 at which a day `2024-01-09` begins in Japan; a day that the calendar lacks is counted on
    from the one before it."""
    year, month, day = map(int, date.split("-"))
    year_from_march = year - (1 if month <= 2 else 0)
    era, year_of_era = divmod(year_from_march, 400)
    day_of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return (era * _DAYS_OF_ERA + day_of_era - _DAYS_TO_1970) * _DAY_SECONDS - _JST_SECONDS


def is_over(date: str, today: str) -> bool:
    """Whether `date` lies before `today`; a date without its day, as printed on a box, lasts until the month's end."""
    return today[:len(date)] > date
