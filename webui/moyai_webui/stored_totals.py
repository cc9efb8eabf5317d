"""Monthly totals of one municipality: the pages that its bridge records, beside the ledger's latest versions."""
from __future__ import annotations

from typing import Any

from moyai_bridge.correction import Correction
from moyai_bridge.ledger_pages import LedgerPages, Queries
from moyai_bridge.monthly_row import Month
from moyai_bridge.store.devices import DeviceRegistry
from moyai_bridge.store.late_totals import LateTotals
from moyai_bridge.store.totals_pages import PreparedPage, TotalsPages
from moyai_client import MoyaiError
from moyai_contracts.api.devices import CorrectTotals
from moyai_database.database import Database

from moyai_webui.meter_totals import LackingRow, MonthTotals, TotalsPage
from moyai_webui.metering import Unavailable


class StoredTotals:
    """Implements `moyai_webui.meter_totals.Totals`; safe to use from several threads."""

    def __init__(self, database: Database, ledger: Queries, municipality: str) -> None:
        self._pages, self._late, self._registry = TotalsPages(database), LateTotals(database), DeviceRegistry(database)
        self._ledger = LedgerPages(ledger, municipality)
        self._correction = Correction.over(database, ledger, municipality)

    def months(self, most: int) -> tuple[MonthTotals, ...]:
        late = {(page.month, page.page): page.rows for page in self._late.all()}
        return tuple(self._month(name, late) for name in self._pages.months(self._ledger.cohort, most))

    def month(self, name: str) -> MonthTotals | None:
        """With what is overtaken now, not when the bridge looked last."""
        if not self._pages.of_month(self._ledger.cohort, name, sent=False):
            return None
        try:
            overtaken = self._correction.outdated(Month.named(name))
        except MoyaiError as error:
            raise Unavailable(str(error)) from error
        self._late.set(self._ledger.cohort, name, overtaken)
        return self._month(name, {(name, page): rows for page, rows in overtaken.items()})

    def lacking(self, name: str, most: int) -> tuple[LackingRow, ...]:
        rows = [(page.page, row) for page in self._pages.of_month(self._ledger.cohort, name, sent=False)
                for row in page.rows if _missing(row)]
        rows.sort(key=lambda found: (-_missing(found[1]), found[1]["device_id"], found[1]["register"]))
        return tuple(self._lacking(page, row) for page, row in rows[:most])

    def correction(self, name: str, page: int, reason: str) -> CorrectTotals | None:
        try:
            return self._correction.command(Month.named(name), page, reason)
        except MoyaiError as error:
            raise Unavailable(str(error)) from error

    def _month(self, name: str, late: dict[tuple[str, int], int]) -> MonthTotals:
        return MonthTotals(name, tuple(self._page(page, late.get((name, page.page), 0))
                                       for page in self._pages.of_month(self._ledger.cohort, name, sent=False)))

    def _page(self, page: PreparedPage, overtaken: int) -> TotalsPage:
        sums = {name: sum(row.get(name, 0) for row in page.rows) for name in ("expected", "received", "substituted")}
        try:
            version = self._ledger.latest(page.month, page.page).version if page.transaction_id else 0
        except MoyaiError as error:
            raise Unavailable(str(error)) from error
        return TotalsPage(page.page, len(page.rows), **sums, transaction_id=page.transaction_id or "", version=version,
                          overtaken=overtaken)

    def _lacking(self, page: int, row: dict[str, Any]) -> LackingRow:
        device = self._registry.find(row["device_id"])
        return LackingRow(row["device_id"], device.label if device else "", row["register"], page, row["expected"],
                          row["received"], row.get("substituted", 0))


def _missing(row: dict[str, Any]) -> int:
    return int(row["expected"] - row["received"] - row.get("substituted", 0))
