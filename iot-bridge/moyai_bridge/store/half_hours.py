"""A device's half-hours one by one: what was read in each, what was set where nothing was, and which are missing."""
from __future__ import annotations

from dataclasses import dataclass

from moyai_contracts.api.metering import HALF_HOUR
from moyai_database.database import Database

from moyai_bridge.monthly_row import slot
from moyai_bridge.store.device_readings import DeviceReadings, StoredReading
from moyai_bridge.store.devices import TAKEN_IN, Device
from moyai_bridge.store.substitutions import Substituted, Substitutions


@dataclass(frozen=True)
class HalfHour:
    """From `begin` on (UTC seconds), by the device's clock. Without `readings` it is missing; `substituted` are the
    values, at most one a register, that were set for it."""
    begin: int
    readings: tuple[StoredReading, ...]
    substituted: tuple[Substituted, ...] = ()


def expected(device: Device, first: int, begin: int, end: int, now: int) -> range:
    """Numbers of the half-hours between two times that the device, whose first reading is of `first`, had to read.

    The half-hour that is being measured now is not over; a device that ended is expected to read no more.
    """
    last = now if device.state in TAKEN_IN else min(now, device.last_seen_at or now)
    return range(slot(max(begin, first)) + 1, min(end, last) // HALF_HOUR + 1)


class HalfHours:
    """Half-hours of one municipality's devices."""

    def __init__(self, database: Database) -> None:
        self._readings, self._substitutions = DeviceReadings(database), Substitutions(database)

    def of(self, device: Device, start: int, end: int, now: int) -> list[HalfHour]:
        """Those that were read, set, or had to be, between two times; the earliest first. Raises StoreAway."""
        read: dict[int, list[StoredReading]] = {}
        for reading in self._readings.between(device.device_id, start + 1, end + 1):
            read.setdefault(slot(reading.at), []).append(reading)
        given: dict[int, list[Substituted]] = {}
        for register in device.registers:
            for row in self._substitutions.of(device.device_id, register, start, end):
                given.setdefault(slot(row.at) + 1, []).append(row)
        first = self._readings.first_at(device.device_id)
        awaited = expected(device, first, start, end, now) if first is not None else ()
        return [HalfHour((number - 1) * HALF_HOUR, tuple(read.get(number, ())), tuple(given.get(number, ())))
                for number in sorted({*read, *given, *awaited})]
