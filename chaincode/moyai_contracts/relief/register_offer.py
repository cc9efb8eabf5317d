"""S3 and S4: a quantity is offered, for a need or because one could give it."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import RegisterOffer
from moyai_contracts.business_date import japanese_date
from moyai_contracts.relief.offer_terms import is_expired, require_period
from moyai_contracts.relief.set_intake import stopped_until
from moyai_contracts.relief.states import require_state
from moyai_contracts.transaction import Document, Transaction
from moyai_contracts.use_case import use_case


def _reads(command: RegisterOffer, code6: str, scope: str) -> Iterable[str]:
    yield keys.offer(scope, command.offer_id)
    if command.item:
        yield keys.item(command.item)
    if command.aimed_at:
        yield keys.need(scope, command.aimed_at)


@use_case(RegisterOffer, roles="PAC", reads=_reads)
def register_offer(tx: Transaction, command: RegisterOffer) -> None:
    """Refuses: `bad_argument` (item or else item_name with category; dates in order), `id_reused`, `not_found`,
    `wrong_state` (item retired, need closed), `item_mismatch`, `intake_stopped` with `until`, `offer_expired`."""
    _check_shape(command)
    key = keys.offer(tx.scope, command.offer_id)
    tx.new([key])
    item = tx.need_document(keys.item(command.item)) if command.item else None
    need = tx.need_document(keys.need(tx.scope, command.aimed_at)) if command.aimed_at else None
    if item is not None and (item["state"] != "active" or item["retired"]):
        raise Refusal("wrong_state", state="retired" if item["retired"] else item["state"])
    if need is not None:
        require_state(need, "open")
        if need["item"] != command.item:
            raise Refusal("item_mismatch")
        until = stopped_until(tx, need["code6"], need["item"])
        if until is not None:
            raise Refusal("intake_stopped", until=until)
    offer = {
        "supporter": tx.by, "home": tx.code6, "item": command.item, "item_name": command.item_name,
        "category": command.category, "attributes": command.attributes or {}, "quantity": command.quantity,
        "withdrawn": 0, "requested": 0, "aimed_at": command.aimed_at, "available_from": command.available_from,
        "available_until": command.available_until, "expires_on": command.expires_on,
        "transport": command.transport, "ships_from": command.ships_from, "state": "open"}
    if is_expired(offer, japanese_date(tx.at)):
        raise Refusal("offer_expired")
    tx.create(key, offer)
    tx.emit(offer_id=command.offer_id, supporter=tx.by, home=tx.code6, item=command.item,
            item_name=command.item_name, quantity=command.quantity, aimed_at=command.aimed_at,
            to=_destination(need))


def _check_shape(command: RegisterOffer) -> None:
    by_name = command.item_name is not None and command.category is not None
    partly_named = command.item_name is not None or command.category is not None
    if by_name == (command.item is not None) or (partly_named and not by_name):
        raise Refusal("bad_argument", field="item")
    require_period(command.available_from, command.available_until)


def _destination(need: Document | None) -> Document | None:
    return {"code6": need["code6"], "site": need["site_id"]} if need else None
