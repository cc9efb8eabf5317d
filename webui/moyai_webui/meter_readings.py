"""One device's readings as the pages show them: half-hour by half-hour, and each with its way to the ledger.

A reading is what one register showed at a time of the device's clock. Times are aware UTC datetimes.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from fractions import Fraction

from moyai_client.proof import ReadingFacts
from moyai_contracts.api.devices import REGISTERS

from moyai_webui.metering_devices import Device

WAITING, UNKNOWN, AWAY, CHANGED = "waiting", "unknown", "away", "changed"


@dataclass(frozen=True)
class ReadingKey:
    """Which reading of a device: register, the device's clock (UTC seconds), its sequence, and the counter."""

    device_id: str
    register: str
    at: int
    seq: int
    raw: int

    @property
    def name(self) -> str:
        """How addresses call it within its device."""
        return f"{self.register}-{self.at}-{self.seq}-{self.raw}"

    @classmethod
    def read(cls, device_id: str, name: str) -> ReadingKey | None:
        """The key with this name, None where nothing can be called so."""
        match = re.fullmatch(r"([a-z]{1,20})-(\d{1,11})-(\d{1,16})-(\d{1,13})", name)
        if match is None or match[1] not in REGISTERS:
            return None
        return cls(device_id, match[1], *(int(part) for part in match.groups()[1:]))


@dataclass(frozen=True)
class ShownReading:
    """A reading in a list."""

    key: ReadingKey
    marks: tuple[str, ...]

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.key.at, timezone.utc)


@dataclass(frozen=True)
class SetValue:
    """What was set for a register and half-hour that nobody measured, in units."""

    register: str
    amount: int
    method: str
    reason: str


@dataclass(frozen=True)
class NewValue:
    """A value to be set for the half-hour of a device and register that begins at `begin`."""

    device_id: str
    register: str
    begin: datetime
    amount: int
    method: str
    reason: str


@dataclass(frozen=True)
class RecordedValue(NewValue):
    """One that was set. `substitution_id` is the operation too that recorded it."""

    substitution_id: str
    label: str
    unit: str
    recorded_at: datetime
    transaction_id: str


@dataclass(frozen=True)
class ReadHalfHour:
    """A half-hour of a device; without readings it is missing."""

    begin: datetime
    readings: tuple[ShownReading, ...]
    substituted: tuple[SetValue, ...] = ()


@dataclass(frozen=True)
class Batch:
    """Where a reading's leaf is: the batch's name on the ledger, its size and root, and the transaction, if known."""

    bridge: str
    slot: str
    n: int
    size: int
    root: str
    transaction_id: str
    block: int | None
    anchored_at: datetime | None


@dataclass(frozen=True)
class ReadingRecord:
    """All that is known of a reading. `leaf` is its hash in hex; `batch` is None until the root is computed."""

    key: ReadingKey
    device: Device
    marks: tuple[str, ...]
    received_at: datetime
    leaf: str
    batch: Batch | None

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.key.at, timezone.utc)

    @property
    def amount(self) -> Fraction:
        """What the counter stands for, in units."""
        return self.key.raw * Fraction(*self.device.coefficient)


@dataclass(frozen=True)
class CheckedProof:
    """A proof as its file, and what a check of this file found to be true."""

    file: bytes
    facts: ReadingFacts


class Unproven(Exception):
    """There is no proof now. `reason`: waiting (the root is not on the ledger yet), unknown (the ledger has the root,
    this database does not know in which transaction), away (too few municipalities answer), changed (what stands
    here is not what was anchored)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
