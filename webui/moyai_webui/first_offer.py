"""A supporter registers with the first offer; nothing leaves the home database before the address is confirmed."""
from __future__ import annotations

from datetime import timedelta

from moyai_contracts.api.directory import AccountLine, OpenAccount
from moyai_webui.forms.identifiers import derived_ulid
from moyai_webui.home import Actor, Submission, Submissions, User

UNCONFIRMED_FOR = timedelta(hours=24)
SUPPORTER = "P"


def actor_of(user: User) -> Actor:
    return Actor(user.account, SUPPORTER, user.office)


def open_for(user: User, submissions: Submissions) -> Submission:
    """Opens the supporter's account on the ledger; however often it is asked for, it is opened once."""
    op = derived_ulid(user.user_id, "account")
    known = submissions.submission(op)
    if known is not None and known.state != "refused":
        return known
    command = OpenAccount((AccountLine(user.account, (SUPPORTER,), user.office, "person"),))
    return submissions.submit(command, actor_of(user), user_id=user.user_id, op=op)
