"""A site opens or closes, and says how many people are there."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import SetSiteStatus
from moyai_contracts.relief.ownership import require_receiver
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import use_case


def _reads(command: SetSiteStatus, code6: str, scope: str) -> Iterable[str]:
    return keys.site(command.code6, command.site), keys.site_status(scope, command.code6, command.site)


@use_case(SetSiteStatus, roles="ACS", reads=_reads)
def set_site_status(tx: Transaction, command: SetSiteStatus) -> None:
    """The last write wins. Refuses: `not_found`, `time_out_of_range`, `foreign_record`, `wrong_state` (a retired
    site does not open)."""
    key = keys.site_status(tx.scope, command.code6, command.site)
    before = tx.replaceable(key)
    site = tx.need_document(keys.site(command.code6, command.site))
    tx.require_past(command.counted_at, command.made_at)
    require_receiver(tx, command.code6, command.site)
    if command.open and site["retired"]:
        raise Refusal("wrong_state", state="retired")
    counted_at = None
    if command.headcount is not None:
        counted_at = command.counted_at or command.made_at or tx.at
    tx.put(key, {"open": command.open, "headcount": command.headcount, "counted_at": counted_at,
                 "confirmed_at": before.get("confirmed_at") if before else None})
    tx.emit(code6=command.code6, site=command.site, open=command.open, headcount=command.headcount,
            counted_at=counted_at, made_at=command.made_at, queued=command.queued)
