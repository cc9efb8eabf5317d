"""Mails about signing in: invitations, links for a new password, confirmations of an address.

No block tells of them, so they go their own way beside the outbox of the ledger's mails.
"""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import structlog
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from moyai_webui.mail.composer import Letterhead
from moyai_webui.mail.post_office import Doubtful, NotTaken, PostOffice, is_address
from moyai_webui.presentation import formats
from moyai_webui.presentation.vocabulary import ACCOUNT_MAILS
from moyai_webui.store.outbox import ACCEPTED, BOUNCED, UNKNOWN
from moyai_webui.store.tickets import Letter, SqlAccountMails

FIRST_PAUSE = timedelta(seconds=30)
GIVEN_UP_AFTER = timedelta(hours=24)
"""The links in these mails live no longer."""
KEPT_FOR = timedelta(days=30)
BATCH = 50

log = structlog.get_logger()


class AccountLetters:
    """Writes and sends the mails about signing in of one municipality."""

    def __init__(self, mails: SqlAccountMails, letterhead: Letterhead, post_office: PostOffice,
                 clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> None:
        self._mails = mails
        self._letterhead = letterhead
        self._post_office = post_office
        self._clock = clock
        self._templates = Environment(loader=PackageLoader("moyai_webui.mail"), autoescape=select_autoescape(),
                                      undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self._templates.filters |= {"full_moment": formats.full_moment}
        self._templates.globals |= {"letterhead": letterhead}

    def send(self) -> int:
        """Tries every mail that is due once; returns how many were tried."""
        due = self._mails.due(self._clock(), BATCH)
        for letter in due:
            if self._mails.begin(letter.mail_id):
                self._send(letter)
        return len(due)

    def tidy(self) -> None:
        """Forgets mails of last month."""
        self._mails.forget(self._clock() - KEPT_FOR)

    def compose(self, letter: Letter) -> EmailMessage:
        """The mail in text and HTML."""
        words = ACCOUNT_MAILS[letter.kind]
        path = letter.content.get("path", "/")
        expires = letter.content.get("expires")
        matter = {"kind": letter.kind, "title": words.subject, "words": words, "content": letter.content,
                  "url": f"{self._letterhead.public_url.rstrip('/')}{path}",
                  "expires": datetime.fromisoformat(expires) if expires else None}
        message = EmailMessage()
        message["Subject"] = f"【もやい】{words.subject}"
        message["From"] = Address(f"{self._letterhead.name} もやい", addr_spec=self._letterhead.sender)
        message["To"] = letter.recipient if is_address(letter.recipient) else "undisclosed-recipients:;"
        message["Date"] = format_datetime(self._clock())
        message["Message-ID"] = f"<{letter.mail_id}@{self._letterhead.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = "ja"
        message.set_content(self._templates.get_template("account.txt").render(matter), cte="base64")
        message.add_alternative(self._templates.get_template("account.html").render(matter), subtype="html",
                                cte="base64")
        return message

    def _send(self, letter: Letter) -> None:
        try:
            answer = self._post_office.hand_over(self.compose(letter), self._letterhead.sender, letter.recipient)
        except Doubtful as error:
            log.warning("mail in doubt, a person has to look", mail_id=letter.mail_id, reason=str(error))
            self._mails.ended(letter.mail_id, UNKNOWN, str(error))
        except NotTaken as error:
            log.warning("mail not taken", mail_id=letter.mail_id, kind=letter.kind, answer=error.answer)
            if error.for_good or self._clock() - letter.created_at > GIVEN_UP_AFTER:
                self._mails.ended(letter.mail_id, BOUNCED, error.answer)
            else:
                pause = FIRST_PAUSE * 2 ** min(letter.attempts, 6)
                self._mails.try_later(letter.mail_id, error.answer, self._clock() + pause)
        else:
            self._mails.ended(letter.mail_id, ACCEPTED, answer)
