"""INV-1 to INV-6: quantities, boxes, receipts, states and scopes of relief."""
from __future__ import annotations

from typing import Iterator

from moyai_auditor.examination.rules.ledger import Change, Document, Ledger, LedgerTransaction, Report
from moyai_auditor.examination.rules.relief_boxes import Boxes
from moyai_auditor.examination.rules.relief_sums import ReliefSums

LIVE, LIVE_PREFIX, DRILL_PREFIX = "live", "P", "T"
FIRST = {"need": {"open"}, "offer": {"open"}, "dispatch": {"requested"}, "package": {"labelled"},
         "discrepancy": {"open"}}
FIRST_BY = {"relief.propose_dispatch": {"dispatch": {"proposed"}},
            "relief.repack_dispatch": {"package": {"labelled", "handed_over"}}}
"""Function → the states in which what it makes begins, where they are others."""
EDGES = {
    "need": {("open", "closed"), ("closed", "open")},
    "offer": {("open", "closed")},
    "dispatch": {("proposed", "requested"), ("proposed", "rejected"), ("requested", "shipped"),
                 ("requested", "declined"), ("requested", "cancelled"), ("shipped", "recalled")},
    "package": {("labelled", "shipped"), ("labelled", "received"), ("labelled", "voided"), ("labelled", "handed_over"),
                ("shipped", "handed_over"), ("shipped", "received"), ("shipped", "recalled"), ("shipped", "lost"),
                ("handed_over", "received"), ("handed_over", "recalled"), ("handed_over", "lost"),
                ("handed_over", "voided")},
    "discrepancy": {("open", "acknowledged"), ("acknowledged", "resolved")},
}
WRITTEN_ONCE = frozenset({"relief.arrival", "relief.consignment"})
OF_THE_RECEIVER = frozenset({"requested", "rejected", "cancelled", "recalled"})
"""States into which a dispatch goes by the receiver's word."""
SCANS = frozenset({"relief.receive_package", "relief.hand_over_package"})
"""What says of a box that it is here, whether or not its sender said that it had left."""
UNKNOWN_LABEL = "unknown_label"


class Relief:
    """Judges changes as they come, and after each transaction the sums of all that it touched."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._boxes = Boxes(ledger)
        self.settle = ReliefSums(ledger).settle

    def read(self, transaction: LedgerTransaction, report: Report) -> None:
        """Reports INV-4, INV-5, INV-6 on what a transaction changes."""
        if transaction.function.startswith("relief."):
            self._check_drill(transaction, report)
        for change in transaction.changes:
            context, _, kind = change.kind.partition(".")
            if change.kind == "directory.drill":
                self._check_edges_of_drills(change, report)
            if context != "relief":
                continue
            self._check_scope(transaction, change, report)
            if change.after is None:
                report("INV-5", f"{change.name} was deleted")
                continue
            if change.kind in WRITTEN_ONCE and change.before is not None:
                report("INV-5", f"{change.name} was written anew")
            self._check_edge(transaction, kind, change, report)
            if kind == "dispatch":
                self._check_dispatch(transaction, change, change.after, report)
            if kind == "package":
                self._boxes.read(transaction, change, change.after, report)

    # INV-6: scopes

    def _check_drill(self, transaction: LedgerTransaction, report: Report) -> None:
        """What is no live record belongs to a drill that the signer's municipality has opened and not closed."""
        scope, code6 = transaction.message.get("scope"), self._ledger.code6(transaction.msp_id)
        if scope == LIVE:
            return
        drill = self._ledger.get("directory.drill", code6, str(scope))
        if drill is None or drill["status"] != "open":
            report("INV-6", f"{transaction.function} of {code6} belongs to the drill {scope}, which is not open there")

    @staticmethod
    def _check_edges_of_drills(change: Change, report: Report) -> None:
        states = tuple(document["status"] if document else None for document in (change.before, change.after))
        if states not in ((None, "open"), ("open", "closed")):
            report("INV-6", f"{change.name} went from {states[0]} to {states[1]}")

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

    # INV-5: states

    @staticmethod
    def _check_edge(transaction: LedgerTransaction, kind: str, change: Change, report: Report) -> None:
        if kind not in EDGES or change.after is None:
            return
        now = change.after["state"]
        if change.before is None:
            first = FIRST_BY.get(transaction.function, {}).get(kind, FIRST[kind])
            if now not in first:
                report("INV-5", f"{change.name} begins as {now}")
        elif change.before["state"] != now and (change.before["state"], now) not in EDGES[kind]:
            report("INV-5", f"{change.name} went from {change.before['state']} to {now}")

    def _check_dispatch(self, transaction: LedgerTransaction, change: Change, after: Document,
                        report: Report) -> None:
        code6, receiver = self._ledger.code6(transaction.msp_id), self._receiver(transaction, change)
        if change.before is None:
            if code6 != receiver:
                report("INV-5", f"{change.name} was {after['state']} by {code6}, the need is of {receiver}")
            return
        if (change.before["offer_id"], change.before["home"]) != (after["offer_id"], after["home"]):
            report("INV-5", f"{change.name} changed its offer")
        if change.before["state"] == after["state"]:
            return
        if after["state"] in OF_THE_RECEIVER:
            may = {receiver}
        elif after["state"] == "shipped" and transaction.function in SCANS:
            may = {code6}  # the scan says what the sender never said; whose scan it may be, the box tells
        else:
            may = {after["home"]}
        if code6 not in may:
            report("INV-5", f"{change.name} became {after['state']} by the word of {code6}")

    def _receiver(self, transaction: LedgerTransaction, change: Change) -> str:
        scope, need_id, _ = change.parts
        written = next((other.after for other in transaction.changed("relief.need")
                        if other.parts == (scope, need_id)), None)
        need = self._ledger.get("relief.need", scope, need_id) or written
        return str(need["code6"]) if need else ""


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
    if change.kind == "relief.discrepancy" and after.get("kind") != UNKNOWN_LABEL:
        yield "relief.package", (change.parts[1],)
