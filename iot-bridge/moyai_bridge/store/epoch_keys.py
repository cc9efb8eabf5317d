"""Keys of the fiscal years' uniqueness tags, as the municipalities' consoles gave them to each other."""
from __future__ import annotations

import hashlib
import hmac
from datetime import date

from moyai_client.errors import MoyaiError
from moyai_contracts.api.devices import Tag
from moyai_database.database import Database
from sqlalchemy import delete, insert, select

from moyai_bridge.store import tables

KEY_BYTES = 32
FIRST_MONTH, LAST_MONTH = 4, 3
"""Of a fiscal year."""


class KeyMissing(MoyaiError):
    """A fiscal year's key is not here: no device can be registered."""


def fiscal_year(day: date) -> int:
    """From April to March."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


class EpochKeys:
    """K_epoch by epoch, e.g. `2026`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, epoch: str) -> bytes | None:
        """The key, or None where this municipality does not have it."""
        with self._database.reading() as connection:
            return connection.scalar(select(tables.epoch_key.c.key).where(tables.epoch_key.c.epoch == epoch))

    def tags(self, serial: str, supply_point: str, day: date) -> tuple[Tag, ...]:
        """Uniqueness tags (LEDGER.md §2.4) of normalised numbers, as a registration on a day in Japan needs them.

        A device without a supply point has none of that kind. Raises KeyMissing.
        """
        year = fiscal_year(day)
        epochs = (year, year + 1) if day.month == LAST_MONTH else (year,)
        return tuple(tag for epoch in epochs for tag in self.tags_of(f"{epoch:04}", serial, supply_point))

    def tags_of(self, epoch: str, serial: str, supply_point: str) -> tuple[Tag, ...]:
        """The tags of one epoch. Raises KeyMissing."""
        known = [(kind, value) for kind, value in (("serial", serial), ("supply_point", supply_point)) if value]
        return tuple(self._tag(kind, epoch, value) for kind, value in known)

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

    def _tag(self, kind: str, epoch: str, value: str) -> Tag:
        key = self.find(epoch)
        if key is None:
            raise KeyMissing(f"The key of uniqueness tags of {epoch} is not here: take it in with "
                             "'moyai bridge epoch-key import'.")
        return Tag(kind, epoch, hmac.new(key, f"{kind}{value}".encode(), hashlib.sha256).hexdigest())
