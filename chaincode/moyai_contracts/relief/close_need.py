"""S1: nothing more is wanted."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import CloseNeed
from moyai_contracts.relief.ownership import require_receiver
from moyai_contracts.relief.states import NEED, require_edge
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import use_case


def _reads(command: CloseNeed, code6: str, scope: str) -> Iterable[str]:
    return (keys.need(scope, command.need_id),)


@use_case(CloseNeed, roles="ACS", reads=_reads)
def close_need(tx: Transaction, command: CloseNeed) -> None:
    """Dispatches under way stay. Refuses: `bad_argument` (no `rev`, though not queued), `not_found`,
    `stale_revision`, `time_out_of_range`, `foreign_record`, `wrong_state`."""
    if command.rev is None and not command.queued:
        raise Refusal("bad_argument", field="rev")
    key = keys.need(tx.scope, command.need_id)
    need = tx.movable(key) if command.rev is None else tx.editable(key, command.rev)
    tx.require_past(command.made_at)
    require_receiver(tx, need["code6"], need["site_id"])
    require_edge(NEED, need, "closed")
    tx.edit(key, need, state="closed")
    tx.emit(need_id=command.need_id, site=need["site_id"], reason=command.reason, quantity=need["quantity"],
            committed=need["committed"], made_at=command.made_at, queued=command.queued)
