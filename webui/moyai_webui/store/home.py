"""People, contacts and uploads in the home tables."""
from __future__ import annotations

import hashlib
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from ulid import ULID
from moyai_database.database import Database, upsert

from moyai_webui import home
from moyai_webui.sites.source_list import SourceList
from moyai_webui.store.home_tables import (
    Draft, OutgoingMail, SignInPause, SiteContact, SiteListHeading, SiteListRow, User, WrongPassword,
)
from moyai_webui.store.identity_tables import KeyName
from moyai_webui.store.outbox import UNKNOWN, WAITING

WRONG_PASSWORDS = 5
COUNTED_FOR = timedelta(minutes=15)
PAUSE = timedelta(minutes=15)


class SqlHome:
    """Implements `moyai_webui.home.Home`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def user(self, user_id: str) -> home.User | None:
        return self._user(User.user_id == user_id)

    def user_by_login(self, login: str) -> home.User | None:
        return self._user(User.login == login)

    def save_password_hash(self, user_id: str, password_hash: str) -> None:
        with self._database.writing() as connection:
            connection.execute(update(User).where(User.user_id == user_id).values(password_hash=password_hash))

    def locked_until(self, login: str, now: datetime) -> datetime | None:
        with self._database.reading() as connection:
            return connection.scalar(select(SignInPause.until).where(
                SignInPause.login_sha256 == _hashed(login), SignInPause.until > now))

    def count_wrong_password(self, login: str, now: datetime) -> int:
        hashed = _hashed(login)
        with self._database.writing() as connection:
            connection.execute(delete(WrongPassword).where(WrongPassword.at <= now - COUNTED_FOR))
            connection.execute(insert(WrongPassword).values(login_sha256=hashed, at=now))
            count = connection.scalar(select(func.count()).where(WrongPassword.login_sha256 == hashed)) or 0
            if count >= WRONG_PASSWORDS:
                upsert(connection, SignInPause.__table__, [{"login_sha256": hashed, "until": now + PAUSE}])
        return count

    def clear_wrong_passwords(self, login: str) -> None:
        with self._database.writing() as connection:
            for table in (WrongPassword, SignInPause):
                connection.execute(delete(table).where(table.login_sha256 == _hashed(login)))

    def contact(self, site_id: str) -> home.SiteContact:
        with self._database.reading() as connection:
            row = connection.execute(select(SiteContact.person, SiteContact.mail, SiteContact.phone).where(
                SiteContact.site_id == site_id)).one_or_none()
        return home.SiteContact(*row) if row else home.SiteContact()

    def save_contact(self, site_id: str, contact: home.SiteContact) -> None:
        with self._database.writing() as connection:
            upsert(connection, SiteContact.__table__, [{"site_id": site_id, "person": contact.person,
                                                        "mail": contact.mail, "phone": contact.phone}])

    def site_list(self) -> SourceList | None:
        with self._database.reading() as connection:
            heading = connection.execute(select(SiteListHeading.heading, SiteListHeading.encoding)).one_or_none()
            rows = connection.execute(select(SiteListRow.site_id, SiteListRow.text).order_by(SiteListRow.position))
            return None if heading is None else SourceList(*heading, tuple((row.site_id, row.text) for row in rows))

    def save_site_list(self, source: SourceList) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(SiteListRow))
            upsert(connection, SiteListHeading.__table__, [
                {"id": 1, "heading": source.heading, "encoding": source.encoding}])
            upsert(connection, SiteListRow.__table__, [
                {"site_id": site_id, "position": position, "text": text}
                for position, (site_id, text) in enumerate(source.rows)])

    def sites_with_mail(self) -> frozenset[str]:
        with self._database.reading() as connection:
            return frozenset(connection.scalars(select(SiteContact.site_id).where(SiteContact.mail != "")))

    def send_mail_again(self, mail_id: str, now: datetime) -> bool:
        with self._database.writing() as connection:
            return connection.execute(update(OutgoingMail).where(
                OutgoingMail.mail_id == mail_id, OutgoingMail.state == UNKNOWN, OutgoingMail.recorded.is_(False)
            ).values(state=WAITING, next_attempt_at=now)).rowcount == 1

    def save_draft(self, user_id: str, kind: str, content: bytes, now: datetime,
                   kept_for: timedelta = home.DRAFTS_KEPT_FOR) -> str:
        self.forget_drafts(now)
        draft_id = str(ULID())
        with self._database.writing() as connection:
            connection.execute(insert(Draft).values(draft_id=draft_id, user_id=user_id, kind=kind, content=content,
                                                    expires_at=now + kept_for))
        return draft_id

    def forget_drafts(self, now: datetime) -> None:
        """Deletes what nobody fetched in its time."""
        with self._database.writing() as connection:
            connection.execute(delete(Draft).where(Draft.expires_at <= now))

    def draft(self, draft_id: str, user_id: str, now: datetime) -> bytes | None:
        with self._database.reading() as connection:
            return connection.scalar(select(Draft.content).where(
                Draft.draft_id == draft_id, Draft.user_id == user_id, Draft.expires_at > now))

    def take_draft(self, draft_id: str, user_id: str, now: datetime) -> bytes | None:
        with self._database.writing() as connection:
            return connection.scalar(delete(Draft).where(
                Draft.draft_id == draft_id, Draft.user_id == user_id, Draft.expires_at > now).returning(Draft.content))

    def save_user(self, user: home.User) -> None:
        """Adds a person, or overwrites the one with this id. A taken login raises IntegrityError."""
        row = {field.name: getattr(user, field.name) for field in fields(user)} | {"roles": list(user.roles)}
        with self._database.writing() as connection:
            upsert(connection, User.__table__, [row])

    def users_by_mail(self, mail: str) -> tuple[home.User, ...]:
        """The people who are written to at an address, compared without case."""
        with self._database.reading() as connection:
            found = connection.execute(select(User).where(func.lower(User.mail) == mail.lower()).order_by(User.user_id))
            return tuple(user_of(row) for row in found)

    def user_of_office(self, office: str, role: str) -> home.User | None:
        """The person of an office with a role, such as the staff of a shelter."""
        with self._database.reading() as connection:
            found = connection.execute(select(User).where(User.office == office).order_by(User.user_id))
            return next((user_of(row) for row in found if role in row.roles), None)

    def name_key(self, account: str, key_id: str, name: str) -> None:
        with self._database.writing() as connection:
            upsert(connection, KeyName.__table__, [{"account": account, "key_id": key_id, "name": name}])

    def mail_of_account(self, account: str) -> str:
        """Where the person of an account is written to; empty where that is not known."""
        with self._database.reading() as connection:
            return connection.scalar(select(User.mail).where(
                User.account == account, User.mail != "").order_by(User.user_id).limit(1)) or ""

    def _user(self, condition: Any) -> home.User | None:
        with self._database.reading() as connection:
            row = connection.execute(select(User).where(condition)).one_or_none()
        return None if row is None else user_of(row)


def user_of(row: Row[Any]) -> home.User:
    """A person as a row of the table."""
    return home.User(**{field.name: getattr(row, field.name) for field in fields(home.User)}
                     | {"roles": tuple(row.roles)})


def _hashed(login: str) -> str:
    return hashlib.sha256(login.encode()).hexdigest()
