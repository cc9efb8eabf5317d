"""S6: the match. The receiver asks for a quantity of an offer; the box's first label exists from then on."""
from __future__ import annotations

from typing import Iterable, Sequence

from moyai_contracts import keys
from moyai_contracts.api.identifiers import is_package_id
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import ApprovedLine, DispatchLine, ProposedLine, RequestDispatch
from moyai_contracts.relief.match import Match, checked_route, route_keys, take
from moyai_contracts.relief.postings import Postings
from moyai_contracts.relief.register_need import create_need, needed_keys
from moyai_contracts.transaction import Document, Transaction
from moyai_contracts.use_case import use_case


def asked_keys(lines: Sequence[DispatchLine | ProposedLine], code6: str, scope: str) -> Iterable[str]:
    """Keys that requests and proposals are checked against and write."""
    yield from new_keys(lines, scope)
    for line in lines:
        yield keys.need(scope, line.need_id)
        yield keys.offer(scope, line.offer_id)
    yield from needed_keys((line.new_need for line in lines if line.new_need), code6, scope)
    yield from route_keys(line.route for line in lines)


def new_keys(lines: Sequence[DispatchLine | ProposedLine], scope: str) -> Iterable[str]:
    """Keys of dispatches and needs that a command makes."""
    for line in lines:
        yield keys.dispatch(scope, line.need_id, line.dispatch_id)
        if line.new_need:
            yield keys.need(scope, line.need_id)


def _reads(command: RequestDispatch, code6: str, scope: str) -> Iterable[str]:
    yield from asked_keys(command.dispatches, code6, scope)
    for line in command.dispatches:
        yield keys.package(scope, line.package_id)


@use_case(RequestDispatch, roles="ACS", reads=_reads)
def request_dispatch(tx: Transaction, command: RequestDispatch) -> None:
    """With `approve_dispatch` the only command that takes quantity of need and offer; all lines or none.

    Refuses: `bad_argument` (package id, id of the new need, route), `not_permitted` (a shelter, where the office
    approves), `id_reused`, `not_found`, `site_closed`, `foreign_record`, `wrong_state`, `offer_expired`,
    `item_mismatch`, `offer_short` with `available`, `need_covered` with `open`.
    """
    require_ids(command.dispatches)
    _check_approval(tx)
    tx.new([*new_keys(command.dispatches, tx.scope),
            *(keys.package(tx.scope, line.package_id) for line in command.dispatches)])
    create_needs(tx, command.dispatches)
    postings = Postings(tx)
    told = [_request(tx, postings, line) for line in command.dispatches]
    tx.emit(needs=told_needs(command.dispatches), dispatches=told, deltas=postings.deltas)


def require_ids(lines: Sequence[DispatchLine | ProposedLine | ApprovedLine]) -> None:
    """Package ids have a true check symbol, new needs the id that the line names, or Refusal `bad_argument`."""
    for index, line in enumerate(lines):
        if not isinstance(line, ProposedLine) and not is_package_id(line.package_id):
            raise Refusal("bad_argument", field=f"dispatches[{index}].package_id")
        if not isinstance(line, ApprovedLine) and line.new_need and line.new_need.need_id != line.need_id:
            raise Refusal("bad_argument", field=f"dispatches[{index}].new_need.need_id")


def create_needs(tx: Transaction, lines: Sequence[DispatchLine | ProposedLine]) -> None:
    """Writes the new needs that lines bring along. Raises Refusal as `register_need`, and `not_found` where an offer
    or a need that should stand does not."""
    for line in lines:
        tx.need_document(keys.offer(tx.scope, line.offer_id))
        if line.new_need:
            create_need(tx, line.new_need)
    for line in lines:
        tx.need_document(keys.need(tx.scope, line.need_id))


def told_needs(lines: Sequence[DispatchLine | ProposedLine]) -> list[Document]:
    """The new needs in an event."""
    return [{"need_id": line.need_id, "site": line.new_need.site, "item": line.new_need.item,
             "quantity": line.new_need.quantity} for line in lines if line.new_need]


def match_of(tx: Transaction, line: DispatchLine | ProposedLine) -> Match:
    """A line's match. Raises Refusal as `checked_route`."""
    need = tx.need_document(keys.need(tx.scope, line.need_id))
    return Match(dispatch_id=line.dispatch_id, need_id=line.need_id, offer_id=line.offer_id, quantity=line.quantity,
                 mapped_item=line.mapped_item, accept_difference=line.accept_difference, ship_by=line.ship_by,
                 route=checked_route(tx, line.route, need))


def _check_approval(tx: Transaction) -> None:
    if tx.actor is None or tx.actor.role != "S":
        return
    if tx.need_document(keys.municipality(tx.code6))["dispatch_approval"] != "none":
        raise Refusal("not_permitted", roles="A, C")


def _request(tx: Transaction, postings: Postings, line: DispatchLine) -> Document:
    members, told = take(tx, postings, match_of(tx, line), line.package_id)
    tx.create(keys.dispatch(tx.scope, line.need_id, line.dispatch_id), members)
    return told
