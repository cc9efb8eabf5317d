"""S3 and S4: the free part of an offer is taken back."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.relief import WithdrawOffer
from moyai_contracts.relief.bookkeeping import deltas, free
from moyai_contracts.relief.ownership import require_sender
from moyai_contracts.relief.states import OFFER, require_edge
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import use_case


def _reads(command: WithdrawOffer, code6: str, scope: str) -> Iterable[str]:
    return (keys.offer(scope, command.offer_id),)


@use_case(WithdrawOffer, roles="PAC", reads=_reads)
def withdraw_offer(tx: Transaction, command: WithdrawOffer) -> None:
    """Closes the offer; what is promised stays promised. Refuses: `not_found`, `stale_revision`,
    `foreign_record`, `wrong_state`."""
    key = keys.offer(tx.scope, command.offer_id)
    offer = tx.editable(key, command.rev)
    require_sender(tx, offer["supporter"], offer["home"])
    require_edge(OFFER, offer, "closed")
    after = offer | {"withdrawn": offer["withdrawn"] + free(offer), "state": "closed"}
    tx.edit(key, after)
    tx.emit(offer_id=command.offer_id, quantity=free(offer), deltas=deltas("offer_id", command.offer_id, offer, after))
