"""The meters of one municipality: its readings database and its device CA. Implements `moyai_webui.metering`."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Protocol

from moyai_bridge.device_certificates import DeviceCertificate
from moyai_bridge.reading_proof import Prover
from moyai_bridge.store import devices as store
from moyai_bridge.store.dead_letters import DeadLetters
from moyai_bridge.store.devices import ACTIVE, PENDING, RETIRED, REVOKED, DeviceRegistry, Search
from moyai_bridge.store.epoch_keys import EpochKeys, KeyMissing, fiscal_year
from moyai_bridge.store.readings import Readings
from moyai_client import MoyaiError
from moyai_contracts.api.devices import RenewedTags, Tag
from moyai_database.database import Database

from moyai_webui.metering import Counted, DeadLetter, DeviceFilter, MarkedReading, Unavailable
from moyai_webui.metering_devices import SILENT_AFTER, Device, Enrolment, NewDevice
from moyai_webui.meter_readings import CheckedProof, NewValue, ReadHalfHour, ReadingKey, ReadingRecord, RecordedValue
from moyai_webui.meter_totals import Totals
from moyai_webui.presentation import formats
from moyai_webui.rows import Page
from moyai_webui.stored_readings import StoredReadings

GAPS_OF = timedelta(days=30)
SHOWN_OF_A_LETTER = 120  # bytes
_STATES = {"current": (PENDING, ACTIVE), "silent": (ACTIVE,), "ended": (REVOKED, RETIRED)}


class DeviceCa(Protocol):
    """What of `moyai_bridge.device_certificates.DeviceCertificates` is needed here."""

    def enrol(self, device_id: str) -> DeviceCertificate: ...

    def revoke(self, device_id: str) -> bool: ...


@dataclass(frozen=True)
class BrokerAddress:
    """Where devices connect; `authority`: the certificate (PEM) that the broker's own goes back to."""

    host: str
    port: int
    authority: Path


class StoredMetering:
    """Implements `moyai_webui.metering.Metering`; safe to use from several threads."""

    def __init__(self, database: Database, device_ca: DeviceCa, broker: BrokerAddress, prover: Prover, totals: Totals,
                 clock: Callable[[], datetime] = formats.now) -> None:
        self._registry, self._readings = DeviceRegistry(database), Readings(database)
        self._letters, self._keys = DeadLetters(database), EpochKeys(database)
        self._records, self.totals = StoredReadings(database, prover), totals
        self._device_ca, self._broker, self._clock = device_ca, broker, clock

    def as_of(self) -> datetime | None:
        """Up to when the bridges have stored everything that came: late where one of them is stuck."""
        seconds = self._readings.as_of()
        return None if seconds is None else _utc(seconds)

    def devices(self, wanted: DeviceFilter) -> Page[Device]:
        now = self._seconds()
        silent = now - int(SILENT_AFTER.total_seconds()) if wanted.state == "silent" else None
        total, found = self._registry.search(
            Search(_STATES[wanted.state], wanted.account, wanted.text, silent), limit=wanted.size,
            offset=(wanted.page - 1) * wanted.size)
        gaps = self._readings.gaps(found, now - int(GAPS_OF.total_seconds()), now)
        return Page(tuple(_device(device, gaps[device.device_id]) for device in found), total, wanted.page, wanted.size)

    def device(self, device_id: str) -> Device | None:
        found = self._registry.find(device_id)
        return None if found is None else _device(found, 0)

    def tags(self, serial: str, supply_point: str, day: date) -> tuple[Tag, ...]:
        try:
            return self._keys.tags(serial, supply_point, day)
        except KeyMissing as error:
            raise Unavailable(str(error)) from error

    def without_tags(self) -> dict[str, int]:
        year = fiscal_year(formats.jst(self._clock()).date())
        return {epoch: len(self._registry.without_tags(epoch)) for epoch in (f"{year:04}", f"{year + 1:04}")}

    def renewals(self, epoch: str, most: int) -> tuple[RenewedTags, ...]:
        try:
            return tuple(RenewedTags(device.device_id, self._keys.tags_of(epoch, device.serial, device.supply_point))
                         for device in self._registry.without_tags(epoch, limit=most))
        except KeyMissing as error:
            raise Unavailable(str(error)) from error

    def renewed(self, epoch: str, device_ids: Sequence[str]) -> None:
        self._registry.set_tag_epoch(device_ids, epoch)

    def enrol(self, new: NewDevice) -> Enrolment:
        values = {name: getattr(new, name) for name in (
            "device_id", "label", "kind", "account", "serial", "supply_point", "registers", "capacity", "unit",
            "digits", "op")}
        issued = self._certificate(new.device_id)
        self._registry.add(store.NewDevice(
            **values, coefficient_n=new.coefficient[0], coefficient_d=new.coefficient[1],
            installed_on=new.installed_on.isoformat()), self._seconds())
        self._registry.set_certificate(new.device_id, issued.fingerprint, issued.serial)
        return Enrolment(issued.certificate, issued.private_key, self._broker.authority.read_bytes(),
                         self._broker.host, self._broker.port)

    def activate(self, device_id: str) -> None:
        """A device that has ended meanwhile stays so."""
        found = self._registry.find(device_id)
        if found is not None and found.state == PENDING:
            self._registry.set_state(device_id, ACTIVE)

    def discard(self, device_id: str) -> None:
        """What a device without an entry sends is taken in by no bridge."""
        if self._registry.find(device_id) is None:
            return
        try:
            self._device_ca.revoke(device_id)
        except MoyaiError as error:
            raise Unavailable(str(error)) from error
        self._registry.remove(device_id)

    def end(self, device_id: str, state: str) -> None:
        self._registry.set_state(device_id, state)

    def counted(self, account: str, edges: Sequence[datetime]) -> tuple[Counted, ...]:
        found = self._readings.counted(account, [int(edge.timestamp()) for edge in edges], self._seconds())
        return tuple(Counted(part.amounts, part.missing, part.substituted) for part in found)

    def half_hours(self, device_id: str, begin: datetime, end: datetime) -> tuple[ReadHalfHour, ...]:
        found = self._registry.find(device_id)
        return () if found is None else self._records.half_hours(found, begin, end, self._clock())

    def keep_values(self, substitution_id: str, values: Sequence[NewValue]) -> None:
        self._records.keep_values(substitution_id, values, self._clock())

    def waiting_values(self) -> tuple[str, ...]:
        return self._records.waiting_values()

    def settle_values(self, substitution_id: str, transaction_id: str) -> None:
        self._records.settle_values(substitution_id, transaction_id)

    def recorded_values(self, *, page: int = 1, size: int = 50) -> Page[RecordedValue]:
        return self._records.recorded_values(page, size)

    def reading(self, key: ReadingKey) -> ReadingRecord | None:
        device = self.device(key.device_id)
        return None if device is None else self._records.reading(key, device)

    def prove(self, key: ReadingKey) -> CheckedProof:
        return self._records.prove(key)

    def marked_readings(self, *, mark: str = "", page: int = 1, size: int = 50) -> Page[MarkedReading]:
        total, found = self._readings.marked(mark, limit=size, offset=(page - 1) * size)
        return Page(tuple(MarkedReading(ReadingKey(one.device_id, one.register, one.at, one.seq, one.raw), one.label,
                                        _utc(one.at), one.marks, _utc(one.received_at)) for one in found),
                    total, page, size)

    def dead_letters(self, *, page: int = 1, size: int = 50) -> Page[DeadLetter]:
        found = self._letters.newest(limit=size, offset=(page - 1) * size)
        return Page(tuple(DeadLetter(
            _sender(letter.topic), _utc(letter.received_at), letter.reason, len(letter.payload),
            letter.payload[:SHOWN_OF_A_LETTER].decode("utf-8", "backslashreplace")) for letter in found),
            self._letters.count(), page, size)

    def _certificate(self, device_id: str) -> DeviceCertificate:
        try:
            return self._device_ca.enrol(device_id)
        except MoyaiError as error:
            raise Unavailable(str(error)) from error

    def _seconds(self) -> int:
        return int(self._clock().timestamp())


def _device(found: store.Device, gaps: int) -> Device:
    return Device(found.device_id, found.account, found.kind, found.label, found.serial, found.registers,
                  date.fromisoformat(found.installed_on), found.state, found.certificate or "", found.op,
                  None if found.last_seen_at is None else _utc(found.last_seen_at), gaps, found.unit,
                  (found.coefficient_n, found.coefficient_d))


def _sender(topic: str) -> str:
    """The device whose topic it is, the whole topic where it is nobody's."""
    parts = topic.split("/")
    return parts[1] if len(parts) == 3 and parts[0] == "m" else topic


def _utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)
