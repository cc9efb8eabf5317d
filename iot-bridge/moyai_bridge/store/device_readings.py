"""Everything that was stored of some devices, as it stands: for whoever compares it with what must be there."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moyai_database.database import Database
from sqlalchemy import Select, func, select

from moyai_bridge import marks
from moyai_bridge.store import tables
from moyai_bridge.store.availability import telling_when_away

_READING = tables.reading.c
_QUERY = select(_READING.register, _READING.at, _READING.seq, _READING.raw, _READING.marks, _READING.received_at,
                _READING.message, tables.batch.c.bridge).join_from(
                    tables.reading, tables.batch, _READING.batch == tables.batch.c.batch)


@dataclass(frozen=True)
class StoredReading:
    """A register's reading: the device's clock (UTC seconds) and sequence, the raw counter, its marks.

    `arrival`: when it came and the number of its message; of one bridge's a greater one came later.
    """
    register: str
    at: int
    seq: int
    raw: int
    marks: tuple[str, ...]
    arrival: tuple[int, int]
    bridge: str


class DeviceReadings:
    """Readings of one municipality, by device."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, device_id: str) -> Iterator[StoredReading]:
        """All readings of a device, in order of register and sequence. Raises StoreAway."""
        yield from self._select(_QUERY.where(_READING.device_id == device_id).order_by(
            _READING.register, _READING.seq, _READING.at))

    def between(self, device_id: str, start: int, end: int) -> list[StoredReading]:
        """Readings of a device with a time by its clock in [start, end), in order of time. Raises StoreAway."""
        return list(self._select(_QUERY.where(
            _READING.device_id == device_id, _READING.at >= start, _READING.at < end).order_by(
                _READING.at, _READING.seq, _READING.register, _READING.raw)))

    def first_at(self, device_id: str) -> int | None:
        """The earliest time by the device's clock, None before its first reading. Raises StoreAway."""
        with telling_when_away(), self._database.reading() as connection:
            return connection.scalar(select(func.min(_READING.at)).where(_READING.device_id == device_id))

    def duplicates(self) -> int:
        """How many readings came again, of all devices. Raises StoreAway."""
        with telling_when_away(), self._database.reading() as connection:
            return int(connection.scalar(select(func.coalesce(func.sum(tables.batch.c.duplicates), 0))) or 0)

    def _select(self, query: Select[Any]) -> Iterator[StoredReading]:
        with telling_when_away(), self._database.reading() as connection:
            for register, at, seq, raw, bits, received_at, message, bridge in connection.execute(query):
                yield StoredReading(register, at, seq, raw, marks.from_bits(bits), (received_at, message), bridge)
