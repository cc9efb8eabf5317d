"""Monthly totals of a municipality's registers, page by page; the contract computes every amount again."""
from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from moyai_client import Receipt
from moyai_client.errors import MoyaiError, Refused
from moyai_contracts.api import Command, schema
from moyai_contracts.api.devices import RecordTotals, TotalsRow
from ulid import ULID

from moyai_bridge.counter import Point
from moyai_bridge.monthly_row import Month, monthly_row, slot
from moyai_bridge.store.devices import ACTIVE, Device, DeviceRegistry
from moyai_bridge.store.readings import CONFIRMED_SECONDS, EARLIER_SECONDS, Readings
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


@dataclass(frozen=True)
class _OnLedger:
    """A page's latest version on the ledger, and its rows by register; 0 and none where there is none."""
    version: int
    ends: dict[Register, tuple[int, int]]


class Totals:
    """Pages of one municipality's cohort: all its registers, as long as it has no project."""

    def __init__(self, registry: DeviceRegistry, readings: Readings, substitutions: Substitutions, pages: TotalsPages,
                 ledger: LedgerPort, municipality: str, clock: Callable[[], float] = time.time) -> None:
        self._registry, self._readings, self._substitutions = registry, readings, substitutions
        self._pages, self._ledger, self._clock = pages, ledger, clock
        self._municipality, self.cohort = municipality, f"{municipality:0>26}"

    def record(self, month: Month) -> Iterator[RecordedPage]:
        """Records every page of a month that has rows and is not on the ledger yet.

        Raises MonthNotOver, MonthSkipped, TooManyResets, and Refused where the ledger does not take a page; those
        before it stand.
        """
        if int(self._clock()) < month.end:
            raise MonthNotOver(f"The month {month.name} is not over yet.")
        devices = {device.device_id: device for device in self._registry.all()}
        registers = [(device.device_id, register) for device in devices.values() for register in device.registers
                     if self._readings.first_at(device.device_id, register, month.end) is not None]
        for page, there in self._pages.place(self.cohort, registers, ROWS_A_PAGE).items():
            prepared = (self._pages.find(self.cohort, month.name, page)
                        or self._prepare(month, page, [(devices[name], register) for name, register in there]))
            if prepared is not None:
                yield self._send(prepared, month)

    def _prepare(self, month: Month, page: int, registers: Iterable[tuple[Device, str]]) -> PreparedPage | None:
        before = self._on_ledger(month.previous, page)
        latest = self._pages.latest_month(self.cohort, page)
        if not before.version and latest is not None and latest < month.name:
            raise MonthSkipped(f"Page {page} was last recorded for {latest}: record the months after it first.")
        rows = [row for device, register in registers
                if (row := self._row(device, register, month, before)) is not None]
        if not rows:
            return None
        prepared = PreparedPage(self.cohort, month.name, page, str(ULID()), [schema.to_json(row) for row in rows],
                                before.version or None, None)
        self._pages.prepare(prepared)
        return prepared

    def _row(self, device: Device, register: str, month: Month, before: _OnLedger) -> TotalsRow | None:
        end = before.ends.get((device.device_id, register))
        start = Point(-1, *end) if end else None
        after = end[0] if end else self._last_before(device.device_id, register, month.start) - EARLIER_SECONDS
        points = self._readings.points(device.device_id, register, after, month.end + CONFIRMED_SECONDS)
        if device.state != ACTIVE and not any(after < point.at <= month.end for point in points):
            return None  # it ended its service, and there is nothing left to count
        substituted = {slot(at) + 1 for at in self._substitutions.times(device.device_id, register, after, month.end)}
        return monthly_row(device.device_id, register, device.counter, month, points, start=start,
                           substituted=substituted)

    def _last_before(self, device_id: str, register: str, at: int) -> int:
        last = self._readings.last_at(device_id, register, at)
        return at if last is None else last

    def _send(self, page: PreparedPage, month: Month) -> RecordedPage:
        if page.transaction_id is not None:
            return RecordedPage(page.page, len(page.rows), page.transaction_id)
        following = self._on_ledger(month.following, page.page).version or None
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

    def _on_ledger(self, month: str, page: int) -> _OnLedger:
        version, rows = 0, []
        while (found := self._version(month, page, version + 1)) is not None:
            version, rows = version + 1, found["rows"]
        ends: dict[Register, tuple[int, int]] = {}
        for row in rows:
            register, end = (row["device_id"], row["register"]), (row["to_at"], row["last_raw"])
            ends[register] = max(ends.get(register, end), end)
        return _OnLedger(version, ends)

    def _version(self, month: str, page: int, version: int) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._ledger.evaluate("devices.get_totals", {
                "code6": self._municipality, "cohort": self.cohort, "month": month, "page": page, "version": version})
        except Refused as refusal:
            if refusal.code != "not_found":
                raise
            return None
        return found
