"""The members admit a municipality."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.directory import ActivateMunicipality
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.directory.votes import require_majority
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import ACTIVE, CONFIRMED_KEY, use_case


def _reads(command: ActivateMunicipality, code6: str, scope: str) -> Iterable[str]:
    return keys.municipality(command.code6), keys.roster()


@use_case(ActivateMunicipality, roles="A", grade=CONFIRMED_KEY, reads=_reads)
def activate_municipality(tx: Transaction, command: ActivateMunicipality) -> None:
    """A pending one, or one that left. Refuses: `not_found`, `wrong_state`, `votes_missing`."""
    key = keys.municipality(command.code6)
    municipality = tx.movable(key)
    if municipality["status"] == ACTIVE:
        raise Refusal("wrong_state", state=ACTIVE)
    require_majority(tx, "municipality", {command.code6: key})
    roster = tx.need_document(keys.roster())
    tx.edit(key, municipality, status=ACTIVE)
    tx.edit(keys.roster(), roster, codes=[*roster["codes"], command.code6])
    tx.emit(code6=command.code6)
