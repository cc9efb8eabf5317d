"""S6: the sender cannot send what was asked."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.relief import DeclineDispatch
from moyai_contracts.relief.bookkeeping import DECLINED
from moyai_contracts.relief.ended_request import end_request
from moyai_contracts.relief.ownership import require_sender
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import use_case


def _reads(command: DeclineDispatch, code6: str, scope: str) -> Iterable[str]:
    return keys.dispatch(scope, command.need_id, command.dispatch_id), keys.need(scope, command.need_id)


@use_case(DeclineDispatch, roles="PAC", reads=_reads)
def decline_dispatch(tx: Transaction, command: DeclineDispatch) -> None:
    """What was asked is withdrawn from the offer, and the need stands again. Refuses: `not_found`,
    `foreign_record`, `wrong_state`."""
    dispatch = tx.movable(keys.dispatch(tx.scope, command.need_id, command.dispatch_id))
    require_sender(tx, dispatch["supporter"], dispatch["home"])
    end_request(tx, command.need_id, command.dispatch_id, dispatch, state="declined", posting=DECLINED,
                reason=command.reason)
