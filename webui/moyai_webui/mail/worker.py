"""Sends what waits in the outbox and records on the ledger what was sent."""
from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone

import structlog
from moyai_client import Ledger, MoyaiError, Refused
from moyai_contracts.api.evidence import MailLine, RecordMail

from moyai_webui.mail.composer import Composer
from moyai_webui.mail.post_office import Doubtful, NotTaken, PostOffice
from moyai_webui.store.outbox import ACCEPTED, BOUNCED, UNKNOWN, Outbox, Outgoing

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)
GIVEN_UP_AFTER = timedelta(days=1)
"""A day in which the server took nothing: the office has to use the telephone, and the ledger says so."""
FLUSH_AFTER = timedelta(seconds=5)
BATCH = 100
ALREADY_THERE = "id_reused"

log = structlog.get_logger()


class MailWorker:
    """The only mail worker of a municipality."""

    def __init__(self, outbox: Outbox, composer: Composer, post_office: PostOffice, ledger: Ledger,
                 clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> None:
        self._outbox = outbox
        self._composer = composer
        self._post_office = post_office
        self._ledger = ledger
        self._clock = clock
        self._refused: set[str] = set()

    def begin(self) -> None:
        """Looks at what an earlier worker left behind."""
        for mail_id in self._outbox.settle_interrupted():
            log.warning("sending was interrupted, a person has to look", mail_id=mail_id)

    def send(self) -> int:
        """Tries every mail that is due once; returns how many were tried."""
        self._outbox.settle_recorded()
        due = self._outbox.due(BATCH)
        for mail in due:
            self._send(mail)
        return len(due)

    def record(self) -> int:
        """Records sendings on the ledger, when there are 100 or the oldest is five seconds old."""
        mails = [mail for mail in self._outbox.unrecorded(BATCH) if mail.mail_id not in self._refused]
        self._record_returns()
        oldest = min((mail.handed_at for mail in mails if mail.handed_at), default=None)
        if oldest is None or (len(mails) < BATCH and self._clock() - oldest < FLUSH_AFTER):
            return 0
        self._record(mails)
        return len(mails)

    def _send(self, mail: Outgoing) -> None:
        letter = self._composer.compose(mail)
        if letter is None or not self._outbox.begin(mail.mail_id):
            return
        now = self._clock()
        try:
            answer = self._post_office.hand_over(letter.message, letter.sender, letter.recipient)
        except Doubtful as error:
            log.warning("mail in doubt, a person has to look", mail_id=mail.mail_id, reason=str(error))
            self._outbox.ended(mail.mail_id, UNKNOWN, str(error), now)
        except NotTaken as error:
            self._not_taken(mail, error, now)
        else:
            self._outbox.ended(mail.mail_id, ACCEPTED, answer, self._clock())

    def _not_taken(self, mail: Outgoing, error: NotTaken, now: datetime) -> None:
        log.warning("mail not taken", mail_id=mail.mail_id, kind=mail.kind, answer=error.answer)
        if error.for_good or now - mail.created_at > GIVEN_UP_AFTER and mail.attempts:
            self._outbox.ended(mail.mail_id, BOUNCED, error.answer, now)
        else:
            pause = min(FIRST_PAUSE * 2 ** min(mail.attempts, 10), LONGEST_PAUSE)
            self._outbox.try_later(mail.mail_id, error.answer, now + pause, deferred=error.answered)

    def _record_returns(self) -> None:
        """What came back, each as the next number of its mail; there are few, so each goes alone."""
        for mail in self._outbox.unrecorded_returns(BATCH):
            try:
                self._ledger.submit(RecordMail((self._line(mail),)))
            except Refused as refusal:
                if refusal.code != ALREADY_THERE:
                    log.error("return cannot be recorded", mail_id=mail.mail_id, refusal=str(refusal))
                    continue
            except MoyaiError as error:
                log.warning("returns not recorded yet", reason=str(error))
                return
            self._outbox.returns_recorded((mail,))

    def _record(self, mails: Sequence[Outgoing]) -> None:
        """All in one transaction; one by one where one of them stands on the ledger already or is not accepted."""
        try:
            self._ledger.submit(RecordMail(tuple(map(self._line, mails))))
        except Refused as refusal:
            if len(mails) > 1:
                for mail in mails:
                    self._record((mail,))
                return
            if refusal.code != ALREADY_THERE:
                log.error("sending cannot be recorded", mail_id=mails[0].mail_id, refusal=str(refusal))
                self._refused.add(mails[0].mail_id)
                return
        except MoyaiError as error:
            log.warning("sendings not recorded yet", count=len(mails), reason=str(error))
            return
        self._outbox.recorded([mail.mail_id for mail in mails])

    def _line(self, mail: Outgoing) -> MailLine:
        assert mail.handed_at is not None  # what was handed over or refused has its time
        message_id = self._composer.message_id(mail.mail_id)
        return MailLine(
            mail_id=mail.mail_id, n=mail.n, kind=mail.kind, cause_tx=mail.cause_tx,
            handed_at=int(mail.handed_at.timestamp()), outcome=BOUNCED if mail.n else mail.state,
            message_id_sha256=hashlib.sha256(message_id.encode()).hexdigest(),
            account=mail.account or None, site=mail.site or None)
