"""All needs of a site still hold."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import ConfirmNeeds
from moyai_contracts.relief.ownership import require_receiver
from moyai_contracts.transaction import Transaction, business
from moyai_contracts.use_case import use_case


def _reads(command: ConfirmNeeds, code6: str, scope: str) -> Iterable[str]:
    return (keys.site_status(scope, command.code6, command.site),)


@use_case(ConfirmNeeds, roles="ACS", reads=_reads)
def confirm_needs(tx: Transaction, command: ConfirmNeeds) -> None:
    """Refuses: `not_found` (a site without status never had needs), `time_out_of_range`, `foreign_record`."""
    key = keys.site_status(tx.scope, command.code6, command.site)
    status = tx.replaceable(key)
    if status is None:
        raise Refusal("not_found")
    tx.require_past(command.made_at)
    require_receiver(tx, command.code6, command.site)
    # A confirmation that waited in a queue does not make a later one older.
    confirmed_at = max(status.get("confirmed_at", 0), command.made_at or tx.at)
    tx.put(key, business(status) | {"confirmed_at": confirmed_at})
    tx.emit(code6=command.code6, site=command.site, confirmed_at=confirmed_at, made_at=command.made_at,
            queued=command.queued)
