"""A device goes out of use, in whatever way."""
from __future__ import annotations

from moyai_contracts import keys
from moyai_contracts.devices import tags
from moyai_contracts.devices.ownership import own_device, require_active
from moyai_contracts.transaction import Transaction


def end_service(tx: Transaction, device_id: str, state: str, reason: str) -> None:
    """Moves an active device to `state` and frees its tags: serial and supply point may be registered anew.

    Raises Refusal `not_found`, `foreign_record`, `wrong_state`.
    """
    key = keys.device(device_id)
    tx.movable(key)
    device = own_device(tx, device_id)
    require_active(device)
    tags.release(tx, device["tags"])
    tx.edit(key, device, state=state, tags=None)
    tx.emit(device_id=device_id, account=device["account"], reason=reason)
