"""S1: what a site needs has changed."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import ChangeNeed
from moyai_contracts.relief.bookkeeping import deltas
from moyai_contracts.relief.ownership import require_receiver
from moyai_contracts.relief.states import require_state
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import use_case

_FIELDS = ("quantity", "attributes", "needed_by", "priority", "note")


def _reads(command: ChangeNeed, code6: str, scope: str) -> Iterable[str]:
    return (keys.need(scope, command.need_id),)


@use_case(ChangeNeed, roles="ACS", reads=_reads)
def change_need(tx: Transaction, command: ChangeNeed) -> None:
    """Refuses: `not_found`, `stale_revision`, `foreign_record`, `wrong_state`, `below_committed`."""
    key = keys.need(tx.scope, command.need_id)
    need = tx.editable(key, command.rev)
    require_receiver(tx, need["code6"], need["site_id"])
    require_state(need, "open")
    changes = {name: value for name in _FIELDS if (value := getattr(command, name)) is not None}
    after = need | changes
    if after["quantity"] < need["committed"]:
        raise Refusal("below_committed", committed=need["committed"])
    tx.edit(key, after)
    tx.emit(need_id=command.need_id, site=need["site_id"], changed=sorted(changes), quantity=after["quantity"],
            deltas=deltas("need_id", command.need_id, need, after))
