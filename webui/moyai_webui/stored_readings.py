"""Single readings of one municipality's database, with their proofs: the part of `StoredMetering` that shows them."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

from moyai_bridge import reading_proof
from moyai_bridge.reading_proof import Changed, NotAnchored, Prover
from moyai_bridge.store.anchored import AnchoredReading, AnchoredReadings
from moyai_bridge.store.device_readings import StoredReading
from moyai_bridge.store.devices import Device as RegisteredDevice
from moyai_bridge.store.half_hours import HalfHours
from moyai_bridge.store.substitutions import Substituted, Substitutions
from moyai_client import MoyaiError
from moyai_client.proof import NotProven, ReadingProof, dump, load, verify_reading
from moyai_database.database import Database

from moyai_webui.meter_readings import (
    AWAY, CHANGED, UNKNOWN, WAITING, Batch, CheckedProof, NewValue, ReadHalfHour, ReadingKey, ReadingRecord,
    RecordedValue, SetValue, ShownReading, Unproven,
)
from moyai_webui.metering_devices import Device
from moyai_webui.rows import Page


class StoredReadings:
    """Readings by half-hour, and one by one; safe to use from several threads."""

    def __init__(self, database: Database, prover: Prover) -> None:
        self._half_hours, self._anchored, self._prover = HalfHours(database), AnchoredReadings(database), prover
        self._substitutions = Substitutions(database)

    def half_hours(self, device: RegisteredDevice, begin: datetime, end: datetime,
                   now: datetime) -> tuple[ReadHalfHour, ...]:
        found = self._half_hours.of(device, *(int(time.timestamp()) for time in (begin, end, now)))
        return tuple(ReadHalfHour(
            _utc(part.begin), tuple(_shown(device.device_id, reading) for reading in part.readings),
            tuple(SetValue(row.register, row.amount, row.method, row.reason) for row in part.substituted))
            for part in found)

    def reading(self, key: ReadingKey, device: Device) -> ReadingRecord | None:
        found = self._find(key)
        if found is None:
            return None
        return ReadingRecord(key, device, found.marks, _utc(found.received_at), found.reading.leaf.hex(),
                             _batch(found))

    def prove(self, key: ReadingKey) -> CheckedProof:
        """Raises Unproven."""
        try:
            proof = reading_proof.prove(self._anchored, self._prover, key.device_id, key.register, key.at, key.seq,
                                        key.raw)
        except Changed as error:
            raise Unproven(CHANGED) from error
        except NotAnchored as error:
            found = self._find(key)
            raise Unproven(WAITING if found is None or found.anchored_at is None else UNKNOWN) from error
        except MoyaiError as error:
            raise Unproven(AWAY) from error
        return _checked(dump(proof))

    def keep_values(self, substitution_id: str, values: Sequence[NewValue], now: datetime) -> None:
        if substitution_id not in self._substitutions.waiting():
            self._substitutions.add(substitution_id, [Substituted(
                value.device_id, value.register, int(value.begin.timestamp()), value.amount, value.method, value.reason)
                for value in values], int(now.timestamp()))

    def waiting_values(self) -> tuple[str, ...]:
        return tuple(self._substitutions.waiting())

    def settle_values(self, substitution_id: str, transaction_id: str) -> None:
        if transaction_id:
            self._substitutions.recorded(substitution_id, transaction_id)
        else:
            self._substitutions.refused(substitution_id)

    def recorded_values(self, page: int, size: int) -> Page[RecordedValue]:
        total, found = self._substitutions.newest(limit=size, offset=(page - 1) * size)
        return Page(tuple(RecordedValue(
            row.device_id, row.register, _utc(row.at), row.amount, row.method, row.reason, row.substitution_id,
            row.label, row.unit, _utc(row.recorded_at), row.transaction_id) for row in found), total, page, size)

    def _find(self, key: ReadingKey) -> AnchoredReading | None:
        return self._anchored.find(key.device_id, key.register, key.at, key.seq, key.raw)


def _checked(file: bytes) -> CheckedProof:
    """What whoever gets the file will find. Raises Unproven."""
    proof = load(file)
    assert isinstance(proof, ReadingProof)
    try:
        return CheckedProof(file, verify_reading(proof))
    except NotProven as error:
        raise Unproven(CHANGED) from error


def _shown(device_id: str, reading: StoredReading) -> ShownReading:
    return ShownReading(ReadingKey(device_id, reading.register, reading.at, reading.seq, reading.raw), reading.marks)


def _batch(found: AnchoredReading) -> Batch | None:
    if found.root is None or found.slot is None or found.n is None:
        return None
    return Batch(found.bridge, found.slot, found.n, len(found.leaves), found.root, found.transaction_id or "",
                 found.block, None if found.anchored_at is None else _utc(found.anchored_at))


def _utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)
