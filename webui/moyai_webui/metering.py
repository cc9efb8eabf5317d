"""What the pages ask of the meters: the registry of devices, their readings, and certificates for new ones.

Readings and registry are the municipality's own; only what `moyai_webui.home.Submissions` sends is on the ledger.
All amounts are whole units of the register (Wh, m, mL), all times aware UTC datetimes.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from moyai_contracts.api.devices import Tag
from moyai_webui.rows import Page

SILENT_AFTER = timedelta(hours=2)
"""A meter reports every half-hour: four missing in a row are no chance."""


class Unavailable(Exception):
    """The device CA or the key of tags is not to be had now; nothing was changed."""


@dataclass(frozen=True)
class NewDevice:
    """A device as a clerk enters it. One step of its counter is `coefficient` (n, d) units."""

    device_id: str
    account: str
    kind: str
    label: str  # what people call it; never on the ledger
    serial: str
    supply_point: str  # empty where the device has none
    registers: tuple[str, ...]
    capacity: int  # most it can do, in units an hour
    unit: str
    coefficient: tuple[int, int]
    digits: int
    installed_on: date
    op: str  # the operation that registers it on the ledger


@dataclass(frozen=True)
class Device:
    """A device of the registry. `gaps`: half-hours without a reading in the last 30 days."""

    device_id: str
    account: str
    kind: str
    label: str
    serial: str
    registers: tuple[str, ...]
    installed_on: date
    state: str  # pending (not on the ledger yet), active, revoked, retired
    certificate: str  # SHA-256 of its DER, lower hex
    op: str
    last_seen_at: datetime | None = None
    gaps: int = 0

    def health(self, now: datetime) -> str:
        """Key of its word: pending, revoked, retired, waiting (never heard of), silent, fine."""
        if self.state != "active":
            return self.state
        if self.last_seen_at is None:
            return "waiting"
        return "silent" if now - self.last_seen_at > SILENT_AFTER else "fine"


@dataclass(frozen=True)
class Enrolment:
    """What a device needs to report: certificate and private key (PEM), whom to trust, where to connect."""

    certificate: bytes
    private_key: bytes
    authority: bytes
    broker_host: str
    broker_port: int


@dataclass(frozen=True)
class Counted:
    """What an account's registers counted between two times, over all its devices.

    A register without a reading is absent from `amounts`. `missing`: half-hours, of those that are over, without a
    reading.
    """

    amounts: Mapping[str, int] = field(default_factory=dict)
    missing: int = 0


@dataclass(frozen=True)
class MarkedReading:
    """A reading with something to see about it: it is kept as it came, and nothing was repaired."""

    device_id: str
    label: str
    register: str
    at: datetime  # the device's clock
    raw: int
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

    def as_of(self) -> datetime | None:
        """Up to when all that bridges took in can be read here; None before the first."""
        ...

    def devices(self, wanted: DeviceFilter) -> Page[Device]: ...

    def device(self, device_id: str) -> Device | None: ...

    def tags(self, serial: str, supply_point: str, day: date) -> tuple[Tag, ...]:
        """Uniqueness tags (LEDGER.md §2.4) that a registration on a day in Japan needs. Raises Unavailable."""
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

    def marked_readings(self, *, mark: str = "", page: int = 1, size: int = 50) -> Page[MarkedReading]:
        """Newest first."""
        ...

    def dead_letters(self, *, page: int = 1, size: int = 50) -> Page[DeadLetter]:
        """Newest first."""
        ...
