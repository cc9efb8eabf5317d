"""Values that were set because none was measured: beside the readings, never instead of one."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from moyai_database.database import Database
from sqlalchemy import delete, func, insert, select, update

from moyai_bridge.store import tables


@dataclass(frozen=True)
class Substituted:
    """The value of the half-hour that begins at `at`: units, how it was found (METHODS of the vocabulary) and why."""
    device_id: str
    register: str
    at: int
    amount: int
    method: str
    reason: str


@dataclass(frozen=True)
class RecordedSubstitution(Substituted):
    """One on the ledger, with what its device is called and counts in."""
    substitution_id: str
    recorded_at: int
    transaction_id: str
    label: str
    unit: str


class Substitutions:
    """Substitutions of one municipality."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, substitution_id: str, rows: Iterable[Substituted], now: int) -> None:
        """Keeps rows before they are recorded on the ledger."""
        with self._database.writing() as connection:
            connection.execute(insert(tables.substitution), [
                asdict(row) | {"substitution_id": substitution_id, "recorded_at": now} for row in rows])

    def recorded(self, substitution_id: str, transaction_id: str) -> None:
        """They are on the ledger."""
        substitution = tables.substitution
        with self._database.writing() as connection:
            connection.execute(update(substitution).where(
                substitution.c.substitution_id == substitution_id).values(transaction_id=transaction_id))

    def refused(self, substitution_id: str) -> None:
        """The ledger did not take them."""
        substitution = tables.substitution
        with self._database.writing() as connection:
            connection.execute(delete(substitution).where(
                substitution.c.substitution_id == substitution_id, substitution.c.transaction_id.is_(None)))

    def waiting(self) -> dict[str, list[Substituted]]:
        """By id those that are not known to be on the ledger."""
        found: dict[str, list[Substituted]] = {}
        for substitution_id, row in self._select(tables.substitution.c.transaction_id.is_(None)):
            found.setdefault(substitution_id, []).append(row)
        return found

    def of(self, device_id: str, register: str, after: int, until: int) -> list[Substituted]:
        """Those on the ledger, of half-hours that begin in [after, until), in order of time."""
        substitution = tables.substitution.c
        return [row for _, row in self._select(
            substitution.device_id == device_id, substitution.register == register, substitution.at >= after,
            substitution.at < until, substitution.transaction_id.is_not(None))]

    def newest(self, *, limit: int, offset: int = 0) -> tuple[int, list[RecordedSubstitution]]:
        """How many values on the ledger were set, and a page of them, the last recorded first."""
        table, device = tables.substitution, tables.device
        on_ledger = table.c.transaction_id.is_not(None)
        with self._database.reading() as connection:
            total = connection.scalar(select(func.count()).select_from(table).where(on_ledger)) or 0
            rows = connection.execute(select(table, device.c.label, device.c.unit).join_from(
                table, device, table.c.device_id == device.c.device_id).where(on_ledger).order_by(
                    table.c.recorded_at.desc(), table.c.substitution_id, table.c.at, table.c.register).limit(
                        limit).offset(offset)).mappings()
            return total, [RecordedSubstitution(**row) for row in rows]

    def times(self, device_id: str, register: str, after: int, until: int) -> set[int]:
        """When half-hours with a substitution begin."""
        return {row.at for row in self.of(device_id, register, after, until)}

    def _select(self, *conditions: object) -> list[tuple[str, Substituted]]:
        table = tables.substitution
        with self._database.reading() as connection:
            rows = connection.execute(select(table).where(*conditions).order_by(table.c.at)).mappings()
            return [(row["substitution_id"], Substituted(row["device_id"], row["register"], row["at"], row["amount"],
                                                         row["method"], row["reason"])) for row in rows]
