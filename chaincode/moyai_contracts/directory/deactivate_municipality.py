"""The members let a municipality go."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.directory import DeactivateMunicipality
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.directory.votes import require_majority
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import ACTIVE, CONFIRMED_KEY, use_case


def _reads(command: DeactivateMunicipality, code6: str, scope: str) -> Iterable[str]:
    return keys.municipality(command.code6), keys.roster()


@use_case(DeactivateMunicipality, roles="A", grade=CONFIRMED_KEY, reads=_reads)
def deactivate_municipality(tx: Transaction, command: DeactivateMunicipality) -> None:
    """Its records stay. Refuses: `not_found`, `wrong_state` (not active, or the last one), `votes_missing`."""
    key = keys.municipality(command.code6)
    municipality = tx.movable(key)
    roster = tx.need_document(keys.roster())
    remaining = [code6 for code6 in roster["codes"] if code6 != command.code6]
    # Without any active municipality nobody could ever vote again.
    if municipality["status"] != ACTIVE or not remaining:
        raise Refusal("wrong_state", state=municipality["status"])
    require_majority(tx, "municipality", {command.code6: key})
    tx.edit(key, municipality, status="left")
    tx.edit(keys.roster(), roster, codes=remaining)
    tx.emit(code6=command.code6)
