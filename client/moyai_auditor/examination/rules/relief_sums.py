"""INV-1 to INV-3: what needs, offers and dispatches say is what all that refers to them adds up to."""
from __future__ import annotations

from collections import defaultdict
from typing import Iterator

from moyai_auditor.examination.rules.ledger import Document, Ledger, LedgerTransaction, Report

LOST = ("short", "damaged", "refused")
"""Counts of a receipt that the need does not have."""
GONE = frozenset({"lost", "recalled"})
"""States of a box none of whose contents its needs will have."""
WITHOUT_QUANTITY = frozenset({"proposed", "rejected"})
"""States of a dispatch that takes nothing of need and offer."""
Key = tuple[str, str]
"""Scope and id."""


class ReliefSums:
    """Adds up, after each transaction, all that it touched."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._dispatches_of_need: dict[Key, set[str]] = defaultdict(set)
        self._dispatches_of_offer: dict[Key, set[tuple[str, str]]] = defaultdict(set)
        self._boxes_of_dispatch: dict[Key, set[str]] = defaultdict(set)

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
            elif change.kind == "relief.package":
                # Before and after: a line that went from a box is missed where it stood.
                for line in [line for box in (change.before, change.after) if box for line in box["lines"]]:
                    needs.add((scope, line["need_id"]))
                    dispatches.add((scope, line["need_id"], line["dispatch_id"]))
                    self._boxes_of_dispatch[scope, line["dispatch_id"]].add(change.parts[1])
        for check, sentence in (*self._needs(needs), *self._offers(offers), *self._dispatches(dispatches)):
            report(check, sentence)

    def _needs(self, touched: set[Key]) -> Iterator[tuple[str, str]]:
        for scope, need_id in sorted(touched):
            need = self._ledger.get("relief.need", scope, need_id)
            if need is None:
                continue
            committed = 0
            for dispatch_id in self._dispatches_of_need[scope, need_id]:
                committed += _taken(self._ledger.get("relief.dispatch", scope, need_id, dispatch_id))
                committed -= sum(self._lost(scope, package_id, dispatch_id)
                                 for package_id in self._boxes_of_dispatch[scope, dispatch_id])
            if need["committed"] != committed or not 0 <= committed <= need["quantity"]:
                yield "INV-1", f"need {need_id} says {need['committed']} committed of {need['quantity']}, " \
                               f"its dispatches and receipts leave {committed}"

    def _lost(self, scope: str, package_id: str, dispatch_id: str) -> int:
        """What of a dispatch's line in a box its need does not have: lost or called back with the box, or counted
        as missing by the receiver."""
        package = self._ledger.get("relief.package", scope, package_id) or {"state": "", "lines": ()}
        if package["state"] in GONE:
            return sum(line["quantity"] for line in package["lines"] if line["dispatch_id"] == dispatch_id)
        return sum(line[name] for line in package.get("receipt", {}).get("lines", ())
                   if line["dispatch_id"] == dispatch_id for name in LOST)

    def _offers(self, touched: set[Key]) -> Iterator[tuple[str, str]]:
        for scope, offer_id in sorted(touched):
            offer = self._ledger.get("relief.offer", scope, offer_id)
            if offer is None:
                continue
            requested = sum(_taken(self._ledger.get("relief.dispatch", scope, *ids))
                            for ids in self._dispatches_of_offer[scope, offer_id])
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


def _taken(dispatch: Document | None) -> int:
    """What a dispatch holds of need and offer."""
    if dispatch is None or dispatch["state"] in WITHOUT_QUANTITY:
        return 0
    return int(dispatch["quantity"] - dispatch["released"])


def _fits(dispatch: Document, boxed: int) -> bool:
    quantity, released, shipped = dispatch["quantity"], dispatch["released"], dispatch["shipped"]
    if dispatch["state"] == "requested":
        return bool(boxed == quantity and released == shipped == 0)
    if dispatch["state"] in ("shipped", "recalled"):
        return bool(boxed == shipped == quantity - released)
    if dispatch["state"] in WITHOUT_QUANTITY:
        # Holding nothing may be told as nothing given back, or as all of it.
        return bool(boxed == shipped == 0 and released in (0, quantity))
    return bool(boxed == shipped == 0 and released == quantity)
