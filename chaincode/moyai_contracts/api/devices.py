"""Commands of the context `devices`: meters and cars, anchored batches of readings, substitutions, monthly totals."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from moyai_contracts.api.command import AccountId, Command, Time, Ulid, transaction
from moyai_contracts.api.directory import Ratio, Reason, Sha256
from moyai_contracts.api.identifiers import RANDOM_26_PATTERN
from moyai_contracts.api.relief import Date
from moyai_contracts.api.schema import Length, OneOf, Pattern, Range

KINDS = ("ev", "phv", "pv", "generator", "meter", "battery")
UNITS = ("Wh", "m", "mL")
REGISTERS = ("import", "export", "generation", "charge", "discharge", "distance", "fuel")
"""Cumulative registers; a low-voltage smart meter has import and export, a solar inverter generation."""
QUALITIES = ("measured", "substituted")
METHODS = ("interpolated", "previous_day", "bill", "reread")
TAG_KINDS = ("serial", "supply_point")

DeviceId = Annotated[str, Pattern(RANDOM_26_PATTERN)]
Register = Annotated[str, OneOf(REGISTERS)]
Raw = Annotated[int, Range(0, 10**12)]
"""What the counter shows, before coefficient and unit."""
Slot = Annotated[str, Pattern(r"[0-9]{8}T[0-9]{4}")]
"""Half-hour of a batch in UTC, `YYYYMMDDTHHMM`."""
Month = Annotated[str, Pattern(r"[0-9]{4}-(0[1-9]|1[0-2])")]
"""Month in JST, `YYYY-MM`."""
Epoch = Annotated[str, Pattern(r"[0-9]{4}")]
"""Fiscal year whose key made a uniqueness tag."""
BridgeName = Annotated[str, Pattern(r"[a-z0-9-]{1,20}")]
BatchNumber = Annotated[int, Range(0, 9999)]
PageNumber = Annotated[int, Range(0, 9999)]
Version = Annotated[int, Range(1, 9999)]
HalfHours = Annotated[int, Range(0, 1_000_000)]
Tally = Annotated[int, Range(0, 10**9)]


@dataclass(frozen=True)
class Tag:
    """Keyed hash of a device serial or supply point (LEDGER.md §2.4): the same in every municipality, nobody's name."""
    kind: Annotated[str, OneOf(TAG_KINDS)]
    epoch: Epoch
    tag: Sha256


@transaction("devices.register_device", event="devices.device_registered", data="device_id account kind registers")
class RegisterDevice(Command):
    """A device of an account of the own municipality; no other active device anywhere has one of its tags.

    `tags`: for each kind one of the current fiscal year, in its last month one of the next year too. `certificate`:
    SHA-256 of its DER. `capacity`: most it can do, in units an hour (W for Wh). A raw step of one is `coefficient`
    units. `digits`: where the counter rolls over to zero.
    """
    device_id: DeviceId
    account: AccountId
    kind: Annotated[str, OneOf(KINDS)]
    tags: Annotated[tuple[Tag, ...], Length(4)]
    certificate: Sha256
    registers: Annotated[tuple[Register, ...], Length(8)]
    capacity: Annotated[int, Range(1, 10**9)]
    unit: Annotated[str, OneOf(UNITS)]
    coefficient: Ratio
    digits: Annotated[int, Range(1, 12)]
    installed_on: Date


@transaction("devices.revoke_device", event="devices.device_revoked", data="device_id account reason")
class RevokeDevice(Command):
    """A device that must not be believed any more; its tags are free again."""
    device_id: DeviceId
    reason: Reason


@transaction("devices.retire_device", event="devices.device_retired", data="device_id account reason")
class RetireDevice(Command):
    """A device that ended its service; its tags are free again."""
    device_id: DeviceId
    reason: Reason


@dataclass(frozen=True)
class RenewedTags:
    """A device's tags under the key of a new epoch."""
    device_id: DeviceId
    tags: Annotated[tuple[Tag, ...], Length(4)]


@transaction("devices.renew_tag", event="devices.tag_renewed", data="epoch device_ids")
class RenewTag(Command):
    """Tags of active devices for the coming fiscal year, or late for the current one; those of past years go."""
    epoch: Epoch
    devices: Annotated[tuple[RenewedTags, ...], Length(100)]


@dataclass(frozen=True)
class Flags:
    """How many readings of a batch are marked, by mark."""
    gap: Tally = 0
    duplicate: Tally = 0
    reset: Tally = 0
    rollover: Tally = 0
    repeat: Tally = 0
    jump: Tally = 0
    clock: Tally = 0


@transaction("devices.anchor_batch", event="devices.batch_anchored", data="slot bridge n root size previous?")
class AnchorBatch(Command):
    """The Merkle root of one bridge's readings of a slot, and never a figure of one device.

    `n` counts within the slot. `root`: RFC 9162 over the salted leaves in order; `size` leaves; `first_at` and
    `last_at` meter times; `previous` the root this bridge anchored before, absent for its first.
    """
    slot: Slot
    bridge: BridgeName
    n: BatchNumber
    root: Sha256
    size: Annotated[int, Range(1, 10**7)]
    first_at: Time
    last_at: Time
    flags: Flags
    previous: Sha256 | None = None


@dataclass(frozen=True)
class SubstitutedRow:
    """A half-hour value that was set because none was measured; the raw one stays off the ledger."""
    device_id: DeviceId
    register: Register
    slot: Slot
    method: Annotated[str, OneOf(METHODS)]
    reason: Reason


@transaction("devices.record_substitution", event="devices.substitution_recorded",
             data="substitution_id device_ids")
class RecordSubstitution(Command):
    """Which values were set by hand or rule, visible for ever."""
    substitution_id: Ulid
    rows: Annotated[tuple[SubstitutedRow, ...], Length(100)]


@dataclass(frozen=True)
class Reset:
    """The counter fell back without rolling over: it showed `before`, then `after`."""
    before: Raw
    after: Raw


@dataclass(frozen=True)
class TotalsRow:
    """One register's month, from one reading to another: what `metering.counted` and `metering.amount` make of them.

    `from_at` and `first_raw` are those that the page of the month before ended with; `to_at` lies in the month, at its
    end at the latest. Where nothing was read in the month both readings are that one. `expected` half-hours are at
    least those between the two times; `received` and `substituted` are parts of them.
    """
    device_id: DeviceId
    register: Register
    from_at: Time
    to_at: Time
    first_raw: Raw
    last_raw: Raw
    amount: Annotated[int, Range(0, 10**15)]
    expected: HalfHours
    received: HalfHours
    quality: Annotated[str, OneOf(QUALITIES)]
    """Substituted where `substituted` counts any."""
    substituted: HalfHours = 0
    rollovers: Annotated[int, Range(0, 1000)] = 0
    resets: Annotated[tuple[Reset, ...], Length(50, 0)] = ()


@transaction("devices.record_totals", event="devices.totals_recorded", data="cohort month page version rows")
class RecordTotals(Command):
    """A page of monthly totals of a cohort; the contract recomputes every amount.

    A register stays on its page from month to month as long as its device is active. `previous_version` and
    `following_version`: the latest of the same page in the neighbouring months, absent where there is none.
    """
    cohort: Ulid
    month: Month
    page: PageNumber
    rows: Annotated[tuple[TotalsRow, ...], Length(250)]
    previous_version: Version | None = None
    following_version: Version | None = None


@transaction("devices.correct_totals", event="devices.totals_corrected",
             data="cohort month page version rows reason")
class CorrectTotals(Command):
    """A page again, as the version after `version`; the earlier one stays. Neighbours as in `RecordTotals`."""
    cohort: Ulid
    month: Month
    page: PageNumber
    version: Version
    rows: Annotated[tuple[TotalsRow, ...], Length(250)]
    reason: Reason
    previous_version: Version | None = None
    following_version: Version | None = None
