"""Keys of the fiscal years' uniqueness tags, as the municipalities' consoles gave them to each other."""
from __future__ import annotations

from moyai_database.database import Database
from sqlalchemy import delete, insert, select

from moyai_bridge.store import tables


class EpochKeys:
    """K_epoch by epoch, e.g. `2026`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, epoch: str) -> bytes | None:
        """The key, or None where this municipality does not have it."""
        with self._database.reading() as connection:
            return connection.scalar(select(tables.epoch_key.c.key).where(tables.epoch_key.c.epoch == epoch))

    def keep(self, epoch: str, key: bytes) -> None:
        """Keeps an epoch's key, which never changes. Raises ValueError where another one is there."""
        with self._database.writing() as connection:
            found = connection.scalar(select(tables.epoch_key.c.key).where(tables.epoch_key.c.epoch == epoch))
            if found is None:
                connection.execute(insert(tables.epoch_key).values(epoch=epoch, key=key))
            elif found != key:
                raise ValueError(f"another key of the epoch {epoch} is there already")

    def destroy(self, epoch: str) -> None:
        """Its tags can be tested by nobody from now on."""
        with self._database.writing() as connection:
            connection.execute(delete(tables.epoch_key).where(tables.epoch_key.c.epoch == epoch))
