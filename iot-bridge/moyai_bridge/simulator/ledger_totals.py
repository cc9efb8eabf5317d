"""What the ledger's pages of monthly totals say of some devices: their latest versions, as anybody can ask for them."""
from __future__ import annotations

from collections.abc import Collection
from typing import Any

from moyai_bridge.ledger_pages import LedgerPages
from moyai_bridge.simulator.comparison import MonthKey
from moyai_bridge.simulator.truth import MonthTotal, Total


def ledger_totals(pages: LedgerPages, months: Collection[str],
                  devices: Collection[str]) -> dict[MonthKey, list[MonthTotal]]:
    """Rows of these devices in these months. Raises Refused, NotSent."""
    found: dict[MonthKey, list[MonthTotal]] = {}
    for month in months:
        number = 0
        while (page := pages.latest(month, number)).version:
            for row in page.rows:
                if row["device_id"] in devices:
                    found.setdefault((row["device_id"], month, row["register"]), []).append(_total(row))
            number += 1
    return found


def _total(row: dict[str, Any]) -> MonthTotal:
    """Members that are as usual are left out of a page."""
    resets = tuple((reset["before"], reset["after"]) for reset in row.get("resets", ()))
    return MonthTotal(row["from_at"], row["to_at"], row["received"],
                      Total(row["amount"], row.get("rollovers", 0), resets))
