"""INV-4, INV-5: who made, shipped, forwarded, received, called back and gave up boxes, and what was counted."""
from __future__ import annotations

from moyai_auditor.examination.rules.ledger import Change, Document, Ledger, LedgerTransaction, Report
from moyai_auditor.examination.rules.relief_sums import LOST

COUNTS = ("good", *LOST)
LOST_AFTER = 72 * 3600
"""Seconds after shipping before which nobody may give a box up."""
WAY = ("to", "route", "leg", "state")
"""What a box that is packed anew takes over."""
REDIRECTED = frozenset({"labelled", "shipped", "handed_over"})
NOTED = {"lost": "lost"}
"""State of a box → kind of the discrepancy that must come with it."""


class Boxes:
    """Judges changes of boxes."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def read(self, transaction: LedgerTransaction, change: Change, after: Document, report: Report) -> None:
        """Reports INV-4 and INV-5 on one box."""
        code6, before = self._ledger.code6(transaction.msp_id), change.before
        if before is None:
            self._check_new(transaction, change, after, code6, report)
            return
        self._check_way(transaction, change, before, after, code6, report)
        if "receipt" in before and before["receipt"] != after.get("receipt"):
            self._check_correction(transaction, change, before, after, report)
        if before["state"] == after["state"]:
            return
        if after["state"] == "received":
            self._check_received(transaction, change, before, after, code6, report)
        elif after["state"] == "shipped":
            self._check_shipping(transaction, change, after, report)
        elif after["state"] in ("recalled", "lost"):
            self._check_ended(transaction, change, before, after, code6, report)
        elif after["state"] == "voided":
            self._check_void(transaction, change, before, code6, report)

    # Where it is to go

    def _check_new(self, transaction: LedgerTransaction, change: Change, after: Document, code6: str,
                   report: Report) -> None:
        destination = after["to"]["code6"]
        if transaction.function == "relief.repack_dispatch":
            former = [other.before for other in transaction.changed("relief.package") if other.before]
            if not any(all(after.get(name) == box.get(name) for name in WAY) for box in former):
                report("INV-5", f"{change.name} goes another way than the boxes that it replaces")
        elif code6 != destination:
            report("INV-5", f"{change.name} for {destination} was made by {code6}")
        elif after["leg"]:
            report("INV-5", f"{change.name} begins on its way")

    def _check_way(self, transaction: LedgerTransaction, change: Change, before: Document, after: Document,
                   code6: str, report: Report) -> None:
        redirected = (transaction.function == "relief.redirect_package"
                      and code6 == before["to"]["code6"] == after["to"]["code6"]
                      and before["state"] in REDIRECTED and before["state"] == after["state"])
        if before["to"] != after["to"] and not redirected:
            report("INV-5", f"{change.name} changed its destination")
        leg, former, hubs = after["leg"], before["leg"], after["route"]
        if hubs != before["route"]:
            report("INV-5", f"{change.name} changed its route")
        if leg == former:
            if after["state"] == "handed_over" != before["state"]:
                report("INV-5", f"{change.name} was handed over at no hub")
        elif after["state"] != "handed_over" or not former < leg <= len(hubs):
            report("INV-5", f"{change.name} skips on its route")
        elif code6 not in {hubs[leg - 1]["code6"], *self._homes(change, before)}:
            report("INV-5", f"{change.name} reached a hub of {hubs[leg - 1]['code6']} by the word of {code6}")

    def _homes(self, change: Change, box: Document) -> set[str]:
        """Municipalities of those whose goods are in a box."""
        found = [self._ledger.get("relief.dispatch", change.parts[0], line["need_id"], line["dispatch_id"])
                 for line in box["lines"]]
        return {dispatch["home"] for dispatch in found if dispatch}

    def _check_shipping(self, transaction: LedgerTransaction, change: Change, after: Document,
                        report: Report) -> None:
        code6, scope = self._ledger.code6(transaction.msp_id), change.parts[0]
        for line in after["lines"]:
            dispatch = self._ledger.get("relief.dispatch", scope, line["need_id"], line["dispatch_id"])
            # Shipped: with the first of its boxes that left.
            if dispatch is None or dispatch["state"] not in ("requested", "shipped"):
                report("INV-5", f"{change.name} was shipped without a request")
            elif dispatch["home"] != code6:
                report("INV-5", f"{change.name} of {dispatch['home']} was shipped by {code6}")

    # How it ended

    def _check_ended(self, transaction: LedgerTransaction, change: Change, before: Document, after: Document,
                     code6: str, report: Report) -> None:
        """Called back by the receiver, or given up by either side three days after it left."""
        destination = after["to"]["code6"]
        may = {destination} | (self._homes(change, before) if after["state"] == "lost" else set())
        if after["state"] == "recalled":
            may = self._receivers(change, before)
        if code6 not in may:
            report("INV-5", f"{change.name} for {destination} became {after['state']} by the word of {code6}")
        left_at = before.get("shipped_at") or before.get("handed_at", transaction.at)
        if after["state"] == "lost" and transaction.at < left_at + LOST_AFTER:
            report("INV-5", f"{change.name} was given up before three days had passed")
        kind = NOTED.get(after["state"])
        if kind is not None and not _is_noted(transaction, change, kind):
            report("INV-4", f"{change.name} became {after['state']}, and nothing notes it")

    def _receivers(self, change: Change, box: Document) -> set[str]:
        """Municipalities whose needs what is in a box was promised to."""
        found = [self._ledger.get("relief.need", change.parts[0], line["need_id"]) for line in box["lines"]]
        return {need["code6"] for need in found if need}

    def _check_void(self, transaction: LedgerTransaction, change: Change, before: Document, code6: str,
                    report: Report) -> None:
        """A box that left becomes void only where its hub packs anew; before that its sender packs."""
        if transaction.function != "relief.repack_dispatch":
            if before["state"] == "handed_over":
                report("INV-5", f"{change.name} became void on its way")
            return
        holder = {before["route"][before["leg"] - 1]["code6"]} if before["state"] == "handed_over" else (
            self._homes(change, before))
        if code6 not in holder:
            report("INV-5", f"{change.name} was packed anew by {code6}, which does not hold it")
        self._check_repacked(transaction, change, report)

    @staticmethod
    def _check_repacked(transaction: LedgerTransaction, change: Change, report: Report) -> None:
        """What was in the boxes that became void is in the new ones, dispatch by dispatch."""
        void: dict[str, int] = {}
        new: dict[str, int] = {}
        for other in transaction.changed("relief.package"):
            box, sums = (other.before, void) if other.before else (other.after, new)
            for line in box["lines"] if box else ():
                sums[line["dispatch_id"]] = sums.get(line["dispatch_id"], 0) + line["quantity"]
        if void != new:
            report("INV-3", f"{change.name} was packed anew, and the new boxes hold something else")

    # Receipts

    def _check_received(self, transaction: LedgerTransaction, change: Change, before: Document, after: Document,
                        code6: str, report: Report) -> None:
        destination = after["to"]["code6"]
        if code6 != destination:
            report("INV-4", f"{change.name} for {destination} was received by {code6 or transaction.msp_id}")
        if before["state"] == "labelled" and after.get("unannounced") is not True:
            report("INV-5", f"{change.name} does not tell that nobody had announced it")
        if before["state"] == "shipped" and after.get("unannounced", False):
            report("INV-5", f"{change.name} was announced, and is said not to be")
        receipt = _counted(change, before, after, report)
        differs = bool(receipt["surplus"]) or any(line[name] for line in receipt["lines"] for name in LOST)
        if differs is not _is_noted(transaction, change, "count"):
            report("INV-4", f"{change.name} {'has a difference that nothing notes' if differs else 'notes none'}")

    def _check_correction(self, transaction: LedgerTransaction, change: Change, before: Document, after: Document,
                          report: Report) -> None:
        if transaction.function != "relief.correct_receipt":
            report("INV-4", f"the receipt of {change.name} was written anew")
            return
        code6, destination = self._ledger.code6(transaction.msp_id), after["to"]["code6"]
        if code6 != destination:
            report("INV-4", f"the receipt of {change.name} for {destination} was corrected by {code6}")
        if (before["state"], after["state"]) != ("received", "received"):
            report("INV-4", f"{change.name} was no received box when its receipt was corrected")
        if not any(other.parts == (*change.parts, transaction.message["correction_id"]) and other.before is None
                   for other in transaction.changed("relief.discrepancy")):
            report("INV-4", f"the correction of {change.name} is noted nowhere")
        _counted(change, before, after, report)


def _counted(change: Change, before: Document, after: Document, report: Report) -> Document:
    """The receipt; reports INV-4 where its counts are not what was in the box."""
    receipt = after.get("receipt") or {"lines": [], "surplus": []}
    sent = [(line["dispatch_id"], line["quantity"]) for line in before["lines"]]
    counted = [(line["dispatch_id"], sum(line[name] for name in COUNTS)) for line in receipt["lines"]]
    if sent != counted or any(line[name] < 0 for line in receipt["lines"] for name in COUNTS):
        report("INV-4", f"the counts of {change.name} do not add up to what was sent")
    return dict(receipt)


def _is_noted(transaction: LedgerTransaction, change: Change, kind: str) -> bool:
    """Whether a discrepancy of this kind about a box comes with the transaction."""
    return any(other.parts[:2] == change.parts and (other.after or {}).get("kind") == kind
               for other in transaction.changed("relief.discrepancy"))
