"""INV-18 to INV-20: devices, batches of readings, monthly totals."""
from __future__ import annotations

from moyai_auditor.examination.rules.ledger import Ledger, LedgerTransaction, Report


class Devices:
    """Judges the context `devices`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def read(self, transaction: LedgerTransaction, report: Report) -> None:
        """Reports INV-18, INV-19, INV-20."""
