"""S3 and S4: the free part of an offer changes."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import ChangeOffer
from moyai_contracts.relief.bookkeeping import deltas, free
from moyai_contracts.relief.offer_terms import require_period
from moyai_contracts.relief.ownership import require_sender
from moyai_contracts.relief.states import require_state
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import use_case

_FIELDS = ("quantity", "available_from", "available_until", "expires_on", "transport")


def _reads(command: ChangeOffer, code6: str, scope: str) -> Iterable[str]:
    return (keys.offer(scope, command.offer_id),)


@use_case(ChangeOffer, roles="PAC", reads=_reads)
def change_offer(tx: Transaction, command: ChangeOffer) -> None:
    """Refuses: `not_found`, `stale_revision`, `foreign_record`, `wrong_state`, `bad_argument` (dates),
    `below_committed` with what is promised or was withdrawn."""
    key = keys.offer(tx.scope, command.offer_id)
    offer = tx.editable(key, command.rev)
    require_sender(tx, offer["supporter"], offer["home"])
    require_state(offer, "open")
    changes = {name: value for name in _FIELDS if (value := getattr(command, name)) is not None}
    after = offer | changes
    require_period(after.get("available_from"), after.get("available_until"))
    if free(after) < 0:
        raise Refusal("below_committed", committed=offer["requested"] + offer["withdrawn"])
    tx.edit(key, after)
    tx.emit(offer_id=command.offer_id, changed=sorted(changes), quantity=after["quantity"],
            deltas=deltas("offer_id", command.offer_id, offer, after))
