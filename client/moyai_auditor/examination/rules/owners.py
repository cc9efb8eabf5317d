"""Which municipalities may write a document (INV-24)."""
from __future__ import annotations

from moyai_auditor.examination.rules.ledger import Change, Document, Ledger, LedgerTransaction

COMMON = "000000"
"""Stands for a municipality in the codes of the common catalogue."""
HUB_ACTS = frozenset({"relief.hand_over_package", "relief.repack_dispatch"})
"""What a hub on a box's route may do, of whichever municipality it is."""


def owners(ledger: Ledger, change: Change, transaction: LedgerTransaction) -> set[str]:
    """Codes of the municipalities that may write the document of a change."""
    document = change.before or change.after or {}
    signer = ledger.code6(transaction.msp_id) or transaction.message.get("code6", "")
    context = change.kind.partition(".")[0]
    if context == "directory":
        return _directory(ledger, change, document, transaction.msp_id, signer)
    if context == "relief":
        return _relief(ledger, change, document, transaction)
    if context == "devices":
        return _devices(ledger, change, document, transaction)
    return {change.parts[0]}


def _directory(ledger: Ledger, change: Change, document: Document, msp_id: str, signer: str) -> set[str]:
    first = change.parts[0] if change.parts else ""
    if change.kind in ("directory.municipality", "directory.site", "directory.drill"):
        return {first}
    if change.kind == "directory.item":
        owner = first.partition("-")[0]
        return {signer} if owner == COMMON else {owner}
    if change.kind == "directory.account":
        return {document["office"][:6]}
    if change.kind == "directory.key":
        account = ledger.get("directory.account", first)
        return {account["office"][:6]} if account else set()
    if change.kind in ("directory.msp", "directory.blocked"):
        return {signer} if first == msp_id else set()
    if change.kind == "directory.vote":
        return {change.parts[3]}
    # The roster: written by the very first municipality for itself, afterwards on votes only.
    return {signer} if change.kind == "directory.roster" and change.before is None else set()


def _relief(ledger: Ledger, change: Change, document: Document, transaction: LedgerTransaction) -> set[str]:
    scope, *parts = change.parts
    if change.kind in ("relief.site_status", "relief.intake", "relief.arrival"):
        return {parts[0]}
    if change.kind == "relief.need":
        return {document["code6"]}
    if change.kind == "relief.offer":
        return {document["home"]}
    if change.kind == "relief.consignment":
        return {document["m"]}
    if change.kind == "relief.dispatch":
        return {document["home"], *_receiver(ledger, transaction, scope, parts[0]), *_hubs(transaction)}
    package = document if change.kind == "relief.package" else (
        ledger.get("relief.package", scope, parts[0]) or _written(transaction, "relief.package", scope, parts[0]))
    # A difference that follows from an arrival is noted where the box arrived, whosever it is.
    here = {change.parts[1] for change in transaction.changed("relief.arrival")}
    if change.kind == "relief.discrepancy" and change.before is not None and "code6" in document["received"]:
        here = {document["received"]["code6"]}
    if package is None:
        return here if change.kind == "relief.discrepancy" else set()
    dispatches = [ledger.get("relief.dispatch", scope, line["need_id"], line["dispatch_id"])
                  for line in package["lines"]]
    may = {package["to"]["code6"], *(dispatch["home"] for dispatch in dispatches if dispatch)}
    return may | (here if change.kind == "relief.discrepancy" else _hubs(transaction))


def _receiver(ledger: Ledger, transaction: LedgerTransaction, scope: str, need_id: str) -> set[str]:
    need = ledger.get("relief.need", scope, need_id) or _written(transaction, "relief.need", scope, need_id)
    return {need["code6"]} if need else set()


def _hubs(transaction: LedgerTransaction) -> set[str]:
    """Municipalities on the routes of the boxes that a hub forwards or packs anew."""
    if transaction.function not in HUB_ACTS:
        return set()
    boxes = [change.before or change.after or {} for change in transaction.changed("relief.package")]
    return {hub["code6"] for box in boxes for hub in box.get("route", ())}


def _devices(ledger: Ledger, change: Change, document: Document, transaction: LedgerTransaction) -> set[str]:
    if change.kind in ("devices.batch", "devices.batch_head", "devices.substitution", "devices.totals"):
        return {change.parts[0]}
    device_id = change.parts[0] if change.kind == "devices.device" else document["device_id"]
    device = ledger.get("devices.device", device_id) or _written(transaction, "devices.device", device_id)
    account = ledger.get("directory.account", device["account"]) if device else None
    return {account["office"][:6]} if account else set()


def _written(transaction: LedgerTransaction, kind: str, *parts: str) -> Document | None:
    """A document that comes with the same transaction."""
    return next((change.after for change in transaction.changed(kind) if change.parts == parts), None)
