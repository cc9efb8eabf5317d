"""S9: the sender has seen that something was missing, damaged or too much."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import AcknowledgeDiscrepancy
from moyai_contracts.relief.boxes import is_sender_of
from moyai_contracts.relief.ownership import require_settler
from moyai_contracts.relief.states import DISCREPANCY, require_edge
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import use_case


def _reads(command: AcknowledgeDiscrepancy, code6: str, scope: str) -> Iterable[str]:
    return (keys.discrepancy(scope, command.package_id, command.discrepancy_id),
            keys.package(scope, command.package_id))


@use_case(AcknowledgeDiscrepancy, roles="PAC", reads=_reads)
def acknowledge_discrepancy(tx: Transaction, command: AcknowledgeDiscrepancy) -> None:
    """Of a box that the ledger does not know, nobody is the sender: the office that found it has seen it itself.

    Refuses: `not_found`, `foreign_record`, `wrong_state`.
    """
    key = keys.discrepancy(tx.scope, command.package_id, command.discrepancy_id)
    discrepancy = tx.movable(key)
    package = tx.get(keys.package(tx.scope, command.package_id))
    if package is None:
        require_settler(tx, discrepancy, package)
    elif not is_sender_of(tx, [package]):
        raise Refusal("foreign_record")
    require_edge(DISCREPANCY, discrepancy, "acknowledged")
    tx.edit(key, discrepancy, state="acknowledged")
    tx.emit(package_id=command.package_id, discrepancy_id=command.discrepancy_id, kind=discrepancy["kind"])
