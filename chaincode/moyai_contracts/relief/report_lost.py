"""S9: a box has not come."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import LOST_AFTER_SECONDS, ReportLost
from moyai_contracts.relief.arrivals import open_discrepancy
from moyai_contracts.relief.bookkeeping import NOT_RECEIVED
from moyai_contracts.relief.boxes import is_sender_of
from moyai_contracts.relief.ownership import OFFICIALS
from moyai_contracts.relief.postings import Postings
from moyai_contracts.relief.states import PACKAGE, require_edge
from moyai_contracts.transaction import Document, Transaction
from moyai_contracts.use_case import use_case

LOST = "届かなかったため打ち切りました"


def _reads(command: ReportLost, code6: str, scope: str) -> Iterable[str]:
    return (keys.package(scope, command.package_id),)


@use_case(ReportLost, roles="PAC", reads=_reads)
def report_lost(tx: Transaction, command: ReportLost) -> None:
    """By the sender or the receiver's office; its needs stand again.

    Refuses: `label_unknown`, `foreign_record`, `wrong_state` (not on its way, or for less than 72 hours).
    """
    key = keys.package(tx.scope, command.package_id)
    package = tx.movable(key, "label_unknown")
    if not _is_receiver(tx, package) and not is_sender_of(tx, [package]):
        raise Refusal("foreign_record")
    require_edge(PACKAGE, package, "lost")
    left_at = package.get("shipped_at") or package.get("handed_at", tx.at)
    if tx.at < left_at + LOST_AFTER_SECONDS:
        raise Refusal("wrong_state", state=package["state"], until=left_at + LOST_AFTER_SECONDS)
    tx.load(keys.need(tx.scope, line["need_id"]) for line in package["lines"])
    postings = Postings(tx)
    for line in package["lines"]:
        postings.post(NOT_RECEIVED, line["quantity"], need_id=line["need_id"], offer_id="")
    tx.edit(key, package, state="lost", reason=LOST)
    nothing = [{"dispatch_id": line["dispatch_id"], "good": 0, "short": line["quantity"], "damaged": 0, "refused": 0}
               for line in package["lines"]]
    open_discrepancy(tx, command.package_id, tx.op, "lost", package, {"lines": nothing, "surplus": []},
                     note=command.note)
    tx.emit(package_id=command.package_id, to=package["to"], discrepancy_id=tx.op, deltas=postings.deltas,
            lines=[{name: line[name] for name in ("need_id", "dispatch_id", "quantity")} for line in package["lines"]])


def _is_receiver(tx: Transaction, package: Document) -> bool:
    return package["to"]["code6"] == tx.code6 and tx.actor is not None and tx.actor.role in OFFICIALS
