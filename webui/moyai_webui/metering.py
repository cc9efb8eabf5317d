"""What the pages ask of the meters: the registry of devices, their readings, and certificates for new ones.

Readings and registry are the municipality's own; only what `moyai_webui.home.Submissions` sends is on the ledger.
All amounts are whole units of the register (Wh, m, mL), all times aware UTC datetimes.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from moyai_contracts.api.devices import RenewedTags, Tag
from moyai_webui.meter_readings import (
    CheckedProof, NewValue, ReadHalfHour, ReadingKey, ReadingRecord, RecordedValue,
)
from moyai_webui.meter_totals import Totals
from moyai_webui.metering_devices import Device, Enrolment, NewDevice
from moyai_webui.rows import Page


class Unavailable(Exception):
    """The device CA or the key of tags is not to be had now; nothing was changed."""


@dataclass(frozen=True)
class Counted:
    """What an account's registers counted between two times, over all its devices.

    A register without a reading is absent from `amounts`. `missing`: half-hours, of those that are over, without a
    reading; `substituted`: how many of these were given a value, which `amounts` has at their place.
    """

    amounts: Mapping[str, int] = field(default_factory=dict)
    missing: int = 0
    substituted: int = 0


@dataclass(frozen=True)
class MarkedReading:
    """A reading with something to see about it: it is kept as it came, and nothing was repaired."""

    key: ReadingKey
    label: str
    at: datetime  # the device's clock
    marks: tuple[str, ...]  # gap, duplicate, reset, rollover, repeat, jump, clock
    received_at: datetime


@dataclass(frozen=True)
class DeadLetter:
    """A message that could not be read. `beginning`: its first bytes, as text that can be shown."""

    device_id: str
    received_at: datetime
    reason: str
    size: int  # bytes
    beginning: str


@dataclass(frozen=True)
class DeviceFilter:
    """`state`: current (all that did not end), silent, ended."""

    text: str = ""
    account: str = ""
    state: str = "current"
    page: int = 1
    size: int = 50


class Metering(Protocol):
    """Registry, readings and device CA of one municipality."""

    totals: Totals

    def as_of(self) -> datetime | None:
        """Up to when all that bridges took in can be read here; None before the first."""
        ...

    def devices(self, wanted: DeviceFilter) -> Page[Device]: ...

    def device(self, device_id: str) -> Device | None: ...

    def tags(self, serial: str, supply_point: str, day: date) -> tuple[Tag, ...]:
        """Uniqueness tags (LEDGER.md §2.4) that a registration on a day in Japan needs. Raises Unavailable."""
        ...

    def without_tags(self) -> Mapping[str, int]:
        """How many active devices have no tags yet of this fiscal year, and of the next one."""
        ...

    def renewals(self, epoch: str, most: int) -> tuple[RenewedTags, ...]:
        """The tags of a fiscal year for devices that have none of it yet. Raises Unavailable without its key."""
        ...

    def renewed(self, epoch: str, device_ids: Sequence[str]) -> None:
        """The ledger has their tags of a fiscal year; again is harmless."""
        ...

    def enrol(self, new: NewDevice) -> Enrolment:
        """Keeps the device as pending and has a certificate made for it. Raises Unavailable."""
        ...

    def activate(self, device_id: str) -> None:
        """The ledger took the device; again is harmless."""
        ...

    def discard(self, device_id: str) -> None:
        """The ledger refused the device: its certificate is revoked, its entry goes. Raises Unavailable."""
        ...

    def end(self, device_id: str, state: str) -> None:
        """The ledger has the device as `revoked` or `retired`; again is harmless. The broker hears of it by itself."""
        ...

    def counted(self, account: str, edges: Sequence[datetime]) -> tuple[Counted, ...]:
        """What was counted between each two neighbouring times."""
        ...

    def half_hours(self, device_id: str, begin: datetime, end: datetime) -> tuple[ReadHalfHour, ...]:
        """A device's half-hours between two times that were read or had to be, the earliest first."""
        ...

    def keep_values(self, substitution_id: str, values: Sequence[NewValue]) -> None:
        """Keeps values that are being recorded on the ledger; again is harmless."""
        ...

    def waiting_values(self) -> tuple[str, ...]:
        """Ids of substitutions that are kept and not known to be on the ledger."""
        ...

    def settle_values(self, substitution_id: str, transaction_id: str) -> None:
        """The ledger has them in this transaction; with an empty one it refused them, and they go."""
        ...

    def recorded_values(self, *, page: int = 1, size: int = 50) -> Page[RecordedValue]:
        """The last recorded first."""
        ...

    def reading(self, key: ReadingKey) -> ReadingRecord | None: ...

    def prove(self, key: ReadingKey) -> CheckedProof:
        """A reading's proof, made and checked just now. Raises Unproven."""
        ...

    def marked_readings(self, *, mark: str = "", page: int = 1, size: int = 50) -> Page[MarkedReading]:
        """Newest first."""
        ...

    def dead_letters(self, *, page: int = 1, size: int = 50) -> Page[DeadLetter]:
        """Newest first."""
        ...
