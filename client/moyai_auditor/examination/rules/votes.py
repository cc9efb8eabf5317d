"""What the members decide together took effect only with the votes of more than half of them (INV-24)."""
from __future__ import annotations

import hashlib
from typing import Iterator

from moyai_auditor.examination.rules.ledger import Ledger, LedgerTransaction, Report, canonical

DECISIONS = {"directory.activate_municipality": "municipality", "directory.deactivate_municipality": "municipality",
             "directory.activate_item": "item"}


class Votes:
    """Counts the votes behind every decision."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def read(self, transaction: LedgerTransaction, report: Report) -> None:
        """Reports INV-24."""
        kind = DECISIONS.get(transaction.function)
        if kind is None:
            return
        codes = (self._ledger.get("directory.roster") or {"codes": []})["codes"]
        for ref, content in self._decided(transaction, kind):
            votes = [self._ledger.get("directory.vote", kind, ref, content, code6) for code6 in codes]
            yes = sum(1 for vote in votes if vote is not None and vote["choice"] == "yes")
            if yes < len(codes) // 2 + 1:
                report("INV-24", f"{transaction.function} of {ref} had {yes} votes of {len(codes)}")

    @staticmethod
    def _decided(transaction: LedgerTransaction, kind: str) -> Iterator[tuple[str, str]]:
        """Each proposal's code, and the hash of the very document that was voted on."""
        for change in transaction.changed(f"directory.{kind}"):
            yield change.parts[0], hashlib.sha256(canonical(change.before or {})).hexdigest()
