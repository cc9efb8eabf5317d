"""People in the home database as the worker looks after them: the ledger says what their accounts may."""
from __future__ import annotations

from datetime import datetime
from typing import Any

from moyai_database.database import Database
from sqlalchemy import Select, String, and_, cast, delete, exists, or_, select, update

from moyai_webui import home
from moyai_webui.store.home import user_of
from moyai_webui.store.home_tables import Submission, User
from moyai_webui.store.identity_tables import AccountMail, OpenSession, SecondFactor, Ticket
from moyai_webui.store.projection_tables import Account
from moyai_webui.store.submissions import UNCONFIRMED

INVITATION = "invitation"


class SqlPeople:
    """All that changes people without anybody at a page. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def follow_ledger(self) -> list[str]:
        """Gives people the roles and office of their accounts, and lets nobody in whose account is suspended or
        closed; their sessions end. Returns the ids of those who changed."""
        changed = []
        with self._database.writing() as connection:
            for user_id, roles, office, status in connection.execute(_different()).all():
                active = status == "active"
                connection.execute(update(User).where(User.user_id == user_id).values(
                    roles=roles, office=office, active=active))
                if not active:
                    connection.execute(delete(OpenSession).where(OpenSession.user_id == user_id))
                changed.append(user_id)
        return changed

    def uninvited(self) -> tuple[home.User, ...]:
        """People whose account is open, who have no password and were never written to."""
        written = exists().where(AccountMail.user_id == User.user_id, AccountMail.kind == INVITATION)
        with self._database.reading() as connection:
            return tuple(user_of(row) for row in connection.execute(
                select(User).join(Account, Account.account_id == User.account).where(
                    User.password_hash == "", User.mail != "", User.registered_at.is_not(None),
                    Account.status == "active", ~written)))

    def confirmed_senders(self) -> tuple[home.User, ...]:
        """People whose mail address is confirmed and whose first offer still waits here."""
        waiting = exists().where(Submission.user_id == User.user_id, Submission.state == UNCONFIRMED)
        with self._database.reading() as connection:
            return tuple(user_of(row) for row in connection.execute(
                select(User).where(User.mail_confirmed.is_(True), waiting)))

    def has_account(self, account: str) -> bool:
        """Whether an account stands on the ledger and may act."""
        with self._database.reading() as connection:
            return connection.scalar(select(Account.status).where(Account.account_id == account)) == "active"

    def drop_unconfirmed(self, before: datetime) -> tuple[home.User, ...]:
        """Forgets people who did not confirm their address in time, with what they wanted to offer."""
        late = and_(User.mail_confirmed.is_(False), User.registered_at < before)
        return self._drop(late)

    def drop_unopened(self, before: datetime) -> tuple[home.User, ...]:
        """Forgets people whose account was never opened on the ledger."""
        opened = exists().where(Account.account_id == User.account)
        return self._drop(and_(User.password_hash == "", User.registered_at < before, ~opened))

    def _drop(self, condition: Any) -> tuple[home.User, ...]:
        with self._database.writing() as connection:
            dropped = tuple(user_of(row) for row in connection.execute(select(User).where(condition)))
            ids = [user.user_id for user in dropped]
            connection.execute(delete(Submission).where(Submission.user_id.in_(ids), Submission.state == UNCONFIRMED))
            for table in (Ticket, OpenSession, SecondFactor, User):
                connection.execute(delete(table).where(table.user_id.in_(ids)))
        return dropped


def _different() -> Select[Any]:
    """People who are not what their accounts say."""
    differs = or_(User.office != Account.office, User.active.is_(True) != (Account.status == "active"),
                  cast(User.roles, String) != cast(Account.roles, String))
    return select(User.user_id, Account.roles, Account.office, Account.status).join(
        Account, Account.account_id == User.account).where(differs)
