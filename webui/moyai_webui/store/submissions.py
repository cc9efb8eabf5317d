"""Commands on their way, kept from the form to the block."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, or_, select, update
from moyai_database.database import Database, insert_new

from moyai_webui.home import Submission
from moyai_webui.store.home_tables import Submission as Stored
from moyai_webui.store.projection_tables import Cursor, LedgerTransaction

PENDING, RECORDED, REFUSED = "pending", "recorded", "refused"
UNSIGNED, UNCONFIRMED = "unsigned", "unconfirmed"
"""Held back: until a key has signed the command, until its sender's mail address is confirmed."""


@dataclass(frozen=True)
class Work:
    """A pending command as its sender needs it; with an envelope it may have been sent before."""

    op: str
    transaction: str
    fields: Mapping[str, Any]
    account: str
    role: str
    office: str
    envelope: bytes | None
    tx_id: str
    attempts: int
    proof: tuple[Mapping[str, Any], ...]
    scope: str


class SubmissionStore:
    """The table `submission`. Every method is one transaction."""

    def __init__(self, database: Database, municipality: str) -> None:
        self._database = database
        self._municipality = municipality

    def add(self, submission: Submission, next_attempt_at: datetime) -> bool:
        """Stores a command in its state; False where its `op` is there already, which then stays as it is."""
        row = {"op": submission.op, "transaction": submission.transaction, "fields": dict(submission.fields),
               "account": submission.account, "role": submission.role, "office": submission.office,
               "user_id": submission.user_id, "proof": [],
               "scope": submission.scope,
               "page": submission.page, "form": dict(submission.form), "form_sha256": submission.form_sha256,
               "accepted_at": submission.accepted_at, "state": submission.state, "doubtful": False,
               "envelope": None, "tx_id": "", "block": None, "recorded_at": None,
               "refusal": submission.refusal, "params": dict(submission.params), "attempts": 0, "busy_until": None,
               "next_attempt_at": next_attempt_at}
        with self._database.writing() as connection:
            known = connection.scalar(select(Stored.op).where(Stored.op == submission.op)) is not None
            insert_new(connection, Stored.__table__, [row])
        return not known

    def forget_unsent(self, op: str) -> None:
        """Drops a refused or unsigned command: nothing of it is on the ledger, so its id may be used again."""
        with self._database.writing() as connection:
            connection.execute(delete(Stored).where(Stored.op == op, Stored.state.in_((REFUSED, UNSIGNED))))

    def let_go(self, op: str, proof: Sequence[Mapping[str, Any]], next_attempt_at: datetime) -> bool:
        """Lets a command go that was held back; False where it is on its way already."""
        with self._database.writing() as connection:
            return connection.execute(update(Stored).where(
                Stored.op == op, Stored.state.in_((UNSIGNED, UNCONFIRMED))
            ).values(state=PENDING, proof=[dict(entry) for entry in proof],
                     next_attempt_at=next_attempt_at)).rowcount == 1

    def unconfirmed(self, user_id: str) -> list[str]:
        """The commands of somebody that wait for the confirmation of the mail address."""
        with self._database.reading() as connection:
            return list(connection.scalars(select(Stored.op).where(
                Stored.state == UNCONFIRMED, Stored.user_id == user_id).order_by(Stored.accepted_at)))

    def find(self, op: str) -> Submission | None:
        with self._database.reading() as connection:
            row = connection.execute(select(Stored).where(Stored.op == op)).one_or_none()
        return None if row is None else _submission(row)

    def due(self, now: datetime, limit: int) -> list[str]:
        """Pending commands nobody is busy with, the one that waits longest first."""
        with self._database.reading() as connection:
            return list(connection.scalars(select(Stored.op).where(
                Stored.state == PENDING, Stored.next_attempt_at <= now, _free(now)
            ).order_by(Stored.next_attempt_at).limit(limit)))

    def claim(self, op: str, now: datetime, until: datetime) -> Work | None:
        """Takes a pending command until a time; None where it is settled or somebody else is at it."""
        with self._database.writing() as connection:
            taken = connection.execute(update(Stored).where(
                Stored.op == op, Stored.state == PENDING, _free(now)
            ).values(busy_until=until, attempts=Stored.attempts + 1)).rowcount
            if not taken:
                return None
            row = connection.execute(select(Stored).where(Stored.op == op)).one()
        return Work(row.op, row.transaction, row.fields, row.account, row.role, row.office, row.envelope, row.tx_id,
                    row.attempts, tuple(row.proof), row.scope)

    def keep_envelope(self, op: str, envelope: bytes | None, tx_id: str) -> None:
        """What will be sent, stored before it is; None where the last one was invalidated."""
        self._update(op, envelope=envelope, tx_id=tx_id)

    def release(self, op: str, next_attempt_at: datetime, *, doubtful: bool) -> None:
        """Nobody is at it; it is tried again from a time on."""
        self._update(op, busy_until=None, next_attempt_at=next_attempt_at, doubtful=doubtful)

    def recorded(self, op: str, tx_id: str, block: int | None, at: datetime) -> None:
        """It is on the ledger; what was typed and what was sent is kept no longer."""
        self._update(op, state=RECORDED, tx_id=tx_id, block=block, recorded_at=at, busy_until=None, doubtful=False,
                     envelope=None, form={})

    def refused(self, op: str, code: str, params: Mapping[str, Any]) -> None:
        """The contract said no."""
        self._update(op, state=REFUSED, refusal=code, params=dict(params), busy_until=None, doubtful=False,
                     envelope=None)

    def forget_typed(self, before: datetime) -> None:
        """Drops what people typed into forms that were refused and not corrected since, or that nobody signed."""
        with self._database.writing() as connection:
            connection.execute(delete(Stored).where(Stored.state.in_((REFUSED, UNSIGNED)),
                                                    Stored.accepted_at < before))

    def in_projection(self, op: str) -> tuple[str, int, datetime] | None:
        """Transaction id, block and time of a command of this municipality that the projection has seen valid."""
        with self._database.reading() as connection:
            row = connection.execute(select(
                LedgerTransaction.tx_id, LedgerTransaction.block, LedgerTransaction.at
            ).where(LedgerTransaction.op == op, LedgerTransaction.valid, LedgerTransaction.m == self._municipality,
                    LedgerTransaction.event != "").limit(1)).one_or_none()
        return None if row is None else (row.tx_id, row.block, row.at)

    def height(self) -> int:
        """The number of blocks that the projection has seen."""
        with self._database.reading() as connection:
            return (connection.scalar(select(Cursor.block)) or 0) + 1

    def _update(self, op: str, **values: Any) -> None:
        with self._database.writing() as connection:
            connection.execute(update(Stored).where(Stored.op == op, Stored.state == PENDING).values(**values))


def _free(now: datetime) -> Any:
    return or_(Stored.busy_until.is_(None), Stored.busy_until < now)


def _submission(row: Row[Any]) -> Submission:
    return Submission(
        op=row.op, transaction=row.transaction, fields=row.fields, account=row.account, user_id=row.user_id,
        state=row.state, accepted_at=row.accepted_at, page=row.page, form=row.form,
        form_sha256=row.form_sha256, doubtful=row.doubtful, tx_id=row.tx_id, block=row.block,
        recorded_at=row.recorded_at, refusal=row.refusal, params=row.params,
        role=row.role, office=row.office, proof=tuple(row.proof), scope=row.scope)
