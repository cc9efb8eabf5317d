"""The outbox as the mail worker uses it."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, insert, select, update
from moyai_database.database import Database

from moyai_webui.store.home_tables import OutgoingMail, ReturnedMail
from moyai_webui.store.projection_tables import Cursor, RecordedMail

WAITING, SENDING, ACCEPTED, DEFERRED, BOUNCED, UNKNOWN = (
    "waiting", "sending", "accepted", "deferred", "bounced", "unknown")


@dataclass(frozen=True)
class Outgoing:
    """A mail to an account or to one of the own sites; `content` names what it tells of."""

    mail_id: str
    kind: str
    cause_tx: str
    account: str
    site: str
    content: Mapping[str, Any]
    about: str
    created_at: datetime
    state: str
    attempts: int
    handed_at: datetime | None
    n: int = 0


class Outbox:
    """One municipality's outbox. Every method is one transaction."""

    def __init__(self, database: Database, municipality: str) -> None:
        self._database = database
        self._municipality = municipality

    def settle_interrupted(self) -> list[str]:
        """Mails that a worker was sending when it died: whether the server took them nobody knows, so they are
        shown to a person and not sent again. Returns their ids; called once, before the only worker begins."""
        with self._database.writing() as connection:
            ids = list(connection.scalars(select(OutgoingMail.mail_id).where(OutgoingMail.state == SENDING)))
            connection.execute(update(OutgoingMail).where(OutgoingMail.mail_id.in_(ids)).values(
                state=UNKNOWN, answer="interrupted"))
        return ids

    def settle_recorded(self) -> None:
        """Takes over what the ledger says was sent: by us, or before this database was restored."""
        found = (select(RecordedMail.outcome).where(
            RecordedMail.code6 == self._municipality, RecordedMail.mail_id == OutgoingMail.mail_id,
            RecordedMail.n == 0).correlate(OutgoingMail).scalar_subquery())
        handed = (select(RecordedMail.handed_at).where(
            RecordedMail.code6 == self._municipality, RecordedMail.mail_id == OutgoingMail.mail_id,
            RecordedMail.n == 0).correlate(OutgoingMail).scalar_subquery())
        with self._database.writing() as connection:
            connection.execute(update(OutgoingMail).where(
                OutgoingMail.recorded.is_(False), OutgoingMail.state != SENDING, found.is_not(None)
            ).values(recorded=True, state=found, handed_at=case(
                (OutgoingMail.handed_at.is_(None), handed), else_=OutgoingMail.handed_at)))

    def due(self, limit: int) -> list[Outgoing]:
        """Mails to be sent, the oldest first.

        Only as of the moment when the projection last had the whole chain: until then a block that says that a mail
        was sent already may still be on its way here.
        """
        with self._database.reading() as connection:
            return [_outgoing(row) for row in connection.execute(
                select(OutgoingMail).where(
                    OutgoingMail.state.in_((WAITING, DEFERRED)), OutgoingMail.recorded.is_(False),
                    OutgoingMail.next_attempt_at <= select(Cursor.seen_at).scalar_subquery())
                .order_by(OutgoingMail.created_at, OutgoingMail.mail_id).limit(limit))]

    def begin(self, mail_id: str) -> bool:
        """Notes that the mail is being handed over now; False where another worker is at it."""
        with self._database.writing() as connection:
            return connection.execute(update(OutgoingMail).where(
                OutgoingMail.mail_id == mail_id, OutgoingMail.state.in_((WAITING, DEFERRED))
            ).values(state=SENDING, attempts=OutgoingMail.attempts + 1)).rowcount == 1

    def ended(self, mail_id: str, state: str, answer: str, at: datetime) -> None:
        """The mail server took the mail, refused it for good, or left us in doubt."""
        self._update((mail_id,), state=state, answer=answer, handed_at=None if state == UNKNOWN else at)

    def try_later(self, mail_id: str, answer: str, next_attempt_at: datetime, *, deferred: bool) -> None:
        """The mail is still here; `deferred`: the server asked to come again, else it was not reached."""
        self._update((mail_id,), state=DEFERRED if deferred else WAITING, answer=answer,
                     next_attempt_at=next_attempt_at)

    def unrecorded(self, limit: int) -> list[Outgoing]:
        """Mails that were handed over or refused for good and do not stand on the ledger yet, the oldest first."""
        with self._database.reading() as connection:
            return [_outgoing(row) for row in connection.execute(
                select(OutgoingMail).where(OutgoingMail.state.in_((ACCEPTED, BOUNCED)),
                                           OutgoingMail.recorded.is_(False))
                .order_by(OutgoingMail.handed_at, OutgoingMail.mail_id).limit(limit))]

    def came_back(self, mail_id: str, answer: str, at: datetime) -> bool:
        """Notes that a mail that had been taken did not arrive; False where it is none of ours, or noted already."""
        with self._database.writing() as connection:
            known = connection.execute(select(OutgoingMail.mail_id).where(OutgoingMail.mail_id == mail_id)).first()
            notes = connection.execute(select(ReturnedMail.n, ReturnedMail.answer).where(
                ReturnedMail.mail_id == mail_id)).all()
            if known is None or answer in {note.answer for note in notes}:
                return False
            number = 1 + max((note.n for note in notes), default=0)
            connection.execute(insert(ReturnedMail).values(
                mail_id=mail_id, n=number, answer=answer, at=at, recorded=False))
        return True

    def unrecorded_returns(self, limit: int) -> list[Outgoing]:
        """Mails that came back after their sending was recorded, which do not stand on the ledger as such yet."""
        with self._database.reading() as connection:
            found = connection.execute(
                select(OutgoingMail.__table__, ReturnedMail.n, ReturnedMail.at)
                .join(ReturnedMail, ReturnedMail.mail_id == OutgoingMail.mail_id)
                .where(ReturnedMail.recorded.is_(False), OutgoingMail.recorded.is_(True))
                .order_by(ReturnedMail.at, ReturnedMail.mail_id, ReturnedMail.n).limit(limit)).all()
        return [replace(_outgoing(row), n=row.n, handed_at=row.at) for row in found]

    def returns_recorded(self, mails: Sequence[Outgoing]) -> None:
        """They stand on the ledger."""
        with self._database.writing() as connection:
            for mail in mails:
                connection.execute(update(ReturnedMail).where(
                    ReturnedMail.mail_id == mail.mail_id, ReturnedMail.n == mail.n).values(recorded=True))

    def recorded(self, mail_ids: Sequence[str]) -> None:
        """They stand on the ledger."""
        self._update(mail_ids, recorded=True)

    def _update(self, mail_ids: Sequence[str], **values: Any) -> None:
        with self._database.writing() as connection:
            connection.execute(update(OutgoingMail).where(OutgoingMail.mail_id.in_(mail_ids)).values(**values))


def _outgoing(row: Row[Any]) -> Outgoing:
    return Outgoing(row.mail_id, row.kind, row.cause_tx, row.account, row.site, row.content, row.about,
                    row.created_at, row.state, row.attempts, row.handed_at)
