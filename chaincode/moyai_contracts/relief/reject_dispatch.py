"""S6: the office does not ask for what a shelter proposed."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.relief import RejectDispatch
from moyai_contracts.relief.ownership import require_receiver
from moyai_contracts.relief.states import DISPATCH, require_edge
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import use_case


def _reads(command: RejectDispatch, code6: str, scope: str) -> Iterable[str]:
    return keys.dispatch(scope, command.need_id, command.dispatch_id), keys.need(scope, command.need_id)


@use_case(RejectDispatch, roles="AC", reads=_reads)
def reject_dispatch(tx: Transaction, command: RejectDispatch) -> None:
    """A proposal held nothing, so nothing is given back. Refuses: `not_found`, `foreign_record`, `wrong_state`."""
    key = keys.dispatch(tx.scope, command.need_id, command.dispatch_id)
    dispatch = tx.movable(key)
    need = tx.need_document(keys.need(tx.scope, command.need_id))
    require_receiver(tx, need["code6"], need["site_id"])
    require_edge(DISPATCH, dispatch, "rejected")
    tx.edit(key, dispatch, state="rejected", reason=command.reason)
    tx.emit(need_id=command.need_id, dispatch_id=command.dispatch_id, offer_id=dispatch["offer_id"],
            site=need["site_id"], quantity=dispatch["quantity"], reason=command.reason)
