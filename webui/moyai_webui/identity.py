"""What signing in is built upon: sessions, links that work once, second factors, shifts, mails about accounts.

All of it lives in the home database; nothing here is on the ledger. The store implements these interfaces.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol


@dataclass(frozen=True)
class OpenSession:
    """A session that is open. `session_id` names it on pages and opens nothing."""

    session_id: str
    user_id: str
    began_at: datetime
    seen_at: datetime
    until: datetime
    device: str
    on_duty: str = ""


class Sessions(Protocol):
    """Sessions are known by a secret in the cookie; a copy of a cookie is dead once its session ended here."""

    def begin(self, user_id: str, secret: str, *, now: datetime, until: datetime, idle: timedelta, device: str,
              on_duty: str = "") -> None: ...

    def find(self, secret: str, now: datetime, *, used: bool = True) -> OpenSession | None:
        """The session, which counts as used now if a person did something; None past its end or after too long a
        pause."""
        ...

    def of(self, user_id: str, now: datetime) -> tuple[OpenSession, ...]:
        """Somebody's open sessions, the last used first."""
        ...

    def end(self, secret: str) -> None: ...

    def end_one(self, user_id: str, session_id: str) -> None: ...

    def end_all(self, user_id: str, *, but: str = "") -> None:
        """Ends all sessions of somebody except the one with the secret `but`."""
        ...


@dataclass(frozen=True)
class Ticket:
    """What a link is for."""

    user_id: str
    content: Mapping[str, Any]
    expires_at: datetime


class Tickets(Protocol):
    """Links that work once."""

    def issue(self, kind: str, user_id: str, now: datetime, lasts: timedelta,
              content: Mapping[str, Any] | None = None) -> str:
        """The secret of a new link; earlier ones of the same kind and person end."""
        ...

    def look(self, kind: str, secret: str, now: datetime) -> Ticket | None: ...

    def take(self, kind: str, secret: str, now: datetime) -> Ticket | None:
        """The ticket, which is used up with that."""
        ...

    def withdraw(self, user_id: str) -> None:
        """Ends every link of somebody."""
        ...


class AccountMails(Protocol):
    """Mails about signing in."""

    def put(self, kind: str, user_id: str, recipient: str, now: datetime,
            content: Mapping[str, Any] | None = None) -> None:
        """Has a mail sent by the worker."""
        ...

    def count(self, recipient: str, since: datetime) -> int:
        """How many mails were put for an address."""
        ...


@dataclass(frozen=True)
class SecondFactor:
    """Somebody's authenticator; it counts once `confirmed`. `recovery`: hashes of the codes that are left."""

    user_id: str
    secret: str
    confirmed: bool = False
    last_step: int = 0
    recovery: tuple[str, ...] = ()


class SecondFactors(Protocol):

    def factor(self, user_id: str) -> SecondFactor | None: ...

    def save(self, factor: SecondFactor) -> None: ...

    def use_step(self, user_id: str, step: int) -> bool:
        """Notes a time step; False where it, or a later one, was used before."""
        ...

    def use_recovery(self, user_id: str, digest: str) -> bool:
        """Uses a recovery code up; False where it is none that is left."""
        ...

    def remove(self, user_id: str) -> None: ...


@dataclass(frozen=True)
class Shift:
    """Somebody's turn at a site."""

    name: str
    began_at: datetime
    ended_at: datetime | None


class Shifts(Protocol):
    """Day codes, and who was on duty."""

    def code(self, site_id: str, day: date) -> str | None: ...

    def make_code(self, site_id: str, day: date, made_by: str, now: datetime) -> str:
        """A new number of six digits; the one of that day before ends."""
        ...

    def codes(self, day: date) -> Mapping[str, str]:
        """Site → number of a day."""
        ...

    def begin(self, site_id: str, name: str, secret: str, now: datetime) -> None:
        """Somebody is on duty, in the session with this secret."""
        ...

    def end(self, secret: str, now: datetime) -> None: ...

    def at(self, site_id: str, limit: int) -> tuple[Shift, ...]:
        """Who was on duty at a site, the last one first."""
        ...


@dataclass(frozen=True)
class Identity:
    sessions: Sessions
    tickets: Tickets
    mails: AccountMails
    factors: SecondFactors
    shifts: Shifts
