"""S9: the office counted anew. The earlier counts stay in the correction's discrepancy."""
from __future__ import annotations

from typing import Any, Iterable

from moyai_contracts import keys
from moyai_contracts.api import schema
from moyai_contracts.api.relief import CorrectReceipt
from moyai_contracts.relief.arrivals import open_discrepancy
from moyai_contracts.relief.bookkeeping import FOUND, NOT_RECEIVED, lost, missing
from moyai_contracts.relief.boxes import dispatches_of
from moyai_contracts.relief.counts import counted, raised, require_sums
from moyai_contracts.relief.ownership import require_receiver
from moyai_contracts.relief.postings import Postings
from moyai_contracts.relief.states import require_state
from moyai_contracts.transaction import Document, Transaction
from moyai_contracts.use_case import KEY, use_case


def _reads(command: CorrectReceipt, code6: str, scope: str) -> Iterable[str]:
    yield keys.package(scope, command.package_id)
    yield keys.discrepancy(scope, command.package_id, command.correction_id)


@use_case(CorrectReceipt, roles="AC", grade=KEY, reads=_reads)
def correct_receipt(tx: Transaction, command: CorrectReceipt) -> None:
    """More good than the need still lacks counts as surplus: others were asked in the meantime.

    Refuses: `id_reused`, `label_unknown`, `foreign_record`, `wrong_state` (not received), `bad_argument` (lines),
    `count_mismatch` with `quantity`.
    """
    tx.new([keys.discrepancy(tx.scope, command.package_id, command.correction_id)])
    key = keys.package(tx.scope, command.package_id)
    package = tx.need_document(key, "label_unknown")
    require_receiver(tx, package["to"]["code6"], package["to"]["site"])
    require_state(package, "received")
    lines = counted(package, command.lines)
    require_sums(package, lines)
    before = package["receipt"]
    tx.load(keys.need(tx.scope, line["need_id"]) for line in package["lines"])
    postings = Postings(tx)
    surplus = schema.to_json(before["surplus"] if command.surplus is None else command.surplus)
    dispatches = dispatches_of(tx, [package])
    for index, sent in enumerate(package["lines"]):
        lines[index], beyond = _recount(tx, postings, sent, dispatches, (before["lines"][index], lines[index]))
        if beyond:
            surplus.append({"item": sent["item"], "quantity": beyond})
    receipt = before | {"lines": lines, "surplus": surplus, "correction_id": command.correction_id}
    tx.edit(key, package, receipt=receipt)
    open_discrepancy(tx, command.package_id, command.correction_id, "count", package,
                     {"lines": lines, "surplus": surplus, "scanned_at": before["scanned_at"]},
                     reason=command.reason, before={"lines": before["lines"], "surplus": before["surplus"]})
    tx.emit(package_id=command.package_id, correction_id=command.correction_id, to=package["to"],
            lines=_event_lines(package, lines, dispatches), surplus=surplus, reason=command.reason,
            deltas=postings.deltas)


def _recount(tx: Transaction, postings: Postings, sent: Document, dispatches: dict[str, Document],
             counts: tuple[Document, Document]) -> tuple[Document, int]:
    """Posts the difference of one line; gives its counts and what of them is surplus."""
    before, after = counts
    line, beyond = raised(before, after, missing(tx.need_document(keys.need(tx.scope, sent["need_id"]))))
    less = lost(line) - lost(before)
    postings.post(NOT_RECEIVED if less > 0 else FOUND, abs(less), need_id=sent["need_id"],
                  offer_id=dispatches[sent["dispatch_id"]]["offer_id"])
    return line, beyond


def _event_lines(package: Document, lines: list[Document], dispatches: dict[str, Document]) -> list[dict[str, Any]]:
    return [counts | {"need_id": sent["need_id"], "quantity": sent["quantity"],
                      "home": dispatches[sent["dispatch_id"]]["home"]}
            for sent, counts in zip(package["lines"], lines, strict=True)]
