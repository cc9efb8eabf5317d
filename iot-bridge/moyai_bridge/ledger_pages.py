"""Pages of monthly totals as they stand on the ledger: of each the latest version."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from moyai_client.errors import Refused

from moyai_bridge.store.totals_pages import Register


class Queries(Protocol):
    """What of `moyai_client.Ledger` is needed here."""

    def evaluate(self, name: str, args: dict[str, Any]) -> Any:
        """Answers a query."""


@dataclass(frozen=True)
class LedgerPage:
    """A page's latest version and its rows; version 0 and no rows where there is none."""
    version: int
    rows: list[dict[str, Any]]

    @property
    def ends(self) -> dict[Register, tuple[int, int]]:
        """Time and counter that each register's last row ends with."""
        found: dict[Register, tuple[int, int]] = {}
        for row in self.rows:
            register, end = (row["device_id"], row["register"]), (row["to_at"], row["last_raw"])
            found[register] = max(found.get(register, end), end)
        return found

    @property
    def begins(self) -> dict[Register, int]:
        """Time that each register's first row begins with."""
        found: dict[Register, int] = {}
        for row in self.rows:
            register = row["device_id"], row["register"]
            found[register] = min(found.get(register, row["from_at"]), row["from_at"])
        return found


class LedgerPages:
    """Pages of one municipality's cohort: all its registers, as long as it has no project."""

    def __init__(self, ledger: Queries, municipality: str) -> None:
        self._ledger, self._municipality, self.cohort = ledger, municipality, f"{municipality:0>26}"

    def latest(self, month: str, page: int) -> LedgerPage:
        """The page as it stands. Raises Refused, NotSent."""
        version, rows = 0, []
        while (found := self._version(month, page, version + 1)) is not None:
            version, rows = version + 1, found["rows"]
        return LedgerPage(version, rows)

    def _version(self, month: str, page: int, version: int) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._ledger.evaluate("devices.get_totals", {
                "code6": self._municipality, "cohort": self.cohort, "month": month, "page": page, "version": version})
        except Refused as refusal:
            if refusal.code != "not_found":
                raise
            return None
        return found
