"""Monthly totals of a municipality's registers, page by page; the contract computes every amount again."""
from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from moyai_client import Receipt
from moyai_client.errors import MoyaiError, Refused
from moyai_contracts.api import Command, schema
from moyai_contracts.api.devices import RecordTotals, TotalsRow
from ulid import ULID

from moyai_bridge.ledger_pages import LedgerPages
from moyai_bridge.monthly_row import Month
from moyai_bridge.page_rows import PageRows
from moyai_bridge.store.devices import PENDING, DeviceRegistry
from moyai_bridge.store.readings import Readings
from moyai_bridge.store.substitutions import Substitutions
from moyai_bridge.store.totals_pages import PreparedPage, Register, TotalsPages

ROWS_A_PAGE = 250


class MonthNotOver(MoyaiError):
    """Totals are of months that are over."""


class MonthSkipped(MoyaiError):
    """Rows of neighbouring months meet; one without the other would leave a silent gap."""


class LedgerPort(Protocol):
    """What of `moyai_client.Ledger` is needed here."""

    def submit(self, command: Command, actor: None = None, *, op: str) -> Receipt:
        """Records a command."""

    def evaluate(self, name: str, args: dict[str, Any]) -> Any:
        """Answers a query."""


@dataclass(frozen=True)
class RecordedPage:
    """A page that is on the ledger; `transaction_id` is None where another database than this one recorded it."""
    page: int
    rows: int
    transaction_id: str | None


class Totals:
    """Pages of one municipality's cohort: all its registers, as long as it has no project."""

    def __init__(self, registry: DeviceRegistry, readings: Readings, substitutions: Substitutions, pages: TotalsPages,
                 ledger: LedgerPort, municipality: str, clock: Callable[[], float] = time.time) -> None:
        self._registry, self._readings = registry, readings
        self._pages, self._ledger, self._clock = pages, ledger, clock
        self._on_ledger = LedgerPages(ledger, municipality)
        self._rows = PageRows(registry, readings, substitutions, self._on_ledger)
        self.cohort = self._on_ledger.cohort

    def record(self, month: Month) -> Iterator[RecordedPage]:
        """Records every page of a month that has rows and is not on the ledger yet.

        Raises MonthNotOver, MonthSkipped, TooManyResets, and Refused where the ledger does not take a page; those
        before it stand.
        """
        if int(self._clock()) < month.end:
            raise MonthNotOver(f"The month {month.name} is not over yet.")
        for page, there in self._pages.place(self.cohort, self._begun(month), ROWS_A_PAGE, month.name).items():
            prepared = self._pages.find(self.cohort, month.name, page) or self._prepare(month, page, there)
            if prepared is not None:
                yield self._send(prepared, month)

    def _begun(self, month: Month) -> list[Register]:
        """Registers that were read before the month's end, of devices that the ledger knows."""
        return [(device.device_id, register) for device in self._registry.all() if device.state != PENDING
                for register in device.registers
                if self._readings.first_at(device.device_id, register, month.end - 1) is not None]

    def _prepare(self, month: Month, page: int, registers: Sequence[Register]) -> PreparedPage | None:
        before = self._on_ledger.latest(month.previous, page).version
        latest = self._pages.latest_month(self.cohort, page)
        if not before and latest is not None and latest < month.name:
            raise MonthSkipped(f"Page {page} was last recorded for {latest}: record the months after it first.")
        rows = self._rows.of(month, page, registers)
        if not rows:
            return None
        prepared = PreparedPage(self.cohort, month.name, page, str(ULID()), [schema.to_json(row) for row in rows],
                                before or None, None)
        self._pages.prepare(prepared)
        return prepared

    def _send(self, page: PreparedPage, month: Month) -> RecordedPage:
        if page.transaction_id is not None:
            return RecordedPage(page.page, len(page.rows), page.transaction_id)
        following = self._on_ledger.latest(month.following, page.page).version or None
        command = RecordTotals(cohort=page.cohort, month=page.month, page=page.page,
                               rows=tuple(schema.decode(TotalsRow, row) for row in page.rows),
                               previous_version=page.previous_version, following_version=following)
        try:
            receipt = self._ledger.submit(command, None, op=page.op)
        except Refused:
            self._pages.refused(page)
            raise
        self._pages.recorded(page, receipt.tx_id, int(self._clock()))
        return RecordedPage(page.page, len(page.rows), None if receipt.replayed else receipt.tx_id)
