"""INV-24: who acts only on the own – a shelter on its site, a supporter on the own offers, a person on the own keys."""
from __future__ import annotations

from typing import Iterator

from moyai_auditor.examination.rules.ledger import Change, Document, Ledger, LedgerTransaction, Report

OFFICIALS = frozenset("AC")
REQUESTS = frozenset({"relief.request_dispatch", "relief.propose_dispatch", "relief.cancel_dispatch"})
SENDING = frozenset({"relief.register_offer", "relief.change_offer", "relief.withdraw_offer",
                     "relief.decline_dispatch", "relief.ship_consignment"})
"""Acts of the supporter, or of an official for the municipality's own offers."""


class Own:
    """Judges the account that acts against what it acts on."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def read(self, transaction: LedgerTransaction, report: Report) -> None:
        """Reports INV-24."""
        actor = transaction.actor
        if actor is None:
            return
        for change in transaction.changes:
            for sentence in self._complaints(transaction, actor, change):
                report("INV-24", sentence)
        if transaction.function == "relief.request_dispatch" and actor["role"] == "S":
            municipality = self._ledger.get("directory.municipality", actor["office"][:6]) or {}
            if municipality.get("dispatch_approval", "none") != "none":
                report("INV-24", f"a shelter of {actor['office'][:6]} requested what its office approves")

    def _complaints(self, transaction: LedgerTransaction, actor: Document, change: Change) -> Iterator[str]:
        document = change.before or change.after or {}
        if change.kind == "directory.key" and change.parts[0] != actor["account"]:
            if transaction.function == "directory.register_key" or (
                    transaction.function == "directory.revoke_key" and actor["role"] != "A"):
                yield f"{actor['account']} wrote the key of another account"
        if actor["role"] == "S" and not self._is_at(transaction, actor["office"].partition("/")[2], change, document):
            yield f"{change.name} is not of {actor['office']}, which wrote it"
        if transaction.function in SENDING and change.kind in ("relief.offer", "relief.dispatch") and (
                (change.after or {}).get("op") == transaction.op):
            if not self._may_send(actor, document):
                yield f"{change.name} is of {document['supporter']}, and {actor['account']} wrote it"

    def _is_at(self, transaction: LedgerTransaction, site: str, change: Change, document: Document) -> bool:
        """Whether what a shelter's account writes is of its site; boxes it may scan whatever site they are for."""
        after = change.after or {}
        if change.kind == "relief.site_status":
            return change.parts[2] == site
        if change.kind == "relief.need" and after.get("op") == transaction.op:
            return bool(document["site_id"] == site)
        if change.kind == "relief.dispatch" and transaction.function in REQUESTS:
            need = self._ledger.get("relief.need", change.parts[0], change.parts[1])
            return need is None or need["site_id"] == site
        return True

    def _may_send(self, actor: Document, document: Document) -> bool:
        supporter, home = document["supporter"], document["home"]
        if actor["account"] == supporter:
            return True
        account = self._ledger.get("directory.account", supporter)
        if account is None or actor["role"] not in OFFICIALS:
            return False
        is_office_s = account["party"] == "municipality" or not OFFICIALS.isdisjoint(account["roles"])
        return is_office_s and actor["office"] in (account["office"], home)
