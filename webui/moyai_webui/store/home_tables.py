"""Home tables: what the municipality knows for itself and no block holds. They live under Alembic's migrations."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, LargeBinary, MetaData, String, Text, true
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from moyai_webui.store.columns import UtcTime


class Home(DeclarativeBase):
    """Base of the home tables."""

    metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s",
                                           "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                                           "pk": "pk_%(table_name)s"})
    type_annotation_map = {int: BigInteger, str: Text, datetime: UtcTime(), dict[str, Any]: JSON(), list[Any]: JSON(),
                           bytes: LargeBinary}


class User(Home):
    """A person who signs in here; `login` in lower case and half width, `mail` where she is written to.

    Without a `password_hash` nobody can sign in yet. `mail_choice`: at_once, digest.
    """

    __tablename__ = "user_account"

    user_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    login: Mapped[str] = mapped_column(Text, unique=True)
    password_hash: Mapped[str]
    name: Mapped[str]
    account: Mapped[str] = mapped_column(Text, index=True)
    roles: Mapped[list[Any]]
    office: Mapped[str]
    mail: Mapped[str]
    language: Mapped[str]
    active: Mapped[bool]
    session_version: Mapped[int] = mapped_column(Integer)
    mail_choice: Mapped[str] = mapped_column(server_default="at_once")
    mail_confirmed: Mapped[bool] = mapped_column(server_default=true())
    valid_until: Mapped[datetime | None]
    registered_at: Mapped[datetime | None] = mapped_column(index=True)


class WrongPassword(Home):
    """A failed sign-in; the login is hashed, since people type all sorts of things there."""

    __tablename__ = "wrong_password"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    login_sha256: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime]


class SignInPause(Home):
    __tablename__ = "sign_in_pause"

    login_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    until: Mapped[datetime]


class SiteContact(Home):
    """Who is written to and called at one of the own sites."""

    __tablename__ = "site_contact"

    site_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    person: Mapped[str]
    mail: Mapped[str]
    phone: Mapped[str]


class SiteListHeading(Home):
    """One row: how the list of sites that was imported begins, and how it is written."""

    __tablename__ = "site_list_heading"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    heading: Mapped[str]
    encoding: Mapped[str]


class SiteListRow(Home):
    """A row of that list as it was written, line break included; `position` is its place in the file."""

    __tablename__ = "site_list_row"

    site_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)
    text: Mapped[str]


class Draft(Home):
    """An upload between preview and confirmation."""

    __tablename__ = "draft"

    draft_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    user_id: Mapped[str]
    kind: Mapped[str]
    content: Mapped[bytes]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Submission(Home):
    """A command on its way. `state`: pending, recorded, refused; with an `envelope` it may have been sent already.

    Held back: unsigned (until somebody's key signed it), unconfirmed (until the sender's mail address is confirmed).
    `busy_until`: a process is at it; after that time another one takes over. `next_attempt_at`: not before.
    """

    __tablename__ = "submission"
    __table_args__ = (Index(None, "state", "next_attempt_at"),)

    op: Mapped[str] = mapped_column(String(26), primary_key=True)
    transaction: Mapped[str]
    fields: Mapped[dict[str, Any]]
    account: Mapped[str]
    role: Mapped[str]
    office: Mapped[str]
    user_id: Mapped[str]
    page: Mapped[str]
    form: Mapped[dict[str, Any]]
    form_sha256: Mapped[str] = mapped_column(server_default="")
    accepted_at: Mapped[datetime]
    state: Mapped[str]
    doubtful: Mapped[bool]
    envelope: Mapped[bytes | None]
    tx_id: Mapped[str]
    block: Mapped[int | None]
    recorded_at: Mapped[datetime | None]
    refusal: Mapped[str]
    params: Mapped[dict[str, Any]]
    proof: Mapped[list[Any]] = mapped_column(server_default="[]")
    scope: Mapped[str] = mapped_column(server_default="live")
    attempts: Mapped[int] = mapped_column(Integer)
    busy_until: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime]


class ReturnedMail(Home):
    """What came back after a server had taken a mail; `n` counts from 1. `recorded`: a block holds it."""

    __tablename__ = "returned_mail"

    mail_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    answer: Mapped[str]
    at: Mapped[datetime]
    recorded: Mapped[bool]


class OutgoingMail(Home):
    """The outbox: to one account or one of the own sites. `content`: ids of what it tells, `about`: that in words.

    `state`: waiting, sending, accepted, deferred (the server asked to come again), bounced, unknown.
    `recorded`: a block holds the sending.
    """

    __tablename__ = "outgoing_mail"
    __table_args__ = (Index(None, "state", "next_attempt_at"),)

    mail_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    kind: Mapped[str]
    cause_tx: Mapped[str] = mapped_column(String(64))
    account: Mapped[str]
    site: Mapped[str]
    content: Mapped[dict[str, Any]]
    about: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(Integer)
    next_attempt_at: Mapped[datetime]
    handed_at: Mapped[datetime | None]
    answer: Mapped[str]
    recorded: Mapped[bool]
