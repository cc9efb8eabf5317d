"""Meters kept in memory: for tests of pages alone. The ones over the readings database have tests of their own."""
from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from moyai_client.proof import Reading, ReadingFacts, TransactionFacts
from moyai_contracts.api.devices import AnchorBatch, CorrectTotals, Flags, RenewedTags, Tag, TotalsRow
from moyai_webui.meter_readings import (
    Batch, CheckedProof, NewValue, ReadHalfHour, ReadingKey, ReadingRecord, RecordedValue, SetValue, ShownReading,
    Unproven,
)
from moyai_webui.meter_totals import LackingRow, MonthTotals, TotalsPage
from moyai_webui.metering import Counted, DeadLetter, DeviceFilter, MarkedReading, Unavailable
from moyai_webui.metering_devices import Device, Enrolment, NewDevice
from moyai_webui.presentation.formats import now
from moyai_webui.rows import Page
from tests.unit.webui.pages.memory_services import paged

HOME, SILENT, PENDING, ENDED = (f"{letter}" * 26 for letter in "HSPE")
MEMBER = f"{ord('m'):026}"
FINGERPRINT = "ab" * 32
PRIVATE_KEY = b"-----BEGIN PRIVATE KEY-----\nonly once\n-----END PRIVATE KEY-----\n"
HALF_HOUR = {"import": 120, "export": 40, "generation": 100}
"""Wh that the home counts in every half-hour."""


def reading_of(device_id: str, number: int) -> ShownReading:
    """What the import register showed so many half-hours ago."""
    at = int(now().timestamp()) // 1800 * 1800 - 1800 * number
    return ShownReading(ReadingKey(device_id, "import", at, 9000 - number, 120_000 - 120 * number),
                        ("gap", "clock") if number % 2 else ("reset",))


def gap_of(device_id: str, number: int) -> int:
    """When the half-hour of that reading begins, UTC seconds."""
    return reading_of(device_id, number).key.at - 1800


def register_of(reading: ShownReading, register: str) -> ShownReading:
    """The same moment of another register."""
    return ShownReading(dataclasses.replace(reading.key, register=register, raw=reading.key.raw // 3), ())


class MemoryTotals:
    """`moyai_webui.meter_totals.Totals`: of October the second page is overtaken."""

    def __init__(self) -> None:
        self.pages = (TotalsPage(0, 250, 372_000, 372_000, 0, "ab" * 32, 1, 0),
                      TotalsPage(1, 30, 44_640, 44_600, 10, "cd" * 32, 2, 3))
        self.command: CorrectTotals | None = CorrectTotals("0" * 26, "2026-10", 1, 2, (TotalsRow(
            HOME, "import", 0, 1800, 5, 7, 2, 1, 1, "measured"),), "")

    def months(self, most: int) -> tuple[MonthTotals, ...]:
        return (MonthTotals("2026-10", self.pages), MonthTotals("2026-09", self.pages[:1]))

    def month(self, name: str) -> MonthTotals | None:
        return next((month for month in self.months(2) if month.name == name), None)

    def lacking(self, name: str, most: int) -> tuple[LackingRow, ...]:
        return (LackingRow(HOME, "住まい全体の計器", "import", 1, 1488, 1448, 10),) if name == "2026-10" else ()

    def correction(self, name: str, page: int, reason: str) -> CorrectTotals | None:
        return self.command and dataclasses.replace(self.command, month=name, page=page, reason=reason)


class MemoryMetering:
    """`moyai_webui.metering.Metering`; the member's home counts `HALF_HOUR` since `since`."""

    def __init__(self) -> None:
        seen = now() - timedelta(minutes=4)
        home = Device(HOME, MEMBER, "meter", "住まい全体の計器", "SM-0001", tuple(HALF_HOUR), date(2026, 4, 1), "active",
                      FINGERPRINT, "0" * 26, seen, 3)
        self.known = {device.device_id: device for device in (
            home,
            dataclasses.replace(home, device_id=SILENT, account="9" * 26, kind="pv", label="屋根の太陽光", serial="PV-77",
                                registers=("generation",), last_seen_at=seen - timedelta(days=2), gaps=96),
            dataclasses.replace(home, device_id=PENDING, account="9" * 26, label="新しい計器", serial="SM-0002",
                                state="pending", last_seen_at=None, gaps=0),
            dataclasses.replace(home, device_id=ENDED, account="9" * 26, label="外した計器", serial="SM-0000",
                                state="retired"))}
        self.since = now() - timedelta(days=400)
        self.seen: datetime | None = now()
        self.away = False
        self.enrolled: list[NewDevice] = []
        self.letters = [DeadLetter(HOME, now(), "not JSON: line 1 column 2", 41, "{import: 12}")]
        self.marked = [MarkedReading(shown.key, "住まい全体の計器", shown.at, shown.marks, now())
                       for shown in (reading_of(HOME, number) for number in range(60))]
        self.lacking = {5}  # half-hours ago without a reading
        self.given: dict[int, tuple[SetValue, ...]] = {}
        self.unproven = ""
        self.kept: dict[str, list[NewValue]] = {}
        self.recorded: list[RecordedValue] = []
        self.totals = MemoryTotals()
        self.untagged: dict[str, list[str]] = {"2026": [], "2027": [HOME, SILENT]}

    def as_of(self) -> datetime | None:
        return self.seen

    def devices(self, wanted: DeviceFilter) -> Page[Device]:
        shown = {"current": ("pending", "active"), "silent": ("active",), "ended": ("revoked", "retired")}[wanted.state]
        return paged((device for device in self.known.values()
                      if device.state in shown and wanted.account in ("", device.account)
                      and wanted.text in device.label + device.serial
                      and (wanted.state != "silent" or device.health(now()) == "silent")), wanted.page, wanted.size)

    def device(self, device_id: str) -> Device | None:
        return self.known.get(device_id)

    def tags(self, serial: str, supply_point: str, day: date) -> tuple[Tag, ...]:
        known = (("serial", serial), ("supply_point", supply_point))
        return tuple(Tag(kind, str(day.year), hashlib.sha256(value.encode()).hexdigest())
                     for kind, value in known if value)

    def without_tags(self) -> dict[str, int]:
        return {epoch: len(devices) for epoch, devices in self.untagged.items()}

    def renewals(self, epoch: str, most: int) -> tuple[RenewedTags, ...]:
        if self.away:
            raise Unavailable
        return tuple(RenewedTags(device_id, (Tag("serial", epoch, f"{number:064x}"),))
                     for number, device_id in enumerate(self.untagged[epoch][:most]))

    def renewed(self, epoch: str, device_ids: Sequence[str]) -> None:
        self.untagged[epoch] = [device for device in self.untagged[epoch] if device not in device_ids]

    def enrol(self, new: NewDevice) -> Enrolment:
        if self.away:
            raise Unavailable
        self.enrolled.append(new)
        self.known[new.device_id] = Device(new.device_id, new.account, new.kind, new.label, new.serial, new.registers,
                                           new.installed_on, "pending", FINGERPRINT, new.op)
        return Enrolment(b"certificate", PRIVATE_KEY, b"authority", "broker.example.jp", 8883)

    def activate(self, device_id: str) -> None:
        self.end(device_id, "active")

    def discard(self, device_id: str) -> None:
        self.known.pop(device_id, None)

    def end(self, device_id: str, state: str) -> None:
        if device_id in self.known:
            self.known[device_id] = dataclasses.replace(self.known[device_id], state=state)

    def counted(self, account: str, edges: Sequence[datetime]) -> tuple[Counted, ...]:
        return tuple(self._counted(account, begin, end) for begin, end in zip(edges, edges[1:]))

    def half_hours(self, device_id: str, begin: datetime, end: datetime) -> tuple[ReadHalfHour, ...]:
        found = []
        for number in range(96):
            reading = reading_of(device_id, number)
            if begin < reading.at <= end:
                lacks = number in self.lacking
                others = (register_of(reading, name) for name in ("export", "generation"))
                found.append(ReadHalfHour(reading.at - timedelta(minutes=30), () if lacks else (reading, *others),
                                          self.given.get(number, ())))
        return tuple(reversed(found))

    def keep_values(self, substitution_id: str, values: Sequence[NewValue]) -> None:
        self.kept.setdefault(substitution_id, list(values))

    def waiting_values(self) -> tuple[str, ...]:
        return tuple(self.kept)

    def settle_values(self, substitution_id: str, transaction_id: str) -> None:
        values = self.kept.pop(substitution_id)
        if transaction_id:
            self.recorded += [RecordedValue(**vars(value), substitution_id=substitution_id, label="住まい全体の計器", unit="Wh",
                                            recorded_at=now(), transaction_id=transaction_id) for value in values]

    def recorded_values(self, *, page: int = 1, size: int = 50) -> Page[RecordedValue]:
        return paged(reversed(self.recorded), page, size)

    def reading(self, key: ReadingKey) -> ReadingRecord | None:
        known = [shown for number in range(96) for shown in (reading_of(key.device_id, number),)
                 if key.at == shown.key.at and key.seq == shown.key.seq]
        if not known or key.device_id not in self.known:
            return None
        return ReadingRecord(key, self.known[key.device_id], known[0].marks, now(), "ab" * 32, Batch(
            "1", "20261124T0300", 0, 12, "cd" * 32, "ef" * 32, 7, now()))

    def prove(self, key: ReadingKey) -> CheckedProof:
        if self.unproven:
            raise Unproven(self.unproven)
        transaction = TransactionFacts("ef" * 32, "moyai", "moyai", "devices.anchor_batch", (), "NanaoMSP",
                                       int(now().timestamp()), ("NanaoMSP",), ("HachiojiMSP", "NanaoMSP"),
                                       int(now().timestamp()), 7, True, {"NanaoMSP": "0a" * 32})
        batch = AnchorBatch("20261124T0300", "1", 0, "cd" * 32, 12, 0, 1, Flags())
        reading = Reading(at=key.at, device=key.device_id, raw=key.raw, register=key.register, seq=key.seq)
        return CheckedProof(b'{"format":"moyai-reading-proof"}', ReadingFacts(reading, batch, transaction))

    def marked_readings(self, *, mark: str = "", page: int = 1, size: int = 50) -> Page[MarkedReading]:
        return paged((reading for reading in self.marked if not mark or mark in reading.marks), page, size)

    def dead_letters(self, *, page: int = 1, size: int = 50) -> Page[DeadLetter]:
        return paged(self.letters, page, size)

    def _counted(self, account: str, begin: datetime, end: datetime) -> Counted:
        span = min(end, now()) - max(begin, self.since)
        if account != MEMBER or span <= timedelta(0):
            return Counted()
        halves = int(span / timedelta(minutes=30))
        return Counted({register: amount * halves for register, amount in HALF_HOUR.items()}, missing=0)
