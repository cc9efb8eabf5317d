"""S12: a drill ends for the own municipality."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.directory import CloseDrill
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import use_case


def _reads(command: CloseDrill, code6: str, scope: str) -> Iterable[str]:
    return [keys.drill(code6, command.drill_id)]


@use_case(CloseDrill, roles="A", reads=_reads)
def close_drill(tx: Transaction, command: CloseDrill) -> None:
    """Further commands of the scope are refused to this municipality. Refuses: `not_found`, `wrong_state`."""
    key = keys.drill(tx.code6, command.drill_id)
    drill = tx.movable(key)
    if drill["status"] != "open":
        raise Refusal("wrong_state", state=drill["status"])
    tx.edit(key, drill, status="closed")
    tx.emit(code6=tx.code6, drill_id=command.drill_id)
