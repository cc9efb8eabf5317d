"""Readings that came when their month's totals stood on the ledger: the rows they change, the correction of a page.

The program never corrects by itself: a clerk does, under a key and with a reason, and the earlier version stays.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from moyai_client import Receipt
from moyai_client.actor_key import ActorKey
from moyai_contracts.api import Actor, Command, schema
from moyai_contracts.api.devices import CorrectTotals, TotalsRow
from moyai_database.database import Database

from moyai_bridge.ledger_pages import LedgerPages, Queries
from moyai_bridge.monthly_row import Month
from moyai_bridge.page_rows import PageRows
from moyai_bridge.store.devices import DeviceRegistry
from moyai_bridge.store.readings import Readings
from moyai_bridge.store.substitutions import Substitutions
from moyai_bridge.store.totals_pages import PreparedPage, Register, TotalsPages


class SigningLedger(Protocol):
    """What of `moyai_client.Ledger` is needed here."""

    def submit(self, command: Command, actor: Actor, *, signers: Sequence[ActorKey]) -> Receipt:
        """Records a command."""


@dataclass(frozen=True)
class Clerk:
    """Who corrects: an account of role C and its key."""
    actor: Actor
    key: ActorKey


class Correction:
    """Pages of one municipality that readings overtook."""

    def __init__(self, registry: DeviceRegistry, readings: Readings, pages: TotalsPages, rows: PageRows,
                 ledger: LedgerPages) -> None:
        self._registry, self._readings, self._pages = registry, readings, pages
        self._rows, self._ledger = rows, ledger

    @classmethod
    def over(cls, database: Database, ledger: Queries, municipality: str) -> Correction:
        """Of the municipality whose readings are in this database."""
        registry, readings, pages = DeviceRegistry(database), Readings(database), LedgerPages(ledger, municipality)
        return cls(registry, readings, TotalsPages(database),
                   PageRows(registry, readings, Substitutions(database), pages), pages)

    def outdated(self, month: Month) -> dict[int, int]:
        """By page the number of rows that today's readings make otherwise. Raises TooManyResets, Refused."""
        found = {page.page: len(self._overtaken(month, page))
                 for page in self._pages.of_month(self._ledger.cohort, month.name)}
        return {page: rows for page, rows in found.items() if rows}

    def command(self, month: Month, page: int, reason: str) -> CorrectTotals | None:
        """What records the page anew, as the version after the latest one; None where it stands as it must.

        Raises TooManyResets, Refused.
        """
        recorded = self._pages.find(self._ledger.cohort, month.name, page)
        changed = {} if recorded is None else self._overtaken(month, recorded)
        if not changed:
            return None
        standing = self._ledger.latest(month.name, page)
        rows = [schema.decode(TotalsRow, row) for row in standing.rows]
        rows = [changed.pop((row.device_id, row.register), row) for row in rows] + list(changed.values())
        return CorrectTotals(
            cohort=self._ledger.cohort, month=month.name, page=page, version=standing.version, rows=tuple(rows),
            reason=reason, previous_version=self._ledger.latest(month.previous, page).version or None,
            following_version=self._ledger.latest(month.following, page).version or None)

    def correct(self, month: Month, page: int, reason: str, clerk: Clerk, ledger: SigningLedger) -> Receipt | None:
        """Records the page anew, as the version after the latest one; None where it stands as it must.

        Raises Refused.
        """
        command = self.command(month, page, reason)
        if command is None:
            return None
        receipt = ledger.submit(command, clerk.actor, signers=(clerk.key,))
        self._pages.corrected(self._ledger.cohort, month.name, page, [schema.to_json(row) for row in command.rows])
        return receipt

    def _overtaken(self, month: Month, page: PreparedPage) -> dict[Register, TotalsRow]:
        """Against the ledger's latest version, where a clerk may have corrected the page from elsewhere."""
        changed = self._changed(month, page)
        if not changed:
            return {}
        standing = self._ledger.latest(month.name, page.page)
        rows = [schema.to_json(schema.decode(TotalsRow, row)) for row in standing.rows]
        if rows == page.rows:
            return changed
        self._pages.corrected(page.cohort, month.name, page.page, rows)
        return self._changed(month, replace(page, rows=rows))

    def _changed(self, month: Month, page: PreparedPage) -> dict[Register, TotalsRow]:
        """Only where a half-hour is missing can a reading still come; what a person had erased stays as it was."""
        known: dict[Register, dict[str, Any]] = {(row["device_id"], row["register"]): row for row in page.rows}
        incomplete = [register for register, row in known.items()
                      if row["received"] + row.get("substituted", 0) < row["expected"]]
        incomplete += [register for register in self._pages.placed(self._ledger.cohort, page.page)
                       if register not in known and self._is_begun(register, month)]
        rows = self._rows.of(month, page.page, filter(self._is_kept, incomplete)) if incomplete else []
        return {(row.device_id, row.register): row for row in rows
                if schema.to_json(row) != known.get((row.device_id, row.register))}

    def _is_begun(self, register: Register, month: Month) -> bool:
        return self._readings.first_at(*register, month.end - 1) is not None

    def _is_kept(self, register: Register) -> bool:
        device = self._registry.find(register[0])
        return device is not None and device.key is not None
