"""Links that work once, authenticators, and mails about signing in, in the home tables."""
from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moyai_database.database import Database, upsert
from sqlalchemy import delete, func, insert, select, update
from ulid import ULID

from moyai_webui import identity
from moyai_webui.store.identity_tables import AccountMail, SecondFactor, Ticket
from moyai_webui.store.outbox import DEFERRED, SENDING, UNKNOWN, WAITING
from moyai_webui.store.sessions import digest

SECRET_BYTES = 24


class SqlTickets:
    """Implements `moyai_webui.identity.Tickets`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def issue(self, kind: str, user_id: str, now: datetime, lasts: timedelta,
              content: Mapping[str, Any] | None = None) -> str:
        secret = secrets.token_urlsafe(SECRET_BYTES)
        with self._database.writing() as connection:
            connection.execute(delete(Ticket).where(Ticket.expires_at <= now))
            connection.execute(delete(Ticket).where(Ticket.kind == kind, Ticket.user_id == user_id))
            connection.execute(insert(Ticket).values(
                ticket_sha256=digest(secret), kind=kind, user_id=user_id, content=dict(content or {}),
                created_at=now, expires_at=now + lasts))
        return secret

    def look(self, kind: str, secret: str, now: datetime) -> identity.Ticket | None:
        with self._database.reading() as connection:
            row = connection.execute(select(Ticket.user_id, Ticket.content, Ticket.expires_at).where(
                Ticket.ticket_sha256 == digest(secret), Ticket.kind == kind, Ticket.expires_at > now)).one_or_none()
        return None if row is None else identity.Ticket(*row)

    def take(self, kind: str, secret: str, now: datetime) -> identity.Ticket | None:
        with self._database.writing() as connection:
            row = connection.execute(delete(Ticket).where(
                Ticket.ticket_sha256 == digest(secret), Ticket.kind == kind, Ticket.expires_at > now
            ).returning(Ticket.user_id, Ticket.content, Ticket.expires_at)).one_or_none()
        return None if row is None else identity.Ticket(*row)

    def withdraw(self, user_id: str) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(Ticket).where(Ticket.user_id == user_id))


class SqlSecondFactors:
    """Implements `moyai_webui.identity.SecondFactors`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def factor(self, user_id: str) -> identity.SecondFactor | None:
        with self._database.reading() as connection:
            row = connection.execute(select(SecondFactor).where(SecondFactor.user_id == user_id)).one_or_none()
        return None if row is None else identity.SecondFactor(row.user_id, row.secret, row.confirmed, row.last_step,
                                                              tuple(row.recovery))

    def save(self, factor: identity.SecondFactor) -> None:
        with self._database.writing() as connection:
            upsert(connection, SecondFactor.__table__, [{
                "user_id": factor.user_id, "secret": factor.secret, "confirmed": factor.confirmed,
                "last_step": factor.last_step, "recovery": list(factor.recovery)}])

    def use_step(self, user_id: str, step: int) -> bool:
        with self._database.writing() as connection:
            return connection.execute(update(SecondFactor).where(
                SecondFactor.user_id == user_id, SecondFactor.last_step < step).values(last_step=step)).rowcount == 1

    def use_recovery(self, user_id: str, code_digest: str) -> bool:
        with self._database.writing() as connection:
            left = connection.scalar(select(SecondFactor.recovery).where(SecondFactor.user_id == user_id)
                                     .with_for_update())
            if code_digest not in (left or ()):
                return False
            connection.execute(update(SecondFactor).where(SecondFactor.user_id == user_id).values(
                recovery=[each for each in left if each != code_digest]))
        return True

    def remove(self, user_id: str) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))


@dataclass(frozen=True)
class Letter:
    """A mail about signing in that waits to be sent."""

    mail_id: str
    kind: str
    recipient: str
    content: Mapping[str, Any]
    created_at: datetime
    attempts: int


class SqlAccountMails:
    """Implements `moyai_webui.identity.AccountMails`, and is the outbox of their sender."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, kind: str, user_id: str, recipient: str, now: datetime,
            content: Mapping[str, Any] | None = None) -> None:
        with self._database.writing() as connection:
            connection.execute(insert(AccountMail).values(
                mail_id=str(ULID()), kind=kind, user_id=user_id, recipient=recipient, content=dict(content or {}),
                created_at=now, state=WAITING, attempts=0, next_attempt_at=now, answer=""))

    def count(self, recipient: str, since: datetime) -> int:
        with self._database.reading() as connection:
            return connection.scalar(select(func.count()).select_from(AccountMail).where(
                AccountMail.recipient == recipient, AccountMail.created_at > since)) or 0

    def settle_interrupted(self) -> None:
        """What a worker was sending when it died is not sent again: nobody knows whether the server took it."""
        with self._database.writing() as connection:
            connection.execute(update(AccountMail).where(AccountMail.state == SENDING).values(
                state=UNKNOWN, answer="interrupted", content={}))

    def due(self, now: datetime, limit: int) -> Sequence[Letter]:
        with self._database.reading() as connection:
            rows = connection.execute(select(AccountMail).where(
                AccountMail.state.in_((WAITING, DEFERRED)), AccountMail.next_attempt_at <= now)
                .order_by(AccountMail.created_at, AccountMail.mail_id).limit(limit)).all()
        return [Letter(row.mail_id, row.kind, row.recipient, row.content, row.created_at, row.attempts)
                for row in rows]

    def begin(self, mail_id: str) -> bool:
        """Notes that the mail is being handed over now; False where another worker is at it."""
        with self._database.writing() as connection:
            return connection.execute(update(AccountMail).where(
                AccountMail.mail_id == mail_id, AccountMail.state.in_((WAITING, DEFERRED))
            ).values(state=SENDING, attempts=AccountMail.attempts + 1)).rowcount == 1

    def ended(self, mail_id: str, state: str, answer: str) -> None:
        """The mail went out, was refused for good, or nobody knows; its link is forgotten here."""
        self._update(mail_id, state=state, answer=answer, content={})

    def try_later(self, mail_id: str, answer: str, next_attempt_at: datetime) -> None:
        self._update(mail_id, state=DEFERRED, answer=answer, next_attempt_at=next_attempt_at)

    def forget(self, before: datetime) -> None:
        """Drops mails that are long gone."""
        with self._database.writing() as connection:
            connection.execute(delete(AccountMail).where(AccountMail.created_at < before))

    def _update(self, mail_id: str, **values: Any) -> None:
        with self._database.writing() as connection:
            connection.execute(update(AccountMail).where(AccountMail.mail_id == mail_id).values(**values))
