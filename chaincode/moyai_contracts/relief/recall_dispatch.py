"""S6: the receiver's office calls shipped boxes back."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import RecallDispatch
from moyai_contracts.relief.bookkeeping import CANCELLED, NOT_RECEIVED
from moyai_contracts.relief.boxes import boxes_of, dispatches_of, take_out
from moyai_contracts.relief.ownership import require_receiver
from moyai_contracts.relief.postings import Postings
from moyai_contracts.relief.states import DISPATCH, ON_THE_WAY, require_edge
from moyai_contracts.transaction import Document, Transaction
from moyai_contracts.use_case import use_case


def _reads(command: RecallDispatch, code6: str, scope: str) -> Iterable[str]:
    return keys.dispatch(scope, command.need_id, command.dispatch_id), keys.need(scope, command.need_id)


@use_case(RecallDispatch, roles="AC", reads=_reads)
def recall_dispatch(tx: Transaction, command: RecallDispatch) -> None:
    """Boxes on their way turn round with all that is in them, also of other dispatches; boxes of the dispatch that
    have not left are taken back as by `cancel_dispatch`; what was received stays.

    Refuses: `not_found`, `foreign_record`, `wrong_state` (not shipped, or no box is left to call back).
    """
    key = keys.dispatch(tx.scope, command.need_id, command.dispatch_id)
    dispatch = tx.movable(key)
    need = tx.need_document(keys.need(tx.scope, command.need_id))
    require_receiver(tx, need["code6"], need["site_id"])
    require_edge(DISPATCH, dispatch, "recalled")
    boxes = boxes_of(tx, [dispatch])
    on_the_way = {package_id: box for package_id, box in boxes.items() if box["state"] in ON_THE_WAY}
    waiting = [package_id for package_id, box in boxes.items() if box["state"] == "labelled"]
    if not on_the_way and not waiting:
        raise Refusal("wrong_state", state=next(iter(boxes.values()))["state"])
    _load(tx, on_the_way, dispatch)
    postings = Postings(tx)
    recalled = _recall(tx, postings, command, on_the_way)
    released = _take_back(tx, postings, command, dispatch, waiting)
    tx.edit(key, dispatch, state="recalled", reason=command.reason, released=dispatch["released"] + released,
            shipped=dispatch["shipped"] - released)
    tx.emit(need_id=command.need_id, dispatch_id=command.dispatch_id, offer_id=dispatch["offer_id"],
            home=dispatch["home"], quantity=recalled + released, packages=[*on_the_way, *waiting],
            reason=command.reason, deltas=postings.deltas)


def _load(tx: Transaction, boxes: dict[str, Document], dispatch: Document) -> None:
    dispatches_of(tx, boxes.values())
    tx.load([keys.offer(tx.scope, dispatch["offer_id"]),
             *(keys.need(tx.scope, line["need_id"]) for box in boxes.values() for line in box["lines"])])


def _recall(tx: Transaction, postings: Postings, command: RecallDispatch, boxes: dict[str, Document]) -> int:
    """Gives the contents back to their needs; gives the quantity of the dispatch that was named."""
    recalled = 0
    for package_id, box in boxes.items():
        tx.edit(keys.package(tx.scope, package_id), box, state="recalled", reason=command.reason)
        for line in box["lines"]:
            postings.post(NOT_RECEIVED, line["quantity"], need_id=line["need_id"], offer_id="")
            if line["dispatch_id"] == command.dispatch_id:
                recalled += line["quantity"]
    return recalled


def _take_back(tx: Transaction, postings: Postings, command: RecallDispatch, dispatch: Document,
               waiting: list[str]) -> int:
    released = 0
    for package_id in waiting:
        package = tx.need_document(keys.package(tx.scope, package_id))
        released += sum(line["quantity"] for line in package["lines"]
                        if line["dispatch_id"] == command.dispatch_id)
        take_out(tx, package_id, command.dispatch_id, command.reason)
    postings.post(CANCELLED, released, need_id=command.need_id, offer_id=dispatch["offer_id"])
    return released
