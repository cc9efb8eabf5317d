"""Letting people sign in."""
from __future__ import annotations

from dataclasses import dataclass

from argon2 import PasswordHasher
from ulid import ULID
from moyai_database.database import Database

from moyai_webui.accounts import normal_login
from moyai_webui.home import User
from moyai_webui.store.home import SqlHome


@dataclass(frozen=True)
class Person:
    """Somebody who signs in."""

    login: str
    name: str
    account: str
    roles: tuple[str, ...]
    office: str
    mail: str = ""


def create_user(database: Database, person: Person, password: str) -> None:
    """Adds a person, or gives one who is there already another password and these particulars."""
    home = SqlHome(database)
    login = normal_login(person.login)
    known = home.user_by_login(login)
    mail = person.mail or (person.login if "@" in person.login else "")
    home.save_user(User(
        user_id=known.user_id if known else str(ULID()), login=login, password_hash=PasswordHasher().hash(password),
        name=person.name, account=person.account, roles=person.roles, office=person.office, mail=mail,
        session_version=known.session_version + 1 if known else 1))
