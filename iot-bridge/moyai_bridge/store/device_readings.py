"""Everything that was stored of some devices, as it stands: for whoever compares it with what must be there."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from moyai_database.database import Database
from sqlalchemy import func, select

from moyai_bridge import marks
from moyai_bridge.store import tables
from moyai_bridge.store.availability import telling_when_away


@dataclass(frozen=True)
class StoredReading:
    """A register's reading: the device's clock (UTC seconds) and sequence, the raw counter, its marks.

    `arrival`: when it came and the number of its message; a greater one came later.
    """
    register: str
    at: int
    seq: int
    raw: int
    marks: tuple[str, ...]
    arrival: tuple[int, int]


class DeviceReadings:
    """Readings of one municipality, by device."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, device_id: str) -> Iterator[StoredReading]:
        """All readings of a device, in order of register and sequence. Raises StoreAway."""
        reading = tables.reading
        columns = (reading.c.register, reading.c.at, reading.c.seq, reading.c.raw, reading.c.marks,
                   reading.c.received_at, reading.c.message)
        query = select(*columns).where(reading.c.device_id == device_id).order_by(
            reading.c.register, reading.c.seq, reading.c.at)
        with telling_when_away(), self._database.reading() as connection:
            for register, at, seq, raw, bits, received_at, message in connection.execute(query):
                yield StoredReading(register, at, seq, raw, marks.from_bits(bits), (received_at, message))

    def duplicates(self) -> int:
        """How many readings came again, of all devices. Raises StoreAway."""
        with telling_when_away(), self._database.reading() as connection:
            return int(connection.scalar(select(func.coalesce(func.sum(tables.batch.c.duplicates), 0))) or 0)
