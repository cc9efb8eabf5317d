"""Open sessions and shifts in the home tables."""
from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from moyai_database.database import Database, upsert
from sqlalchemy import Row, delete, insert, select, update
from ulid import ULID

from moyai_webui import identity
from moyai_webui.store.identity_tables import DayCode, OpenSession, Shift

NAMED_BY = 12
"""So many digits of a session's hash name it on pages."""
NOTED_EVERY = timedelta(minutes=1)
"""A session in use is written down at most so often."""


class SqlSessions:
    """Implements `moyai_webui.identity.Sessions`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, user_id: str, secret: str, *, now: datetime, until: datetime, idle: timedelta, device: str,
              on_duty: str = "") -> None:
        with self._database.writing() as connection:
            connection.execute(delete(OpenSession).where(OpenSession.until <= now))
            connection.execute(insert(OpenSession).values(
                session_sha256=digest(secret), user_id=user_id, began_at=now, seen_at=now, until=until,
                idle_seconds=int(idle.total_seconds()), device=device, on_duty=on_duty))

    def find(self, secret: str, now: datetime, *, used: bool = True) -> identity.OpenSession | None:
        with self._database.reading() as connection:
            row = connection.execute(select(OpenSession).where(
                OpenSession.session_sha256 == digest(secret))).one_or_none()
        if row is None or not _is_open(row, now):
            return None
        if used and now - row.seen_at >= NOTED_EVERY:
            with self._database.writing() as connection:
                connection.execute(update(OpenSession).where(
                    OpenSession.session_sha256 == row.session_sha256).values(seen_at=now))
        return _session(row)

    def of(self, user_id: str, now: datetime) -> tuple[identity.OpenSession, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(select(OpenSession).where(OpenSession.user_id == user_id)
                                      .order_by(OpenSession.seen_at.desc(), OpenSession.session_sha256)).all()
        return tuple(_session(row) for row in rows if _is_open(row, now))

    def end(self, secret: str) -> None:
        self._delete(OpenSession.session_sha256 == digest(secret))

    def end_one(self, user_id: str, session_id: str) -> None:
        if len(session_id) == NAMED_BY:
            self._delete(OpenSession.user_id == user_id,
                         OpenSession.session_sha256.startswith(session_id, autoescape=True))

    def end_all(self, user_id: str, *, but: str = "") -> None:
        self._delete(OpenSession.user_id == user_id, OpenSession.session_sha256 != digest(but))

    def _delete(self, *conditions: Any) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(OpenSession).where(*conditions))


class SqlShifts:
    """Implements `moyai_webui.identity.Shifts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def code(self, site_id: str, day: date) -> str | None:
        with self._database.reading() as connection:
            return connection.scalar(select(DayCode.code).where(DayCode.site_id == site_id, DayCode.day == day))

    def make_code(self, site_id: str, day: date, made_by: str, now: datetime) -> str:
        code = f"{secrets.randbelow(1_000_000):06}"
        with self._database.writing() as connection:
            connection.execute(delete(DayCode).where(DayCode.day < day - timedelta(days=1)))
            upsert(connection, DayCode.__table__, [{"site_id": site_id, "day": day, "code": code, "made_by": made_by,
                                                    "made_at": now}])
        return code

    def codes(self, day: date) -> Mapping[str, str]:
        with self._database.reading() as connection:
            return {row.site_id: row.code for row in connection.execute(
                select(DayCode.site_id, DayCode.code).where(DayCode.day == day))}

    def begin(self, site_id: str, name: str, secret: str, now: datetime) -> None:
        with self._database.writing() as connection:
            connection.execute(insert(Shift).values(shift_id=str(ULID()), site_id=site_id, name=name, began_at=now,
                                                    ended_at=None, session_sha256=digest(secret)))

    def end(self, secret: str, now: datetime) -> None:
        with self._database.writing() as connection:
            connection.execute(update(Shift).where(
                Shift.session_sha256 == digest(secret), Shift.ended_at.is_(None)).values(ended_at=now))

    def at(self, site_id: str, limit: int) -> tuple[identity.Shift, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(select(Shift).where(Shift.site_id == site_id)
                                      .order_by(Shift.began_at.desc()).limit(limit)).all()
        return tuple(identity.Shift(row.name, row.began_at, row.ended_at) for row in rows)


def digest(secret: str) -> str:
    """What is kept of a secret that another place holds."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _is_open(row: Row[Any], now: datetime) -> bool:
    return row.until > now and row.seen_at + timedelta(seconds=row.idle_seconds) > now


def _session(row: Row[Any]) -> identity.OpenSession:
    return identity.OpenSession(row.session_sha256[:NAMED_BY], row.user_id, row.began_at, row.seen_at, row.until,
                                row.device, row.on_duty)
