"""The rows of a page of monthly totals, from the readings that are here and the pages beside it on the ledger."""
from __future__ import annotations

from collections.abc import Iterable

from moyai_contracts.api.devices import TotalsRow

from moyai_bridge.counter import Point
from moyai_bridge.ledger_pages import LedgerPages
from moyai_bridge.monthly_row import Month, monthly_row, slot
from moyai_bridge.store.devices import ACTIVE, Device, DeviceRegistry
from moyai_bridge.store.readings import CONFIRMED_SECONDS, EARLIER_SECONDS, Readings
from moyai_bridge.store.substitutions import Substitutions
from moyai_bridge.store.totals_pages import Register


class PageRows:
    """Computes rows by the contract's own arithmetic."""

    def __init__(self, registry: DeviceRegistry, readings: Readings, substitutions: Substitutions,
                 ledger: LedgerPages) -> None:
        self._registry, self._readings, self._substitutions = registry, readings, substitutions
        self._ledger = ledger

    def of(self, month: Month, page: int, registers: Iterable[Register]) -> list[TotalsRow]:
        """Rows of these registers, as far as there is anything to tell.

        Each begins where the month before ended; where the month after is there already, each ends where that begins.
        Raises TooManyResets, Refused.
        """
        ends = self._ledger.latest(month.previous, page).ends
        begins = self._ledger.latest(month.following, page).begins
        found = []
        for device_id, register in registers:
            device = self._registry.find(device_id)
            row = None if device is None else self._row(device, register, month, ends.get((device_id, register)),
                                                        begins.get((device_id, register)))
            if row is not None:
                found.append(row)
        return found

    def _row(self, device: Device, register: str, month: Month, before: tuple[int, int] | None,
             following: int | None) -> TotalsRow | None:
        after = before[0] if before else self._last_before(device.device_id, register, month.start) - EARLIER_SECONDS
        # Some from before it too: they tell where a clock was set back.
        earliest = after - EARLIER_SECONDS if before else after
        points = self._readings.points(device.device_id, register, earliest, month.end + CONFIRMED_SECONDS)
        if device.state != ACTIVE and not any(after < point.at <= month.end for point in points):
            return None  # it ended its service, and there is nothing left to count
        substituted = {slot(at) + 1 for at in self._substitutions.times(device.device_id, register, after, month.end)}
        return monthly_row(device.device_id, register, device.counter, month, points,
                           start=Point(-1, *before) if before else None, end=following, substituted=substituted)

    def _last_before(self, device_id: str, register: str, at: int) -> int:
        last = self._readings.last_at(device_id, register, at)
        return at if last is None else last
