"""Devices as the pages know them: new ones, those of the registry, and what a new one is given.

All times are aware UTC datetimes.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

SILENT_AFTER = timedelta(hours=2)
"""A meter reports every half-hour: four missing in a row are no chance."""


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
    """A device of the registry. `gaps`: half-hours without a reading in the last 30 days; one step of its counters is
    `coefficient` (n, d) units."""

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
    unit: str = "Wh"
    coefficient: tuple[int, int] = (1, 1)

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
