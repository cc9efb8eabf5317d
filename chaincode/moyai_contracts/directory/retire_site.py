"""S10: a site takes no new needs any more."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.directory import RetireSite
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import use_case


def _reads(command: RetireSite, code6: str, scope: str) -> Iterable[str]:
    return [keys.site(code6, command.site_id)]


@use_case(RetireSite, roles="A", reads=_reads)
def retire_site(tx: Transaction, command: RetireSite) -> None:
    """Needs that are open stay. Refuses: `not_found`, `stale_revision`, `wrong_state`."""
    key = keys.site(tx.code6, command.site_id)
    site = tx.editable(key, command.rev)
    if site["retired"]:
        raise Refusal("wrong_state", state="retired")
    tx.edit(key, site, retired=True)
    tx.emit(site_id=command.site_id)
