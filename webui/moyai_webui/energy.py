"""A home's electricity by day, month and year: the hours, days or months of a period, and what was made and used."""
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from moyai_webui.metering import Counted
from moyai_webui.presentation.formats import JST, day

KINDS = {"day": "日", "month": "月", "year": "年"}


@dataclass(frozen=True)
class Period:
    """A day, month or year in Japan; `start` is its first day."""

    by: str  # day, month, year
    start: date

    @classmethod
    def read(cls, by: str, on: str, today: date) -> Period:
        """The period that an address asks for, the current one where it asks for none that can be."""
        by = by if by in KINDS else "day"
        match = re.fullmatch(r"(20\d\d)(?:-(\d\d))?(?:-(\d\d))?", on)
        try:
            asked = date(*(int(part or 1) for part in match.groups())) if match else today
        except ValueError:
            asked = today
        return cls(by, _first_day(by, min(asked, today)))

    @property
    def on(self) -> str:
        """How addresses name it: 2026-11-24, 2026-11, 2026."""
        return self.start.isoformat()[:{"day": 10, "month": 7, "year": 4}[self.by]]

    @property
    def title(self) -> str:
        if self.by == "day":
            return day(self.start)
        return f"{self.start.year}年" + (f"{self.start.month}月" if self.by == "month" else "")

    @property
    def following(self) -> Period:
        step = {"day": 1, "month": 31, "year": 366}[self.by]
        return Period(self.by, _first_day(self.by, self.start + timedelta(days=step)))

    @property
    def previous(self) -> Period:
        return Period(self.by, _first_day(self.by, self.start - timedelta(days=1)))

    @property
    def labels(self) -> tuple[str, ...]:
        """Words of its hours, days or months."""
        starts = self.edges[:-1]
        if self.by == "day":
            return tuple(f"{at.hour}時" for at in starts)
        return tuple(f"{at.day}日" if self.by == "month" else f"{at.month}月" for at in starts)

    @property
    def edges(self) -> tuple[datetime, ...]:
        """Where its hours, days or months begin, and its end."""
        if self.by == "day":
            return tuple(_midnight(self.start) + timedelta(hours=hour) for hour in range(25))
        if self.by == "month":
            days = (self.following.start - self.start).days
            return tuple(_midnight(self.start + timedelta(days=number)) for number in range(days + 1))
        return tuple(_midnight(date(self.start.year + month // 12, month % 12 + 1, 1)) for month in range(13))


@dataclass(frozen=True)
class Figures:
    """Wh of some time; None where nothing was read."""

    label: str
    begin: datetime
    end: datetime
    generated: int | None
    bought: int | None
    sold: int | None
    missing: int
    substituted: int = 0

    @property
    def mark(self) -> str:
        """What a drawing must tell: lack (nothing was read), part (something is missing), set (values were set)."""
        if self.substituted:
            return "set"
        if not self.missing:
            return ""
        return "part" if self.used is not None or self.generated is not None else "lack"

    @property
    def self_used(self) -> int | None:
        """Made and used at home. A battery may sell later what was made before: then nothing, never less."""
        return None if self.generated is None else max(0, self.generated - (self.sold or 0))

    @property
    def used(self) -> int | None:
        """All that the home used: bought, and made by itself."""
        parts = [part for part in (self.bought, self.self_used) if part is not None]
        return sum(parts) if parts else None


def figures(period: Period, counted: Sequence[Counted]) -> tuple[Figures, ...]:
    """One line for each hour, day or month."""
    return tuple(_line(label, begin, end, part) for label, begin, end, part in zip(
        period.labels, period.edges[:-1], period.edges[1:], counted, strict=True))


def whole(period: Period, lines: Sequence[Figures]) -> Figures:
    """The sums of a period."""
    return Figures(period.title, period.edges[0], period.edges[-1], *(
        _sum([getattr(line, name) for line in lines]) for name in ("generated", "bought", "sold")),
        missing=sum(line.missing for line in lines), substituted=sum(line.substituted for line in lines))


def _line(label: str, begin: datetime, end: datetime, part: Counted) -> Figures:
    return Figures(label, begin, end, part.amounts.get("generation"), part.amounts.get("import"),
                   part.amounts.get("export"), part.missing, part.substituted)


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _first_day(by: str, within: date) -> date:
    if by == "day":
        return within
    return within.replace(day=1) if by == "month" else within.replace(month=1, day=1)


def _midnight(of: date) -> datetime:
    return datetime.combine(of, time(), JST)
