"""S6: the office requests what a shelter proposed."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import ApproveDispatch, ApprovedLine
from moyai_contracts.relief.match import Match, checked_route, route_keys, take
from moyai_contracts.relief.postings import Postings
from moyai_contracts.relief.request_dispatch import require_ids
from moyai_contracts.relief.states import DISPATCH, require_edge
from moyai_contracts.transaction import Document, Transaction
from moyai_contracts.use_case import use_case


def _reads(command: ApproveDispatch, code6: str, scope: str) -> Iterable[str]:
    for line in command.dispatches:
        yield keys.dispatch(scope, line.need_id, line.dispatch_id)
        yield keys.package(scope, line.package_id)
        yield keys.need(scope, line.need_id)
    yield from route_keys(line.route for line in command.dispatches)


@use_case(ApproveDispatch, roles="AC", reads=_reads)
def approve_dispatch(tx: Transaction, command: ApproveDispatch) -> None:
    """All lines or none. Refuses: `not_found`, `quantity_exceeded` with `quantity` (more than proposed), and as
    `request_dispatch`."""
    require_ids(command.dispatches)
    proposals = {keys.dispatch(tx.scope, line.need_id, line.dispatch_id): line for line in command.dispatches}
    if len(proposals) < len(command.dispatches):
        raise Refusal("bad_argument", field="dispatches")
    documents = {key: tx.movable(key) for key in proposals}
    tx.new(keys.package(tx.scope, line.package_id) for line in command.dispatches)
    tx.load(keys.offer(tx.scope, document["offer_id"]) for document in documents.values())
    postings = Postings(tx)
    told = [_approve(tx, postings, documents[key], line) for key, line in proposals.items()]
    tx.emit(dispatches=told, deltas=postings.deltas)


def _approve(tx: Transaction, postings: Postings, proposal: Document, line: ApprovedLine) -> Document:
    require_edge(DISPATCH, proposal, "requested")
    quantity = proposal["quantity"] if line.quantity is None else line.quantity
    if quantity > proposal["quantity"]:
        raise Refusal("quantity_exceeded", quantity=proposal["quantity"])
    need = tx.need_document(keys.need(tx.scope, line.need_id))
    route = proposal.get("route") if line.route is None else checked_route(tx, line.route, need)
    members, told = take(tx, postings, Match(
        dispatch_id=line.dispatch_id, need_id=line.need_id, offer_id=proposal["offer_id"], quantity=quantity,
        mapped_item=proposal.get("mapped_item"), accept_difference=proposal.get("accept_difference"),
        ship_by=line.ship_by or proposal.get("ship_by"), route=route), line.package_id)
    tx.edit(keys.dispatch(tx.scope, line.need_id, line.dispatch_id), proposal, **members)
    return told
