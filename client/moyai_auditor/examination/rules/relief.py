"""INV-1 to INV-6: quantities, boxes, receipts and states of relief."""
from __future__ import annotations

from collections import defaultdict
from typing import Iterator

from moyai_auditor.examination.rules.ledger import Change, Document, Ledger, LedgerTransaction, Report

LIVE, LIVE_PREFIX, DRILL_PREFIX = "live", "P", "T"
FIRST = {"need": "open", "offer": "open", "dispatch": "requested", "package": "labelled", "discrepancy": "open"}
EDGES = {
    "need": {("open", "closed"), ("closed", "open")},
    "offer": {("open", "closed")},
    "dispatch": {("requested", "shipped"), ("requested", "declined"), ("requested", "cancelled")},
    "package": {("labelled", "shipped"), ("labelled", "received"), ("labelled", "voided"), ("shipped", "received")},
    "discrepancy": {("open", "acknowledged"), ("acknowledged", "resolved")},
}
COUNTS = ("good", "short", "damaged", "refused")
LOST = COUNTS[1:]

Key = "tuple[str, str]"
"""Scope and id."""


class Relief:
    """Judges changes as they come, and after each transaction the sums of all that it touched."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._dispatches_of_need: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._dispatches_of_offer: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        self._boxes_of_dispatch: dict[tuple[str, str], set[str]] = defaultdict(set)

    # Before a transaction counts

    def read(self, transaction: LedgerTransaction, report: Report) -> None:
        """Reports INV-4, INV-5, INV-6 on what a transaction changes."""
        for change in transaction.changes:
            context, _, kind = change.kind.partition(".")
            if context != "relief":
                continue
            self._check_scope(transaction, change, report)
            if change.after is None:
                report("INV-5", f"{change.name} was deleted")
                continue
            self._check_edge(kind, change, report)
            if kind == "dispatch":
                self._check_request(transaction, change, change.after, report)
            if kind == "package":
                self._check_box(transaction, change, change.after, report)

    def _check_scope(self, transaction: LedgerTransaction, change: Change, report: Report) -> None:
        scope = change.parts[0]
        if scope != transaction.message.get("scope"):
            report("INV-6", f"{change.name} was written by a command of {transaction.message.get('scope')}")
        if change.kind == "relief.package" and change.parts[1][0] != (LIVE_PREFIX if scope == LIVE else DRILL_PREFIX):
            report("INV-6", f"{change.name} has a label of the other kind")
        for kind, parts in _references(change):
            if not self._exists(transaction, kind, scope, *parts):
                report("INV-6", f"{change.name} refers to {kind} {'/'.join(parts)}, which {scope} does not have")

    def _exists(self, transaction: LedgerTransaction, kind: str, *parts: str) -> bool:
        return (self._ledger.get(kind, *parts) is not None
                or any(change.parts == parts for change in transaction.changed(kind)))

    @staticmethod
    def _check_edge(kind: str, change: Change, report: Report) -> None:
        if kind not in EDGES or change.after is None:
            return
        now = change.after["state"]
        if change.before is None:
            if now != FIRST[kind]:
                report("INV-5", f"{change.name} begins as {now}")
        elif change.before["state"] != now and (change.before["state"], now) not in EDGES[kind]:
            report("INV-5", f"{change.name} went from {change.before['state']} to {now}")

    def _check_request(self, transaction: LedgerTransaction, change: Change, after: Document,
                       report: Report) -> None:
        code6 = self._ledger.code6(transaction.msp_id)
        scope, need_id, _ = change.parts
        need = self._ledger.get("relief.need", scope, need_id)
        if change.before is None and need is not None and need["code6"] != code6:
            report("INV-5", f"{change.name} was requested by {code6}, the need is of {need['code6']}")
        if change.before is None or change.before["state"] == after["state"]:
            return
        receiver = need["code6"] if need else ""
        wanted = {"shipped": {after["home"]}, "declined": {after["home"]}, "cancelled": {receiver}}
        if transaction.function == "relief.receive_package":
            wanted["shipped"] = {receiver}  # the receipt says what the sender never said
        if code6 not in wanted.get(after["state"], {code6}):
            report("INV-5", f"{change.name} became {after['state']} by the word of {code6}")

    def _check_box(self, transaction: LedgerTransaction, change: Change, after: Document, report: Report) -> None:
        code6, before = self._ledger.code6(transaction.msp_id), change.before
        destination = after["to"]["code6"]
        if before is None:
            if code6 != destination:
                report("INV-5", f"{change.name} for {destination} was made by {code6}")
            return
        if before["to"] != after["to"]:
            report("INV-5", f"{change.name} changed its destination")
        if "receipt" in before and before["receipt"] != after.get("receipt"):
            report("INV-4", f"the receipt of {change.name} was written anew")
        if before["state"] == after["state"]:
            return
        if after["state"] == "received":
            if code6 != destination:
                report("INV-4", f"{change.name} for {destination} was received by {code6 or transaction.msp_id}")
            if after.get("unannounced", False) is not (before["state"] == "labelled"):
                report("INV-5", f"{change.name} does not tell rightly whether it was announced")
            self._check_receipt(transaction, change, before, after, report)
        if after["state"] == "shipped":
            self._check_shipping(transaction, change, after, report)

    def _check_shipping(self, transaction: LedgerTransaction, change: Change, after: Document,
                        report: Report) -> None:
        code6, scope = self._ledger.code6(transaction.msp_id), change.parts[0]
        for line in after["lines"]:
            dispatch = self._ledger.get("relief.dispatch", scope, line["need_id"], line["dispatch_id"])
            if dispatch is None or dispatch["state"] != "requested":
                report("INV-5", f"{change.name} was shipped without a request")
            elif dispatch["home"] != code6:
                report("INV-5", f"{change.name} of {dispatch['home']} was shipped by {code6}")

    @staticmethod
    def _check_receipt(transaction: LedgerTransaction, change: Change, before: Document, after: Document,
                       report: Report) -> None:
        receipt = after.get("receipt") or {"lines": [], "surplus": []}
        sent = [(line["dispatch_id"], line["quantity"]) for line in before["lines"]]
        counted = [(line["dispatch_id"], sum(line[name] for name in COUNTS)) for line in receipt["lines"]]
        if sent != counted or any(line[name] < 0 for line in receipt["lines"] for name in COUNTS):
            report("INV-4", f"the counts of {change.name} do not add up to what was sent")
        differs = bool(receipt["surplus"]) or any(line[name] for line in receipt["lines"] for name in LOST)
        noted = any(other.parts[:2] == change.parts and (other.after or {}).get("kind") == "count"
                    for other in transaction.changed("relief.discrepancy"))
        if differs is not noted:
            report("INV-4", f"{change.name} {'has a difference that nothing notes' if differs else 'notes none'}")

    # After it counts

    def settle(self, transaction: LedgerTransaction, report: Report) -> None:
        """Reports INV-1, INV-2, INV-3 on the sums of all that a transaction touched."""
        needs, offers, dispatches = set(), set(), set()
        for change in transaction.changes:
            scope = change.parts[0] if change.parts else ""
            if change.kind == "relief.need":
                needs.add((scope, change.parts[1]))
            elif change.kind == "relief.offer":
                offers.add((scope, change.parts[1]))
            elif change.kind == "relief.dispatch" and change.after:
                needs.add((scope, change.parts[1]))
                offers.add((scope, change.after["offer_id"]))
                dispatches.add(change.parts)
                self._dispatches_of_need[scope, change.parts[1]].add(change.parts[2])
                self._dispatches_of_offer[scope, change.after["offer_id"]].add((change.parts[1], change.parts[2]))
            elif change.kind == "relief.package" and change.after:
                for line in change.after["lines"]:
                    needs.add((scope, line["need_id"]))
                    dispatches.add((scope, line["need_id"], line["dispatch_id"]))
                    self._boxes_of_dispatch[scope, line["dispatch_id"]].add(change.parts[1])
        for check, sentence in (*self._needs(needs), *self._offers(offers), *self._dispatches(dispatches)):
            report(check, sentence)

    def _needs(self, touched: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        for scope, need_id in sorted(touched):
            need = self._ledger.get("relief.need", scope, need_id)
            if need is None:
                continue
            committed = 0
            for dispatch_id in self._dispatches_of_need[scope, need_id]:
                dispatch = self._ledger.get("relief.dispatch", scope, need_id, dispatch_id)
                committed += dispatch["quantity"] - dispatch["released"] if dispatch else 0
                committed -= sum(self._lost(scope, package_id, dispatch_id)
                                 for package_id in self._boxes_of_dispatch[scope, dispatch_id])
            if need["committed"] != committed or not 0 <= committed <= need["quantity"]:
                yield "INV-1", f"need {need_id} says {need['committed']} committed of {need['quantity']}, " \
                               f"its dispatches and receipts leave {committed}"

    def _lost(self, scope: str, package_id: str, dispatch_id: str) -> int:
        package = self._ledger.get("relief.package", scope, package_id) or {}
        return sum(line[name] for line in package.get("receipt", {}).get("lines", ())
                   if line["dispatch_id"] == dispatch_id for name in LOST)

    def _offers(self, touched: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        for scope, offer_id in sorted(touched):
            offer = self._ledger.get("relief.offer", scope, offer_id)
            if offer is None:
                continue
            found = [self._ledger.get("relief.dispatch", scope, *ids)
                     for ids in self._dispatches_of_offer[scope, offer_id]]
            requested = sum(dispatch["quantity"] - dispatch["released"] for dispatch in found if dispatch)
            free = offer["quantity"] - offer["withdrawn"] - offer["requested"]
            if offer["requested"] != requested or min(requested, free, offer["withdrawn"]) < 0:
                yield "INV-2", f"offer {offer_id} says {offer['requested']} requested of {offer['quantity']} with " \
                               f"{offer['withdrawn']} withdrawn, its dispatches leave {requested}"

    def _dispatches(self, touched: set[tuple[str, ...]]) -> Iterator[tuple[str, str]]:
        for scope, need_id, dispatch_id in sorted(touched):
            dispatch = self._ledger.get("relief.dispatch", scope, need_id, dispatch_id)
            if dispatch is None:
                continue
            packages = [self._ledger.get("relief.package", scope, package_id)
                        for package_id in self._boxes_of_dispatch[scope, dispatch_id]]
            boxed = sum(line["quantity"] for package in packages if package and package["state"] != "voided"
                        for line in package["lines"] if line["dispatch_id"] == dispatch_id)
            if not _fits(dispatch, boxed):
                yield "INV-3", f"dispatch {dispatch_id} is {dispatch['state']} with {dispatch['quantity']} asked, " \
                               f"{dispatch['released']} given back, {dispatch['shipped']} shipped; {boxed} in boxes"


def _fits(dispatch: Document, boxed: int) -> bool:
    quantity, released, shipped = dispatch["quantity"], dispatch["released"], dispatch["shipped"]
    if dispatch["state"] == "requested":
        return boxed == quantity and released == shipped == 0
    if dispatch["state"] == "shipped":
        return boxed == shipped == quantity - released
    return boxed == 0 and released == quantity


def _references(change: Change) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a document refers to within its scope: kind and the parts of its key behind the scope."""
    after = change.after or {}
    if change.kind == "relief.offer" and after.get("aimed_at"):
        yield "relief.need", (after["aimed_at"],)
    if change.kind == "relief.dispatch":
        yield "relief.need", (change.parts[1],)
        yield "relief.offer", (after["offer_id"],)
        yield from (("relief.package", (package_id,)) for package_id in after["packages"])
    if change.kind == "relief.package":
        yield from (("relief.dispatch", (line["need_id"], line["dispatch_id"])) for line in after["lines"])
    if change.kind == "relief.consignment":
        yield from (("relief.package", (package_id,)) for package_id in after["packages"])
    if change.kind == "relief.discrepancy":
        yield "relief.package", (change.parts[1],)
