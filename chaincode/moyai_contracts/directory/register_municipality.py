"""A municipality asks to take part."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.directory import RegisterMunicipality
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import ACTIVE, CONSOLE, NODE_ADMIN, PENDING, UNKNOWN, use_case


def _reads(command: RegisterMunicipality, code6: str, scope: str) -> Iterable[str]:
    return keys.roster(), keys.municipality(command.code6), keys.msp(command.msp_id)


@use_case(RegisterMunicipality, services=(NODE_ADMIN, CONSOLE), unaccounted=(NODE_ADMIN, CONSOLE),
          admitted=(UNKNOWN, PENDING, ACTIVE), reads=_reads)
def register_municipality(tx: Transaction, command: RegisterMunicipality) -> None:
    """The very first one is active at once; the others wait for votes. Refuses: `foreign_record`, `id_reused`."""
    if command.msp_id != tx.creator.msp_id:
        raise Refusal("foreign_record")
    tx.new([keys.municipality(command.code6), keys.msp(command.msp_id)])
    # The check found no municipality for this MSP: from here on the command speaks for the new one.
    tx.code6 = command.code6
    is_first = tx.get(keys.roster()) is None
    status = ACTIVE if is_first else PENDING
    tx.create(keys.municipality(command.code6), {
        "name": command.name, "msp_id": command.msp_id, "status": status, "dispatch_approval": "none"})
    tx.create(keys.msp(command.msp_id), {"code6": command.code6})
    if is_first:
        tx.create(keys.roster(), {"codes": [command.code6]})
    tx.emit(code6=command.code6, name=command.name, msp_id=command.msp_id, status=status)
