"""S6: the receiver takes a request back, or nobody shipped in time."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import CancelDispatch
from moyai_contracts.business_date import is_over, japanese_date
from moyai_contracts.relief.bookkeeping import CANCELLED
from moyai_contracts.relief.ended_request import end_request
from moyai_contracts.relief.ownership import require_receiver
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import WORKER, use_case


def _reads(command: CancelDispatch, code6: str, scope: str) -> Iterable[str]:
    return keys.dispatch(scope, command.need_id, command.dispatch_id), keys.need(scope, command.need_id)


@use_case(CancelDispatch, roles="ACS", unaccounted=(WORKER,), reads=_reads)
def cancel_dispatch(tx: Transaction, command: CancelDispatch) -> None:
    """What was asked is on offer again. Refuses: `not_found`, `foreign_record`, `wrong_state` (also to the worker
    as long as `ship_by` has not passed)."""
    dispatch = tx.movable(keys.dispatch(tx.scope, command.need_id, command.dispatch_id))
    need = tx.need_document(keys.need(tx.scope, command.need_id))
    require_receiver(tx, need["code6"], need["site_id"])
    ship_by = dispatch.get("ship_by")
    overdue = ship_by is not None and is_over(ship_by, japanese_date(tx.at))
    if tx.actor is None and not overdue:
        raise Refusal("wrong_state", state=dispatch["state"])
    end_request(tx, command.need_id, command.dispatch_id, dispatch, state="cancelled", posting=CANCELLED,
                reason=command.reason)
