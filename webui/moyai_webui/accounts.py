"""Signing in and out: passwords, the pause after wrong ones, sessions that end here and not only in the browser."""
from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from flask import Flask, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from moyai_webui import known_device, scope
from moyai_webui.home import Actor, Home, User
from moyai_webui.identity import Identity

SHIFT = timedelta(hours=12)
KEPT = timedelta(days=30)
AWAY, AWAY_AT_HOME, ADMINISTRATOR_AWAY = timedelta(hours=4), timedelta(days=7), timedelta(hours=1)
"""So long a session may lie unused: of a shift, on a device of one's own, of an administrator."""
OF_ITSELF = "Moyai-Fragment"
"""An open list asks with this header of itself: a screen that nobody looks at is no use of a session."""
SECRET = "secret"
"""Under this name the cookie holds what opens the session on the server."""

hasher = PasswordHasher()
_NOBODY = hasher.hash("the time a wrong password takes must not tell whether the login exists")


class SignedIn(UserMixin):
    """The person of this session."""

    def __init__(self, user: User, on_duty: str = "") -> None:
        self.user = user
        self.name = f"{user.name}（{on_duty}）" if on_duty else user.name
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
        """Who acts on the ledger, in the first allowed role the person has, in what the session is in."""
        role = next(role for role in allowed if role in self.roles)
        return Actor(self.account, role, self.office, scope.current())


@dataclass(frozen=True)
class Answer:
    """The outcome of a sign-in: a person, or why not (wrong, locked, unconfirmed, expired)."""

    user: User | None
    reason: str = ""


def normal_login(typed: str) -> str:
    """A login as it is compared: full-width letters and upper case are the same."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def check_password(home: Home, typed_login: str, password: str, now: datetime, counted_as: str = "") -> Answer:
    """Compares a password; the fifth wrong one within 15 minutes starts a pause of 15 minutes.

    `counted_as`: whose wrong passwords these are, all strangers' to this login where it is left out.
    """
    login = normal_login(typed_login)
    counted_as = counted_as or login
    if home.locked_until(counted_as, now) is not None:
        return Answer(None, "locked")
    user = home.user_by_login(login)
    try:
        hasher.verify(user.password_hash if user and user.password_hash else _NOBODY, password)
        matches = user is not None and user.active and bool(user.password_hash)
    except VerificationError:
        matches = False
    if user is None or not matches:
        home.count_wrong_password(counted_as, now)
        return Answer(None, "locked" if home.locked_until(counted_as, now) is not None else "wrong")
    if not user.mail_confirmed:
        return Answer(None, "unconfirmed")
    if is_expired(user, now):
        return Answer(None, "expired")
    home.clear_wrong_passwords(counted_as)
    if hasher.check_needs_rehash(user.password_hash):
        home.save_password_hash(user.user_id, hasher.hash(password))
    return Answer(user)


def is_expired(user: User, now: datetime) -> bool:
    """Whether the person's time here is over."""
    return user.valid_until is not None and user.valid_until <= now


def begin_session(user: User, identity: Identity, *, keep: bool, now: datetime, on_duty: str = "") -> str:
    """A session of one shift, or of thirty days on a device of one's own; returns its secret.

    An administrator's ends with the shift wherever it was opened, and sooner when it lies unused.
    """
    administrator = "A" in user.roles
    keep = keep and not administrator
    secret = secrets.token_urlsafe(32)
    identity.sessions.begin(
        user.user_id, secret, now=now, until=now + (KEPT if keep else SHIFT),
        idle=AWAY_AT_HOME if keep else ADMINISTRATOR_AWAY if administrator else AWAY,
        device=known_device.words(request.user_agent.string), on_duty=on_duty)
    session.clear()
    login_user(SignedIn(user))
    session.permanent = keep
    session[SECRET] = secret
    return secret


def end_session(identity: Identity, now: datetime) -> None:
    """Ends it on the server too: a copy of the cookie opens nothing any more."""
    secret = session.get(SECRET, "")
    identity.sessions.end(secret)
    identity.shifts.end(secret, now)
    logout_user()
    session.clear()


def install(app: Flask, home: Home, identity: Identity) -> None:
    """Loads the person of each request; a session that ended, here or there, is nobody's."""
    manager = LoginManager(app)
    manager.session_protection = "basic"
    app.config["PERMANENT_SESSION_LIFETIME"] = KEPT
    app.after_request(known_device.keep)

    @manager.user_loader
    def load(session_id: str) -> SignedIn | None:
        user_id, _, version = session_id.rpartition(".")
        now = datetime.now(timezone.utc)
        opened = identity.sessions.find(session.get(SECRET, ""), now, used=OF_ITSELF not in request.headers)
        if opened is None or opened.user_id != user_id:
            return None
        user = home.user(user_id)
        if user is None or not user.active or str(user.session_version) != version or is_expired(user, now):
            return None
        return SignedIn(user, opened.on_duty)


def person() -> SignedIn:
    """The signed-in person; only for views that `access.roles` guards."""
    return current_user._get_current_object()
