"""S1: a closed need holds again."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.relief import ReopenNeed
from moyai_contracts.relief.ownership import require_receiver
from moyai_contracts.relief.states import NEED, require_edge
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import use_case


def _reads(command: ReopenNeed, code6: str, scope: str) -> Iterable[str]:
    return (keys.need(scope, command.need_id),)


@use_case(ReopenNeed, roles="ACS", reads=_reads)
def reopen_need(tx: Transaction, command: ReopenNeed) -> None:
    """Refuses: `not_found`, `stale_revision`, `foreign_record`, `wrong_state`."""
    key = keys.need(tx.scope, command.need_id)
    need = tx.editable(key, command.rev)
    require_receiver(tx, need["code6"], need["site_id"])
    require_edge(NEED, need, "open")
    tx.edit(key, need, state="open")
    tx.emit(need_id=command.need_id, site=need["site_id"], quantity=need["quantity"], committed=need["committed"])
