"""S6: the match. The receiver asks for a quantity of an offer; the box's first label exists from then on."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.identifiers import is_package_id
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import DispatchLine, RequestDispatch
from moyai_contracts.business_date import japanese_date
from moyai_contracts.relief.bookkeeping import REQUESTED, free, missing
from moyai_contracts.relief.offer_terms import is_expired
from moyai_contracts.relief.ownership import require_receiver
from moyai_contracts.relief.postings import Postings
from moyai_contracts.relief.register_need import create_need, needed_keys
from moyai_contracts.relief.states import require_state
from moyai_contracts.transaction import Document, Transaction
from moyai_contracts.use_case import use_case

LIVE_PREFIX = "P"


def _reads(command: RequestDispatch, code6: str, scope: str) -> Iterable[str]:
    yield from _new_keys(command, scope)
    for line in command.dispatches:
        yield keys.need(scope, line.need_id)
        yield keys.offer(scope, line.offer_id)
    yield from needed_keys((line.new_need for line in command.dispatches if line.new_need), code6, scope)


def _new_keys(command: RequestDispatch, scope: str) -> Iterable[str]:
    for line in command.dispatches:
        yield keys.dispatch(scope, line.need_id, line.dispatch_id)
        yield keys.package(scope, line.package_id)
        if line.new_need:
            yield keys.need(scope, line.need_id)


@use_case(RequestDispatch, roles="ACS", reads=_reads)
def request_dispatch(tx: Transaction, command: RequestDispatch) -> None:
    """The only command that takes quantity of need and offer; all lines or none.

    Refuses: `bad_argument` (package id, id of the new need), `wrong_scope` (a drill's package id), `not_permitted`
    (a shelter, where the office approves), `id_reused`, `not_found`, `site_closed`, `foreign_record`,
    `wrong_state`, `offer_expired`, `item_mismatch`, `offer_short` with `available`, `need_covered` with `open`.
    """
    _check_shape(command)
    _check_approval(tx)
    tx.new(_new_keys(command, tx.scope))
    for line in command.dispatches:
        tx.need_document(keys.offer(tx.scope, line.offer_id))
        if line.new_need:
            create_need(tx, line.new_need)
    for line in command.dispatches:
        tx.need_document(keys.need(tx.scope, line.need_id))
    postings = Postings(tx)
    homes = [_request(tx, postings, line) for line in command.dispatches]
    tx.emit(needs=[{"need_id": line.need_id, "site": line.new_need.site, "item": line.new_need.item,
                    "quantity": line.new_need.quantity}
                   for line in command.dispatches if line.new_need],
            dispatches=[{"dispatch_id": line.dispatch_id, "need_id": line.need_id, "offer_id": line.offer_id,
                         "package_id": line.package_id, "quantity": line.quantity, "home": home}
                        for line, home in zip(command.dispatches, homes, strict=True)],
            deltas=postings.deltas)


def _check_shape(command: RequestDispatch) -> None:
    for index, line in enumerate(command.dispatches):
        if not is_package_id(line.package_id):
            raise Refusal("bad_argument", field=f"dispatches[{index}].package_id")
        if line.new_need and line.new_need.need_id != line.need_id:
            raise Refusal("bad_argument", field=f"dispatches[{index}].new_need.need_id")
    if any(line.package_id[0] != LIVE_PREFIX for line in command.dispatches):
        raise Refusal("wrong_scope")


def _check_approval(tx: Transaction) -> None:
    if tx.actor is None or tx.actor.role != "S":
        return
    if tx.need_document(keys.municipality(tx.code6))["dispatch_approval"] != "none":
        raise Refusal("not_permitted", roles="A, C")


def _request(tx: Transaction, postings: Postings, line: DispatchLine) -> str:
    """Writes one dispatch with its box; gives the supporter's home back."""
    need = tx.need_document(keys.need(tx.scope, line.need_id))
    offer = tx.need_document(keys.offer(tx.scope, line.offer_id))
    require_receiver(tx, need["code6"], need["site_id"])
    require_state(need, "open")
    require_state(offer, "open")
    if is_expired(offer, japanese_date(tx.at)):
        raise Refusal("offer_expired", offer_id=line.offer_id)
    _check_match(need, offer, line)
    if line.quantity > free(offer):
        raise Refusal("offer_short", available=free(offer), offer_id=line.offer_id)
    if line.quantity > missing(need):
        raise Refusal("need_covered", open=missing(need), need_id=line.need_id)
    postings.post(REQUESTED, line.quantity, need_id=line.need_id, offer_id=line.offer_id)
    tx.create(keys.dispatch(tx.scope, line.need_id, line.dispatch_id), {
        "offer_id": line.offer_id, "supporter": offer["supporter"], "home": offer["home"],
        "mapped_item": line.mapped_item, "quantity": line.quantity, "released": 0, "shipped": 0,
        "packages": [line.package_id], "ship_by": line.ship_by, "state": "requested"})
    tx.create(keys.package(tx.scope, line.package_id), {
        "lines": [_package_line(need, offer, line)], "to": {"code6": need["code6"], "site": need["site_id"]},
        "route": [], "leg": 0, "label_serial": 1, "state": "labelled"})
    return str(offer["home"])


def _check_match(need: Document, offer: Document, line: DispatchLine) -> None:
    """The same item, by the catalogue or by the clerk's mapping of a free name; and what the need asks for in
    size or kind the offer states, unless the clerk accepts the difference."""
    offered = offer.get("item") or line.mapped_item
    if offered != need["item"] or line.mapped_item not in (None, need["item"]):
        raise Refusal("item_mismatch", need_id=line.need_id)
    differs = any(offer["attributes"].get(name) != value for name, value in need["attributes"].items())
    if differs and not line.accept_difference:
        raise Refusal("item_mismatch", need_id=line.need_id)


def _package_line(need: Document, offer: Document, line: DispatchLine) -> Document:
    fields = {"need_id": line.need_id, "dispatch_id": line.dispatch_id, "item": need["item"],
              "quantity": line.quantity, "expires_on": offer.get("expires_on")}
    return {name: value for name, value in fields.items() if value is not None}
