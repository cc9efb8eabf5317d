"""S9: the receiver's office closes a difference. It moves no quantity."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.relief import ResolveDiscrepancy
from moyai_contracts.relief.ownership import require_settler
from moyai_contracts.relief.states import DISCREPANCY, require_edge
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import use_case


def _reads(command: ResolveDiscrepancy, code6: str, scope: str) -> Iterable[str]:
    return (keys.discrepancy(scope, command.package_id, command.discrepancy_id),
            keys.package(scope, command.package_id))


@use_case(ResolveDiscrepancy, roles="AC", reads=_reads)
def resolve_discrepancy(tx: Transaction, command: ResolveDiscrepancy) -> None:
    """Refuses: `not_found`, `foreign_record`, `wrong_state`."""
    key = keys.discrepancy(tx.scope, command.package_id, command.discrepancy_id)
    discrepancy = tx.movable(key)
    require_settler(tx, discrepancy, tx.get(keys.package(tx.scope, command.package_id)))
    require_edge(DISCREPANCY, discrepancy, "resolved")
    tx.edit(key, discrepancy, state="resolved", resolution=command.resolution)
    tx.emit(package_id=command.package_id, discrepancy_id=command.discrepancy_id, kind=discrepancy["kind"],
            resolution=command.resolution)
