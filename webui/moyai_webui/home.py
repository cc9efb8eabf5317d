"""What the pages ask of the home database and of the writing side: people, contacts, drafts, submissions.

Nothing of this is on the ledger except what `Submissions` sends there. The store implements these interfaces.
"""
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from moyai_contracts.api.command import LIVE
from moyai_webui.identity import Identity
from moyai_webui.metering import Metering
from moyai_webui.proofs import Proofs
from moyai_webui.reading import Reading
from moyai_webui.sites.source_list import SourceList

DRAFTS_KEPT_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class User:
    """A person who signs in here. `account`, `roles` and `office` are those of the ledger account."""

    user_id: str
    login: str
    password_hash: str  # argon2id
    name: str
    account: str
    roles: tuple[str, ...]  # A, C, S, P, M
    office: str  # code6, code6/D-…, code6/site_id
    active: bool = True
    session_version: int = 1  # raised to end every session of this person
    mail: str = ""  # where she is written to
    language: str = "ja"
    mail_choice: str = "at_once"  # at_once, digest
    mail_confirmed: bool = True
    valid_until: datetime | None = None
    registered_at: datetime | None = None


@dataclass(frozen=True)
class SiteContact:
    person: str = ""
    mail: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Submission:
    """One command on its way. `form` is what the person typed, to be shown again after a refusal."""

    op: str
    transaction: str  # relief.register_need …
    fields: Mapping[str, Any]  # the command's business fields
    account: str
    user_id: str
    state: str  # pending, recorded, refused; held back: unsigned, unconfirmed
    accepted_at: datetime
    page: str = ""  # path with query of the form it came from
    form: Mapping[str, str] = field(default_factory=dict)
    form_sha256: str = ""  # stays when what was typed is forgotten
    doubtful: bool = False  # pending and the outcome is not known yet
    tx_id: str = ""
    block: int | None = None
    recorded_at: datetime | None = None
    refusal: str = ""  # code of LEDGER.md 2.6
    params: Mapping[str, Any] = field(default_factory=dict)
    role: str = ""
    office: str = ""
    proof: tuple[Mapping[str, Any], ...] = ()  # signatures by the actor's keys
    scope: str = LIVE  # or the drill it belongs to


def form_sha256(form: Mapping[str, str]) -> str:
    """What tells a form that is sent a second time from one that was filled in anew."""
    return hashlib.sha256(json.dumps(sorted(form.items())).encode()).hexdigest()


@dataclass(frozen=True)
class Actor:
    account: str
    role: str
    office: str
    scope: str = LIVE


class Home(Protocol):
    """The municipality's own database."""

    def user(self, user_id: str) -> User | None: ...

    def user_by_login(self, login: str) -> User | None:
        """`login` is a mail address or a staff number, compared without case."""
        ...

    def save_password_hash(self, user_id: str, password_hash: str) -> None: ...

    def save_user(self, user: User) -> None:
        """Adds a person, or overwrites the one with this id."""
        ...

    def users_by_mail(self, mail: str) -> tuple[User, ...]:
        """The people who are written to at an address, compared without case."""
        ...

    def user_of_office(self, office: str, role: str) -> User | None:
        """The person of an office with a role, such as the staff of a shelter."""
        ...

    def name_key(self, account: str, key_id: str, name: str) -> None:
        """What people call the device that holds a key."""
        ...

    def locked_until(self, login: str, now: datetime) -> datetime | None:
        """The end of the pause after five wrong passwords, known login or not."""
        ...

    def count_wrong_password(self, login: str, now: datetime) -> int:
        """Adds one failure and returns how many there were in the last 15 minutes; the fifth starts the pause."""
        ...

    def clear_wrong_passwords(self, login: str) -> None: ...

    def contact(self, site_id: str) -> SiteContact: ...

    def save_contact(self, site_id: str, contact: SiteContact) -> None: ...

    def site_list(self) -> SourceList | None:
        """The list of sites that was imported, as it was written."""
        ...

    def save_site_list(self, source: SourceList) -> None:
        """Takes the place of the list that was there."""
        ...

    def sites_with_mail(self) -> frozenset[str]:
        """The sites whose mails go to an address of their own, not to the office."""
        ...

    def send_mail_again(self, mail_id: str, now: datetime) -> bool:
        """A person decided that a mail in doubt goes out once more; False where it is in no doubt any more."""
        ...

    def save_draft(self, user_id: str, kind: str, content: bytes, now: datetime,
                   kept_for: timedelta = DRAFTS_KEPT_FOR) -> str:
        """Keeps a file for a while; returns its id."""
        ...

    def draft(self, draft_id: str, user_id: str, now: datetime) -> bytes | None: ...

    def take_draft(self, draft_id: str, user_id: str, now: datetime) -> bytes | None:
        """The content of a draft, which is gone with that."""
        ...


class Submissions(Protocol):
    """The way onto the ledger: command and signed envelope are stored before they are sent."""

    def submit(self, command: Any, actor: Actor, *, user_id: str, op: str, page: str = "",
               form: Mapping[str, str] | None = None) -> Submission:
        """Sends `command` (a dataclass of moyai_contracts.api) once for each `op`; the same op again gives the same
        submission, another form under it a refused one with an op of its own. Waits a short while for the outcome,
        then returns what is known: pending, recorded or refused."""
        ...

    def hold(self, command: Any, actor: Actor, *, until: str, user_id: str, op: str, page: str = "",
             form: Mapping[str, str] | None = None) -> Submission:
        """Keeps a command back in the state `until` (unsigned, unconfirmed); nothing of it is sent. What was held
        back or refused under this op before is replaced, anything else stays and is returned."""
        ...

    def release(self, op: str, proof: Sequence[Mapping[str, Any]] = ()) -> Submission | None:
        """Sends what was held back, with the signatures of the actor's keys, and waits as `submit` does."""
        ...

    def submission(self, op: str) -> Submission | None: ...


@dataclass(frozen=True)
class Services:
    """Everything the application is built upon."""

    reading: Reading
    home: Home
    submissions: Submissions
    proofs: Proofs
    metering: Metering | None = None  # a municipality without a broker has none
    identity: Identity | None = None  # nobody signs in without it
