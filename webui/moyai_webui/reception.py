"""What is done for people while they are away: the worker's rounds through the home database.

Roles follow the ledger, invitations go out once an account stands there, first offers leave once their sender's
address is confirmed, and what was not confirmed in time is dropped with a mail that says so.
"""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import structlog

from moyai_webui import invitations
from moyai_webui.first_offer import UNCONFIRMED_FOR, open_for
from moyai_webui.home import Submissions
from moyai_webui.identity import Identity
from moyai_webui.mail.account_letters import AccountLetters
from moyai_webui.store.people import SqlPeople
from moyai_webui.store.submissions import SubmissionStore
from moyai_webui.store.tickets import SqlAccountMails

UNOPENED_FOR = timedelta(days=2)
"""So long an account may wait for its signature before the person is forgotten."""

log = structlog.get_logger()


class Reception:
    """The only one of a municipality."""

    def __init__(self, people: SqlPeople, identity: Identity, mails: SqlAccountMails, letters: AccountLetters,
                 submissions: Submissions, waiting: SubmissionStore,
                 clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> None:
        self._people = people
        self._identity = identity
        self._mails = mails
        self._letters = letters
        self._submissions = submissions
        self._waiting = waiting
        self._clock = clock

    def begin(self) -> None:
        """Looks at what an earlier worker left behind."""
        self._mails.settle_interrupted()

    def round(self) -> None:
        """One look at everything that may have to be done."""
        for user_id in self._people.follow_ledger():
            log.info("a person follows the ledger", user_id=user_id)
        for user in self._people.uninvited():
            invitations.write_to(user, invitations.INVITATION, self._identity, self._clock())
        for user in self._people.confirmed_senders():
            if self._people.has_account(user.account):
                for op in self._waiting.unconfirmed(user.user_id):
                    self._submissions.release(op)
            else:
                open_for(user, self._submissions)
        self._letters.send()

    def tidy(self) -> None:
        """Drops what was not confirmed or opened in time, and old mails."""
        now = self._clock()
        for user in self._people.drop_unconfirmed(now - UNCONFIRMED_FOR):
            log.info("an offer was dropped: its sender's address was not confirmed", user_id=user.user_id)
            invitations.write_to(user, invitations.DROPPED, self._identity, now, path="/relief/needs")
        self._people.drop_unopened(now - UNOPENED_FOR)
        self._letters.tidy()
