"""How far a municipality's readings are anchored, over all its bridges."""
from __future__ import annotations

from moyai_database.database import Database
from sqlalchemy import func, select

from moyai_bridge.store import tables
from moyai_bridge.store.availability import telling_when_away
from moyai_bridge.store.batches import ANCHORED


class Anchoring:
    """Batches of one municipality."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(self) -> int:
        """The number of the newest batch: what is stored by now is in none later. Raises StoreAway."""
        with telling_when_away(), self._database.reading() as connection:
            return connection.scalar(select(func.max(tables.batch.c.batch))) or 0

    def waiting(self, latest: int) -> int:
        """How many readings of the batches up to this one have no root on the ledger yet. Raises StoreAway."""
        batch = tables.batch.c
        unanchored = select(batch.batch).where(batch.batch <= latest, batch.state != ANCHORED)
        with telling_when_away(), self._database.reading() as connection:
            return connection.scalar(select(func.count()).select_from(tables.reading).where(
                tables.reading.c.batch.in_(unanchored))) or 0
