"""Batches of readings: one is open a bridge and gets every new reading; closing it fixes what it holds.

open → closing (slot and number fixed, nothing more comes in) → closed (root and leaves computed) → anchored.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from moyai_database.database import Database
from sqlalchemy import Connection, delete, exists, func, insert, select, update

from moyai_bridge import marks
from moyai_bridge.leaves import LeafReading
from moyai_bridge.store import tables
from moyai_bridge.store.availability import telling_when_away

OPEN, CLOSING, CLOSED, ANCHORED = "open", "closing", "closed", "anchored"
_COLUMNS = [column for column in tables.batch.c if column.name != "envelope"]


@dataclass(frozen=True)
class Batch:
    """A batch; what a state does not have yet is None. `flags`: readings by mark; `root`, `previous` in hex."""
    batch: int
    bridge: str
    state: str
    duplicates: int
    slot: str
    n: int
    root: str | None
    size: int | None
    first_at: int | None
    last_at: int | None
    flags: dict[str, int] | None
    previous: str | None
    closed_at: int
    transaction_id: str | None
    block: int | None
    anchored_at: int | None


class Batches:
    """Batches of one bridge."""

    def __init__(self, database: Database, bridge: str) -> None:
        self._database, self._bridge = database, bridge

    def begin_closing(self, slot: str, now: int) -> None:
        """Ends the open batch, if it holds any reading: it gets its place, and the next reading a new batch.

        Raises StoreAway.
        """
        batch = tables.batch
        with telling_when_away(), self._database.writing() as connection:
            number = connection.scalar(_open(self._bridge).with_for_update())
            if number is None or connection.execute(select(tables.reading.c.at).where(
                    tables.reading.c.batch == number).limit(1)).first() is None:
                return
            n = connection.scalar(select(func.coalesce(func.max(batch.c.n) + 1, 0)).where(
                batch.c.bridge == self._bridge, batch.c.slot == slot))
            connection.execute(update(batch).where(batch.c.batch == number).values(
                state=CLOSING, slot=slot, n=n, closed_at=now))

    def in_state(self, state: str) -> list[Batch]:
        """The bridge's batches in a state, in the order of their closing. Raises StoreAway."""
        with telling_when_away(), self._database.reading() as connection:
            rows = connection.execute(select(*_COLUMNS).where(
                tables.batch.c.bridge == self._bridge, tables.batch.c.state == state).order_by(
                    tables.batch.c.batch)).mappings()
            return [Batch(**row) for row in rows]

    def has_unanchored(self) -> bool:
        """Whether a reading waits in a batch that is not anchored. Raises StoreAway."""
        with telling_when_away(), self._database.reading() as connection:
            return connection.execute(select(tables.batch.c.batch).where(
                tables.batch.c.bridge == self._bridge, tables.batch.c.state != ANCHORED,
                exists().where(tables.reading.c.batch == tables.batch.c.batch))).first() is not None

    def readings(self, batch: int) -> list[LeafReading]:
        """What a batch holds, in the order of its leaves. Raises StoreAway."""
        with telling_when_away(), self._database.reading() as connection:
            return leaf_readings(connection, batch)

    def close(self, batch: int, leaves: Sequence[bytes], root: str, readings: Sequence[LeafReading]) -> None:
        """Keeps what was computed of a closing batch; one that became empty is dropped. Raises StoreAway."""
        with telling_when_away(), self._database.writing() as connection:
            if not readings:
                connection.execute(delete(tables.batch).where(tables.batch.c.batch == batch))
                return
            duplicates = connection.scalar(select(tables.batch.c.duplicates).where(tables.batch.c.batch == batch))
            connection.execute(insert(tables.batch_leaves).values(batch=batch, leaves=b"".join(leaves)))
            times = [reading.at for reading in readings]
            connection.execute(update(tables.batch).where(tables.batch.c.batch == batch).values(
                state=CLOSED, root=root, size=len(leaves), first_at=min(times), last_at=max(times),
                flags=_flags(readings, duplicates or 0), previous=_previous(connection, self._bridge, batch)))

    def sending(self, batch: int, transaction_id: str, envelope: bytes) -> None:
        """Keeps an envelope before it is sent, so that a crash leaves no doubt. Raises StoreAway."""
        self._update(batch, transaction_id=transaction_id, envelope=envelope)

    def sent(self, batch: int) -> tuple[str, bytes] | None:
        """Transaction id and envelope of an earlier attempt, None if there was none. Raises StoreAway."""
        with telling_when_away(), self._database.reading() as connection:
            row = connection.execute(select(tables.batch.c.transaction_id, tables.batch.c.envelope).where(
                tables.batch.c.batch == batch, tables.batch.c.envelope.is_not(None))).first()
            return None if row is None else (row[0], row[1])

    def anchored(self, batch: int, transaction_id: str | None, block: int | None, now: int) -> None:
        """The root stands on the ledger, in this transaction if it is known. Raises StoreAway."""
        self._update(batch, state=ANCHORED, transaction_id=transaction_id, block=block, anchored_at=now, envelope=None)

    def _update(self, batch: int, **values: Any) -> None:
        with telling_when_away(), self._database.writing() as connection:
            connection.execute(update(tables.batch).where(tables.batch.c.batch == batch).values(values))


def open_batch(connection: Connection, bridge: str) -> int:
    """The number of the bridge's open batch, made if there is none; it stays open until the transaction ends."""
    number = connection.scalar(_open(bridge).with_for_update())
    if number is None:
        made = connection.execute(insert(tables.batch).values(bridge=bridge, state=OPEN, duplicates=0))
        number = made.inserted_primary_key[0]
    return int(number)


def add_duplicates(connection: Connection, batch: int, count: int) -> None:
    """Counts readings that came again."""
    if count:
        connection.execute(update(tables.batch).where(tables.batch.c.batch == batch).values(
            duplicates=tables.batch.c.duplicates + count))


def leaf_readings(connection: Connection, batch: int) -> list[LeafReading]:
    """What a batch holds, in the order of its leaves."""
    reading, device = tables.reading.c, tables.device.c
    rows = connection.execute(select(
        reading.device_id, reading.register, reading.at, reading.seq, reading.raw, reading.marks, device.key).join_from(
            tables.reading, tables.device, reading.device_id == device.device_id).where(reading.batch == batch))
    # Sorted here, for databases collate texts each in its own way.
    return sorted(LeafReading(*row) for row in rows)


def _open(bridge: str) -> Any:
    return select(tables.batch.c.batch).where(tables.batch.c.bridge == bridge, tables.batch.c.state == OPEN)


def _previous(connection: Connection, bridge: str, batch: int) -> str | None:
    return connection.scalar(select(tables.batch.c.root).where(
        tables.batch.c.bridge == bridge, tables.batch.c.batch < batch, tables.batch.c.root.is_not(None)).order_by(
            tables.batch.c.batch.desc()).limit(1))


def _flags(readings: Iterable[LeafReading], duplicates: int) -> dict[str, int]:
    found = dict.fromkeys(marks.MARKS, 0)
    for reading in readings:
        for mark in marks.from_bits(reading.marks):
            found[mark] += 1
    return found | {marks.DUPLICATE: duplicates}
