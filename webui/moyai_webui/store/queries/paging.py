"""Pages of a list, words to search for, days in Japan."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_
from sqlalchemy.orm import Session

JST = timezone(timedelta(hours=9))


def count(session: Session, statement: Select[Any], place: ColumnElement[str] | None = None) -> tuple[int, int]:
    """Number of rows of a statement, and of different values of `place` among them."""
    places = func.count(place.distinct()) if place is not None else func.count()
    total, different = session.execute(statement.with_only_columns(func.count(), places).order_by(None)).one()
    return total, different if place is not None else 0


def cut(statement: Select[Any], page: int, size: int) -> Select[Any]:
    """The rows of one page, counted from 1."""
    return statement.limit(size).offset((max(page, 1) - 1) * size)


def has_words(text: str, columns: Iterable[Any]) -> ColumnElement[bool]:
    """Every word of the text stands in one of the columns, upper or lower case alike."""
    columns = list(columns)
    return and_(True, *(or_(*(column.icontains(word, autoescape=True) for column in columns))
                        for word in text.split()))


def day_span(day: date) -> tuple[datetime, datetime]:
    """Beginning and end of a day in Japan."""
    begin = datetime.combine(day, time(), JST)
    return begin, begin + timedelta(days=1)


def today(now: datetime) -> date:
    """The date in Japan."""
    return now.astimezone(JST).date()
