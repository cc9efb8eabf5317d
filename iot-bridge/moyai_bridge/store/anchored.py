"""A reading with all that its batch's leaves say, for its proof."""
from __future__ import annotations

from dataclasses import dataclass

from moyai_contracts.api.merkle import HASH_BYTES
from moyai_database.database import Database
from sqlalchemy import select

from moyai_bridge import marks
from moyai_bridge.leaves import LeafReading
from moyai_bridge.store import tables


@dataclass(frozen=True)
class AnchoredReading:
    """A reading, its batch's leaf hashes and root (none before the batch is closed), and the transaction that
    anchored it, None before. `slot`, `bridge`, `n` name the batch, also on the ledger."""
    reading: LeafReading
    received_at: int
    leaves: list[bytes]
    bridge: str
    slot: str | None
    n: int | None
    root: str | None
    transaction_id: str | None
    block: int | None
    anchored_at: int | None

    @property
    def marks(self) -> tuple[str, ...]:
        return marks.from_bits(self.reading.marks)


class AnchoredReadings:
    """Readings of one municipality."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, device_id: str, register: str, at: int, seq: int | None = None,
             raw: int | None = None) -> AnchoredReading | None:
        """The reading of a register at a time by its device's clock; of several the one with the lowest sequence,
        unless `seq` (and `raw`, where a device told two values under one) says which."""
        reading, device, batch, leaves = (table.c for table in (
            tables.reading, tables.device, tables.batch, tables.batch_leaves))
        conditions = [reading.device_id == device_id, reading.register == register, reading.at == at]
        conditions += [column == value for column, value in ((reading.seq, seq), (reading.raw, raw))
                       if value is not None]
        query = select(
            reading.device_id, reading.register, reading.at, reading.seq, reading.raw, reading.marks, device.key,
            reading.received_at, leaves.leaves, batch.bridge, batch.slot, batch.n, batch.root, batch.transaction_id,
            batch.block, batch.anchored_at,
        ).select_from(tables.reading.join(tables.device, reading.device_id == device.device_id).join(
            tables.batch, reading.batch == batch.batch).outerjoin(
            tables.batch_leaves, batch.batch == leaves.batch)).where(*conditions).order_by(reading.seq, reading.raw)
        with self._database.reading() as connection:
            row = connection.execute(query.limit(1)).first()
        if row is None:
            return None
        received_at, leaf_hashes, *facts, transaction_id, block, anchored_at = row[7:]
        # An id that is only being sent is none yet.
        known = transaction_id if anchored_at is not None else None
        return AnchoredReading(LeafReading(*row[:7]), received_at, _split(leaf_hashes or b""), *facts, known, block,
                               anchored_at)


def _split(leaves: bytes) -> list[bytes]:
    return [leaves[start:start + HASH_BYTES] for start in range(0, len(leaves), HASH_BYTES)]
