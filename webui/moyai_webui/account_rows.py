"""Accounts and keys as pages show them: what the ledger says, beside what the home database knows of the person."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from moyai_webui.rows import Place

JST = timezone(timedelta(hours=9))


@dataclass(frozen=True)
class Account:
    """An account of the own municipality; without a `user_id` nobody signs in with it here.

    `state` in the order of life: invited (no password yet), unconfirmed (mail), active, expired, suspended, closed.
    """

    account_id: str
    rev: int
    roles: tuple[str, ...]
    office: str
    party: str
    display_name: str
    status: str  # of the ledger: active, suspended, closed
    place: Place | None = None
    user_id: str = ""
    name: str = ""
    login: str = ""
    mail: str = ""
    has_password: bool = False
    mail_confirmed: bool = True
    valid_until: datetime | None = None
    seen_at: datetime | None = None
    second_factor: bool = False
    mail_outcome: str = ""  # of the last mail about signing in

    @property
    def label(self) -> str:
        """What an administrator calls it."""
        return self.name or self.display_name or self.account_id[:6]

    @property
    def last_day(self) -> date | None:
        """The last day in Japan on which she may sign in."""
        return (self.valid_until - timedelta(seconds=1)).astimezone(JST).date() if self.valid_until else None

    @property
    def official(self) -> bool:
        """Whether its changes need a confirmed key."""
        return not {"A", "C", "S", "X"}.isdisjoint(self.roles)

    def state(self, now: datetime) -> str:
        if self.status != "active":
            return self.status
        if self.user_id and not self.has_password:
            return "invited"
        if not self.mail_confirmed:
            return "unconfirmed"
        return "expired" if self.valid_until and self.valid_until <= now else "active"


@dataclass(frozen=True)
class AccountFilter:
    municipality: str
    text: str = ""
    role: str = ""
    status: str = ""  # active, suspended, closed; "" = all that are not closed
    page: int = 1
    size: int = 50


@dataclass(frozen=True)
class ActorKey:
    """A device's key. `device` is what people call it; `by` names people, or is empty where the console acted."""

    account_id: str
    owner: str
    roles: tuple[str, ...]
    key_id: str
    grade: str  # self, confirmed
    status: str  # active, revoked
    registered_at: datetime | None = None
    device: str = ""
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def state(self) -> str:
        """self, confirmed, revoked."""
        return "revoked" if self.status == "revoked" else self.grade
