"""Home tables of signing in: sessions, one-time links, second factors, day codes, mails about accounts."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from moyai_webui.store.home_tables import Home


class OpenSession(Home):
    """A session that is open; the cookie's own secret is kept as a hash. `idle_seconds`: so long nobody may be away."""

    __tablename__ = "open_session"

    session_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(26), index=True)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)
    idle_seconds: Mapped[int] = mapped_column(Integer)
    device: Mapped[str]
    on_duty: Mapped[str]


class Ticket(Home):
    """A link that works once: what for, for whom, until when."""

    __tablename__ = "ticket"
    __table_args__ = (Index(None, "kind", "user_id"),)

    ticket_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str]
    user_id: Mapped[str] = mapped_column(String(26))
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class AccountMail(Home):
    """A mail about signing in. No block knows of it; `content` holds its link and is emptied once it went out.

    `state`: waiting, sending, accepted, deferred, bounced, unknown.
    """

    __tablename__ = "account_mail"
    __table_args__ = (Index(None, "state", "next_attempt_at"),)

    mail_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    kind: Mapped[str]
    user_id: Mapped[str] = mapped_column(String(26), index=True)
    recipient: Mapped[str]
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(Integer)
    next_attempt_at: Mapped[datetime]
    answer: Mapped[str]


class SecondFactor(Home):
    """The secret of somebody's authenticator; `last_step` is the newest time step that was accepted."""

    __tablename__ = "second_factor"

    user_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    secret: Mapped[str]
    confirmed: Mapped[bool]
    last_step: Mapped[int]
    recovery: Mapped[list[Any]]


class DayCode(Home):
    """The number that opens a shift at a site on one day in Japan."""

    __tablename__ = "day_code"

    site_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class Shift(Home):
    """Who was on duty at a site: what stands beside the site's one account."""

    __tablename__ = "shift"

    shift_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    site_id: Mapped[str] = mapped_column(String(20), index=True)
    name: Mapped[str]
    began_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    session_sha256: Mapped[str] = mapped_column(String(64), index=True)


class KeyName(Home):
    """What people call the device that holds a key."""

    __tablename__ = "key_name"

    account: Mapped[str] = mapped_column(String(26), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str]
