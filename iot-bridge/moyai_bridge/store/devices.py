"""The registry of devices: whose they are, what their counters can do, and how they fare."""
from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from moyai_database.database import Database
from sqlalchemy import ColumnElement, RowMapping, delete, func, insert, or_, select, update

from moyai_bridge.counter import Counter
from moyai_bridge.store import tables
from moyai_bridge.store.epoch_keys import LAST_MONTH

PENDING, ACTIVE, REVOKED, RETIRED = "pending", "active", "revoked", "retired"
STATES = (PENDING, ACTIVE, REVOKED, RETIRED)
"""Pending: not on the ledger yet. What a device sends is taken in while it is pending or active."""
TAKEN_IN = frozenset({PENDING, ACTIVE})
KEY_BYTES = 32
_JST = timezone(timedelta(hours=9))


@dataclass(frozen=True)
class NewDevice:
    """A device as the office enters it. `label`, `serial` and `supply_point` stay in this database.

    `op`: the operation that registers it on the ledger.
    """
    device_id: str
    label: str
    kind: str
    account: str
    serial: str
    supply_point: str
    registers: tuple[str, ...]
    capacity: int
    unit: str
    coefficient_n: int
    coefficient_d: int
    digits: int
    installed_on: str
    op: str = ""


@dataclass(frozen=True)
class Search:
    """Devices in `states` (all if empty) of `account` (any if empty), whose label, serial or id contains `text`;
    `silent_since`: only those not heard of since this time."""
    states: tuple[str, ...] = ()
    account: str = ""
    text: str = ""
    silent_since: int | None = None


@dataclass(frozen=True)
class Device(NewDevice):
    """A device of the registry. `key` is K_device, None after its erasure; `missing` are sequences below `last_seq`
    that have not come."""
    key: bytes | None = None
    certificate: str | None = None
    certificate_serial: str | None = None
    state: str = PENDING
    added_at: int = 0
    last_seen_at: int | None = None
    last_seq: int | None = None
    missing: tuple[int, ...] = ()
    tag_epoch: str | None = None

    @property
    def counter(self) -> Counter:
        """What each of its registers can do."""
        return Counter(self.coefficient_n, self.coefficient_d, self.digits, self.capacity)


class DeviceRegistry:
    """Devices of one municipality."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, device: NewDevice, now: int) -> None:
        """Enters a device as pending, with a fresh K_device. Its id must be new."""
        values: dict[str, Any] = {name: getattr(device, name) for name in NewDevice.__dataclass_fields__}
        values |= {"registers": list(device.registers), "key": secrets.token_bytes(KEY_BYTES), "state": PENDING,
                   "added_at": now, "missing": []}
        with self._database.writing() as connection:
            connection.execute(insert(tables.device).values(values))

    def find(self, device_id: str) -> Device | None:
        """The device, or None."""
        found = self._select(tables.device.c.device_id == device_id)
        return found[0] if found else None

    def of_account(self, account: str) -> list[Device]:
        """Devices of an account, the oldest first."""
        return self._select(tables.device.c.account == account)

    def all(self, *states: str) -> list[Device]:
        """Devices in these states, in all of them if none is named; the oldest first."""
        return self._select(tables.device.c.state.in_(states or STATES))

    def search(self, wanted: Search, *, limit: int, offset: int = 0) -> tuple[int, list[Device]]:
        """How many there are, and a page of them, the newest first."""
        device, conditions = tables.device.c, []
        if wanted.states:
            conditions.append(device.state.in_(wanted.states))
        if wanted.account:
            conditions.append(device.account == wanted.account)
        if wanted.text:
            conditions.append(or_(*(column.icontains(wanted.text, autoescape=True)
                                    for column in (device.label, device.serial, device.device_id))))
        if wanted.silent_since is not None:
            conditions.append(device.last_seen_at < wanted.silent_since)
        with self._database.reading() as connection:
            total = connection.scalar(select(func.count()).select_from(tables.device).where(*conditions)) or 0
            rows = connection.execute(select(tables.device).where(*conditions).order_by(
                device.added_at.desc(), device.device_id).limit(limit).offset(offset)).mappings()
            return total, [to_device(row) for row in rows]

    def without_tags(self, epoch: str, *, limit: int | None = None) -> list[Device]:
        """Active devices that have no tags of a fiscal year yet, the oldest first: registered before the last month of
        the year before, and not renewed."""
        since = int(datetime(int(epoch), LAST_MONTH, 1, tzinfo=_JST).timestamp())
        device = tables.device.c
        return self._select((device.state == ACTIVE) & (device.added_at < since)
                            & (func.coalesce(device.tag_epoch, "") < epoch), limit)

    def set_tag_epoch(self, device_ids: Sequence[str], epoch: str) -> None:
        """The ledger has their tags of this fiscal year."""
        with self._database.writing() as connection:
            connection.execute(update(tables.device).where(tables.device.c.device_id.in_(device_ids)).values(
                tag_epoch=epoch))

    def remove(self, device_id: str) -> None:
        """Takes a pending device out again: the ledger did not take it."""
        with self._database.writing() as connection:
            connection.execute(delete(tables.device).where(
                tables.device.c.device_id == device_id, tables.device.c.state == PENDING))

    def set_state(self, device_id: str, state: str) -> None:
        """What the ledger says of it."""
        self._update(device_id, state=state)

    def set_certificate(self, device_id: str, fingerprint: str, serial: str) -> None:
        """The certificate that it publishes with: SHA-256 of its DER and its number, both in hex."""
        self._update(device_id, certificate=fingerprint, certificate_serial=serial)

    def set_label(self, device_id: str, label: str) -> None:
        """What the person calls it."""
        self._update(device_id, label=label)

    def erase(self, device_id: str) -> None:
        """Erases what a person may want erased: key, readings, raw messages, names. The roots on the ledger stay, and
        with them only the salted hashes of what is gone."""
        with self._database.writing() as connection:
            for table in (tables.reading, tables.register, tables.message, tables.substitution):
                connection.execute(delete(table).where(table.c.device_id == device_id))
            connection.execute(delete(tables.dead_letter).where(
                tables.dead_letter.c.topic.startswith(f"m/{device_id}/", autoescape=True)))
            connection.execute(update(tables.device).where(tables.device.c.device_id == device_id).values(
                key=None, label="", serial="", supply_point=""))

    def _select(self, condition: ColumnElement[bool], limit: int | None = None) -> list[Device]:
        with self._database.reading() as connection:
            rows = connection.execute(select(tables.device).where(condition).order_by(
                tables.device.c.added_at, tables.device.c.device_id).limit(limit)).mappings()
            return [to_device(row) for row in rows]

    def _update(self, device_id: str, **values: Any) -> None:
        with self._database.writing() as connection:
            done = connection.execute(update(tables.device).where(tables.device.c.device_id == device_id)
                                      .values(values))
            if done.rowcount == 0:
                raise KeyError(device_id)


def to_device(row: RowMapping) -> Device:
    """A row of the table `device`."""
    values: dict[str, Any] = dict(row)
    lists: dict[str, Sequence[Any]] = {name: tuple(values.pop(name)) for name in ("registers", "missing")}
    return Device(**values, **lists)
