"""Monthly totals as the office sees them: which months and pages are on the ledger, and what they lack.

Counts of half-hours of registers; a register is one counter of a device.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from moyai_contracts.api.devices import CorrectTotals


@dataclass(frozen=True)
class TotalsPage:
    """A page of a month. `version` is the ledger's latest, 1 as it was recorded first, 0 before; `overtaken`: rows that
    readings have made otherwise since."""

    number: int
    rows: int
    expected: int
    received: int
    substituted: int
    transaction_id: str
    version: int
    overtaken: int

    @property
    def missing(self) -> int:
        return self.expected - self.received - self.substituted

    @property
    def state(self) -> str:
        """Key of its word: recording, overtaken, missing, corrected, complete."""
        if not self.transaction_id:
            return "recording"
        if self.overtaken:
            return "overtaken"
        if self.missing:
            return "missing"
        return "corrected" if self.version > 1 else "complete"


@dataclass(frozen=True)
class MonthTotals:
    """A month in Japan, YYYY-MM."""

    name: str
    pages: tuple[TotalsPage, ...]

    @property
    def title(self) -> str:
        return f"{self.name[:4]}年{int(self.name[5:])}月"

    @property
    def state(self) -> str:
        """The worst of its pages."""
        states = [page.state for page in self.pages]
        return min(states, key=("recording", "overtaken", "missing", "corrected", "complete").index)

    @property
    def percent(self) -> float:
        """Of the expected values those that came, cut: 100 only where all did."""
        expected = self.total("expected")
        return 100 if not expected else self.total("received") * 1000 // expected / 10

    def total(self, name: str) -> int:
        """The sum of a count over its pages."""
        return sum(getattr(page, name) for page in self.pages)


@dataclass(frozen=True)
class LackingRow:
    """A register of a page that misses half-hours, or that readings overtook."""

    device_id: str
    label: str
    register: str
    page: int
    expected: int
    received: int
    substituted: int

    @property
    def missing(self) -> int:
        return self.expected - self.received - self.substituted


class Totals(Protocol):
    """Monthly totals of one municipality."""

    def months(self, most: int) -> tuple[MonthTotals, ...]:
        """The latest months of which something is recorded, the latest first. Raises Unavailable."""
        ...

    def month(self, name: str) -> MonthTotals | None:
        """One of them, looked up on the ledger. Raises Unavailable."""
        ...

    def lacking(self, name: str, most: int) -> tuple[LackingRow, ...]:
        """Rows of a month with missing half-hours, most of them first."""
        ...

    def correction(self, name: str, page: int, reason: str) -> CorrectTotals | None:
        """What records a page of a month anew; None where it stands as it must. Raises Unavailable."""
        ...
