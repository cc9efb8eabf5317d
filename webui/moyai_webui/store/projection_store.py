"""Writes one block's changes: rows, derived figures, outgoing mails and cursor in one database transaction."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timezone

from sqlalchemy import Connection, Table, select, update
from moyai_database.database import upsert

from moyai_webui.projection.changes import MADE_ONCE, BlockChanges
from moyai_webui.store import derived, ended_drills, outgoing
from moyai_webui.store.projection_tables import Cursor, Projection

TABLES: Mapping[str, Table] = Projection.metadata.tables


class OutOfOrder(Exception):
    """A block was left out."""


class ProjectionStore:
    """The projection as its projector sees it.

    `transaction` opens a database transaction on the tables to be filled. `municipality` is the one whose outbox
    lies in the same database; empty where mails are none of this copy's business (a rebuild).
    """

    def __init__(self, transaction: Callable[[], AbstractContextManager[Connection]], municipality: str = "",
                 clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> None:
        self._transaction = transaction
        self._municipality = municipality
        self._clock = clock

    def cursor(self) -> int:
        """Number of the last block applied, −1 before the first."""
        with self._transaction() as connection:
            return connection.scalars(select(Cursor.block)).one()

    def apply(self, changes: BlockChanges) -> bool:
        """Applies a block; False where that was done before. Raises OutOfOrder."""
        with self._transaction() as connection:
            return self.apply_in(connection, changes)

    def apply_in(self, connection: Connection, changes: BlockChanges) -> bool:
        """The same inside the caller's transaction."""
        applied = connection.scalars(select(Cursor.block).with_for_update()).one()
        if changes.number <= applied:
            return False
        if changes.number != applied + 1:
            raise OutOfOrder(f"block {changes.number} came after block {applied}")
        for name in changes.tables:
            upsert(connection, TABLES[name], changes.rows(name), keep=MADE_ONCE.get(name, frozenset()))
        derived.recompute(connection, changes)
        ended_drills.drop(connection, changes)
        upsert(connection, TABLES["document_height"],
               [{"topic": name, "block": changes.number} for name in changes.tables])
        if self._municipality:
            outgoing.put(connection, changes.mails, self._clock())
        at = {"block_at": changes.at} if changes.at else {}
        connection.execute(update(Cursor).values(block=changes.number, **at))
        return True

    def seen(self, block: int, at: datetime) -> None:
        """Nothing newer than `block` was there at a time; without effect where the cursor stands elsewhere."""
        with self._transaction() as connection:
            connection.execute(update(Cursor).where(Cursor.block == block).values(seen_at=at))
