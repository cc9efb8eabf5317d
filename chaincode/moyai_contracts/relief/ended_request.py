"""A dispatch that ends before shipping: what it held is given back, and leaves its boxes."""
from __future__ import annotations

from moyai_contracts import keys
from moyai_contracts.relief.bookkeeping import Posting, rest
from moyai_contracts.relief.boxes import take_out
from moyai_contracts.relief.postings import Postings
from moyai_contracts.relief.states import DISPATCH, require_edge
from moyai_contracts.transaction import Document, Transaction


def end_request(tx: Transaction, need_id: str, dispatch_id: str, dispatch: Document, *, state: str,
                posting: Posting, reason: str) -> None:
    """Moves the dispatch to `state` and emits what changed. Raises Refusal `wrong_state`."""
    require_edge(DISPATCH, dispatch, state)
    package_keys = [keys.package(tx.scope, package_id) for package_id in dispatch["packages"]]
    tx.load([*package_keys, keys.need(tx.scope, need_id), keys.offer(tx.scope, dispatch["offer_id"])])
    quantity = rest(dispatch)
    postings = Postings(tx)
    postings.post(posting, quantity, need_id=need_id, offer_id=dispatch["offer_id"])
    tx.edit(keys.dispatch(tx.scope, need_id, dispatch_id), dispatch, state=state, reason=reason,
            released=dispatch["released"] + quantity)
    for package_id in dispatch["packages"]:
        take_out(tx, package_id, dispatch_id, reason)
    tx.emit(need_id=need_id, dispatch_id=dispatch_id, offer_id=dispatch["offer_id"], home=dispatch["home"],
            quantity=quantity, packages=dispatch["packages"], reason=reason, deltas=postings.deltas)
