"""How a municipality wants its shelters to ask for dispatch."""
from __future__ import annotations

from moyai_contracts import keys
from moyai_contracts.api.directory import SetPolicy
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import CONFIRMED_KEY, use_case


@use_case(SetPolicy, roles="A", grade=CONFIRMED_KEY)
def set_policy(tx: Transaction, command: SetPolicy) -> None:
    """For the signer's own municipality. Refuses: `stale_revision`."""
    key = keys.municipality(tx.code6)
    municipality = tx.editable(key, command.rev)
    tx.edit(key, municipality, dispatch_approval=command.dispatch_approval)
    tx.emit(code6=tx.code6, dispatch_approval=command.dispatch_approval)
