"""Reads a list of open shelters with evacuee counts; the count's heading carries its date and hour."""
from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from moyai_webui.sites import cells
from moyai_webui.sites.site_list import UnreadableList, records

JST = timezone(timedelta(hours=9), "JST")
REIWA_OFFSET = 2018  # 令和1年 = 2019

_COUNT_HEADING = re.compile(r"人数_令和(\d+)年(\d+)月(\d+)日(午前|午後)(\d+)時(?:(\d+)分)?時点")


@dataclass(frozen=True)
class HeadCount:
    site_id: str
    name: str
    people: int


@dataclass(frozen=True)
class HeadCounts:
    counted_at: datetime
    sites: tuple[HeadCount, ...]


def read_head_counts(content: bytes) -> HeadCounts:
    """Open shelters by id with their evacuees. Raises UnreadableList, also for a single row that cannot be read."""
    rows = records(content)
    heading = [cells.plain(cell) for cell in next(rows, [])]
    counted = [(at, match) for at, name in enumerate(heading) if (match := _COUNT_HEADING.fullmatch(name))]
    if "ID" not in heading or len(counted) != 1:
        raise UnreadableList("見出しに「ID」と「人数_令和n年n月n日午後n時時点」が1つずつ必要です。")
    at, match = counted[0]
    found = []
    for row, record in enumerate(rows, start=2):
        values = dict(zip(heading, record))
        people = cells.plain(record[at]) if at < len(record) else ""
        if not re.fullmatch(r"[0-9]{1,6}", people):
            raise UnreadableList(f"{row}行目の人数を読めません（{people[:20]}）。")
        try:
            site_id = cells.site_id(values.get("ID", ""))
        except cells.Unreadable as error:
            raise UnreadableList(f"{row}行目：{error}") from error
        found.append(HeadCount(site_id, cells.text(values.get("名称", "")), int(people)))
    return HeadCounts(_time(match), tuple(found))


def _time(match: re.Match[str]) -> datetime:
    year, month, day, half, hour, minute = match.groups()
    return datetime(REIWA_OFFSET + int(year), int(month), int(day),
                    int(hour) % 12 + (12 if half == "午後" else 0), int(minute or 0), tzinfo=JST)
