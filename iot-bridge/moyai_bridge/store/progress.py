"""How far registers have come by their own time: what tells whether a month's readings are complete."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from moyai_database.database import Database
from sqlalchemy import func, select

from moyai_bridge.store import tables
from moyai_bridge.store.availability import telling_when_away
from moyai_bridge.store.devices import ACTIVE, PENDING

_JST = timezone(timedelta(hours=9))


@dataclass(frozen=True)
class RegisterProgress:
    """A register of a device that is on the ledger; times are UTC seconds by the device's clock, but `added_at`.

    `first_at`: its earliest reading since the device was installed; `latest_at`: the one with the greatest sequence;
    None before there is any. `is_missing`: readings below that sequence have not come. `last_seen_at`: of the device.
    """
    device_id: str
    register: str
    is_active: bool
    installed_at: int
    added_at: int
    last_seen_at: int | None
    is_missing: bool
    first_at: int | None
    latest_at: int | None


class Progress:
    """Registers of one municipality."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def registers(self) -> list[RegisterProgress]:
        """All of devices that are or were on the ledger. Raises StoreAway."""
        device, register = tables.device.c, tables.register.c
        query = select(tables.device, register.register, register.at).select_from(tables.device.outerjoin(
            tables.register, device.device_id == register.device_id)).where(device.state != PENDING)
        found = []
        with telling_when_away(), self._database.reading() as connection:
            for row in connection.execute(query).mappings().all():
                installed = int(datetime.fromisoformat(row["installed_on"]).replace(tzinfo=_JST).timestamp())
                first = None if row["register"] is None else connection.scalar(
                    select(func.min(tables.reading.c.at)).where(
                        tables.reading.c.device_id == row["device_id"],
                        tables.reading.c.register == row["register"], tables.reading.c.at >= installed))
                found.append(RegisterProgress(
                    row["device_id"], row["register"] or "", row["state"] == ACTIVE, installed, row["added_at"],
                    row["last_seen_at"], bool(row["missing"]), first, row["at"]))
        return found
