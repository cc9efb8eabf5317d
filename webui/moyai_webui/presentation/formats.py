"""Dates, times and numbers as people here write them (`PAGES.md` 4.14). All in Japanese standard time."""
from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone
from fractions import Fraction

from markupsafe import Markup, escape

from moyai_webui.rows import Item

JST = timezone(timedelta(hours=9), "JST")
WEEKDAYS = "月火水木金土日"
THOUSANDS = {"Wh": "kWh", "m": "km", "mL": "L"}
REIWA = (date(2019, 5, 1), 2018)

# Where a reader would break a long facility name: after these words.
_BREAKS = re.compile(r"(地区|生涯学習|総合|コミュニティ|高等学校|特別養護|市立|県立)(?=.)")


def now() -> datetime:
    return datetime.now(timezone.utc)


def today() -> date:
    return now().astimezone(JST).date()


def jst(moment: datetime) -> datetime:
    return moment.astimezone(JST)


def start_of_day(day: date) -> datetime:
    return datetime.combine(day, time(), JST)


def number(value: int) -> str:
    """1,200; minus as −."""
    return f"{value:,}".replace("-", "−")


def amount(quantity: int, item: Item) -> str:
    """48缶; where it makes whole packs, 48缶（2箱）."""
    packs = [(name, per) for name, per in item.packs if per > 1 and quantity and quantity % per == 0]
    name, per = max(packs, key=lambda pack: pack[1], default=("", 1))
    return f"{number(quantity)}{item.unit}" + (f"（{number(quantity // per)}{name}）" if name else "")


def kilowatt_hours(watt_hours: int, places: int = 1) -> str:
    """12.3 of 12,345 Wh."""
    return f"{watt_hours / 1000:,.{places}f}".replace("-", "−")


def thousands(amount: Fraction, unit: str) -> str:
    """12.345 kWh of 12,345 Wh; so for m and mL."""
    return f"{float(amount / 1000):,.3f}".rstrip("0").rstrip(".") + f" {THOUSANDS[unit]}"


def day(value: date | datetime, *, weekday: bool = True) -> str:
    """1月9日（火）; the year only when it is not this one."""
    value = jst(value).date() if isinstance(value, datetime) else value
    year = f"{value.year}年" if value.year != today().year else ""
    return f"{year}{value.month}月{value.day}日" + (f"（{WEEKDAYS[value.weekday()]}）" if weekday else "")


def iso_day(value: datetime) -> str:
    """2026-11-24, the day in Japan: as addresses name it."""
    return jst(value).date().isoformat()


def clock(moment: datetime) -> str:
    """18時42分, 18時 on the hour."""
    at = jst(moment)
    return f"{at.hour}時{at.minute:02}分" if at.minute else f"{at.hour}時"


def moment(value: datetime) -> str:
    """今日18時42分, きのう9時05分, else 1月9日（火）18時42分."""
    days = (today() - jst(value).date()).days
    where = {0: "今日", 1: "きのう"}.get(days)
    return (where or day(value)) + clock(value)


def full_moment(value: datetime) -> str:
    """1月9日 18時42分: where several stand below each other."""
    return f"{day(value, weekday=False)} {clock(value)}"


def official(value: datetime) -> str:
    """令和6年1月9日（火）18時40分, for receipts and documents."""
    at = jst(value)
    return f"{era_day(at.date())}（{WEEKDAYS[at.weekday()]}）{clock(value)}"


def era_day(value: date) -> str:
    begin, offset = REIWA
    if value < begin:
        return f"{value.year}年{value.month}月{value.day}日"
    year = value.year - offset
    return f"令和{'元' if year == 1 else year}年{value.month}月{value.day}日"


def due(value: datetime) -> str:
    """10日（水）12時, 10日（水） for the end of a day; the month when it is not this one."""
    at = jst(value)
    whole_day = at.time() >= time(23, 59)
    month = "" if (at.year, at.month) == (today().year, today().month) else f"{at.month}月"
    year = "" if at.year == today().year else f"{at.year}年"
    return f"{year}{month}{at.day}日（{WEEKDAYS[at.weekday()]}）" + ("" if whole_day else clock(value))


def table_time(value: datetime) -> str:
    """18:42 today, 1/9 on other days."""
    at = jst(value)
    if at.date() == today():
        return f"{at.hour}:{at.minute:02}"
    return f"{at.month}/{at.day}" if at.year == today().year else f"{at.year}/{at.month}/{at.day}"


def expiry(value: str) -> str:
    """賞味期限 as printed on the box: 2024年9月30日 or 2024年9月."""
    parts = value.split("-")
    return "".join(f"{int(part)}{unit}" for part, unit in zip(parts, "年月日"))


def place(name: str) -> Markup:
    """A facility name with places to break the line at."""
    return Markup(_BREAKS.sub(r"\1<wbr>", str(escape(name))))


def package_code(package_id: str) -> str:
    """P7K2 M9QX 4TRD: three groups of four."""
    return " ".join(package_id[start:start + 4] for start in range(0, len(package_id), 4))


def short_id(identifier: str) -> str:
    """7c1e…90ab."""
    return f"{identifier[:4]}…{identifier[-4:]}"
