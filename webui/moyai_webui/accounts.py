"""Signing in and out: passwords, the pause after wrong ones, sessions that end."""
from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from flask import Flask, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from moyai_webui.home import Actor, Home, User

SHIFT = timedelta(hours=12)
KEPT = timedelta(days=30)

hasher = PasswordHasher()
_NOBODY = hasher.hash("the time a wrong password takes must not tell whether the login exists")


class SignedIn(UserMixin):
    """The person of this session."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.name = user.name
        self.roles = user.roles
        self.office = user.office
        self.account = user.account

    def get_id(self) -> str:
        return f"{self.user.user_id}.{self.user.session_version}"

    @property
    def site_id(self) -> str:
        """The site of a shelter clerk, else empty."""
        part = self.office.partition("/")[2]
        return "" if part.startswith("D-") else part

    @property
    def duty(self) -> str:
        """Whose navigation the person sees: shelter, office, sender, member."""
        if "S" in self.roles:
            return "shelter"
        if {"A", "C"} & set(self.roles):
            return "office"
        return "sender" if "P" in self.roles else "member"

    def actor(self, *allowed: str) -> Actor:
        """Who acts on the ledger, in the first allowed role the person has."""
        role = next(role for role in allowed if role in self.roles)
        return Actor(self.account, role, self.office)


@dataclass(frozen=True)
class Answer:
    """The outcome of a sign-in: a person, or why not (wrong, locked)."""

    user: User | None
    reason: str = ""


def normal_login(typed: str) -> str:
    """A login as it is compared: full-width letters and upper case are the same."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def check_password(home: Home, typed_login: str, password: str, now: datetime) -> Answer:
    """Compares a password; the fifth wrong one within 15 minutes starts a pause of 15 minutes."""
    login = normal_login(typed_login)
    if home.locked_until(login, now) is not None:
        return Answer(None, "locked")
    user = home.user_by_login(login)
    try:
        hasher.verify(user.password_hash if user else _NOBODY, password)
        matches = user is not None and user.active
    except VerificationError:
        matches = False
    if user is None or not matches:
        home.count_wrong_password(login, now)
        return Answer(None, "locked" if home.locked_until(login, now) is not None else "wrong")
    home.clear_wrong_passwords(login)
    if hasher.check_needs_rehash(user.password_hash):
        home.save_password_hash(user.user_id, hasher.hash(password))
    return Answer(user)


def begin_session(user: User, *, keep: bool, now: datetime) -> None:
    """A session of one shift, or of thirty days on a device of one's own; a new cookie value either way."""
    session.clear()
    login_user(SignedIn(user))
    session.permanent = keep
    session["until"] = int((now + (KEPT if keep else SHIFT)).timestamp())


def end_session() -> None:
    logout_user()
    session.clear()


def install(app: Flask, home: Home) -> None:
    """Loads the person of each request; a session past its end or of an older version is nobody's."""
    manager = LoginManager(app)
    manager.session_protection = "basic"
    app.config["PERMANENT_SESSION_LIFETIME"] = KEPT

    @manager.user_loader
    def load(session_id: str) -> SignedIn | None:
        user_id, _, version = session_id.rpartition(".")
        if session.get("until", 0) < datetime.now(timezone.utc).timestamp():
            return None
        user = home.user(user_id)
        if user is None or not user.active or str(user.session_version) != version:
            return None
        return SignedIn(user)


def person() -> SignedIn:
    """The signed-in person; only for views that `access.roles` guards."""
    return current_user._get_current_object()
