"""E1: a device must not be believed any more: its key was copied, or it lies."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.devices import RevokeDevice
from moyai_contracts.devices.ended_service import end_service
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import CONSOLE, use_case


def _reads(command: RevokeDevice, code6: str, scope: str) -> Iterable[str]:
    return (keys.device(command.device_id),)


@use_case(RevokeDevice, roles="AC", unaccounted=(CONSOLE,), reads=_reads)
def revoke_device(tx: Transaction, command: RevokeDevice) -> None:
    """Its certificate is revoked at the device CA besides; what it sent before stays.

    Refuses: `not_found`, `foreign_record`, `wrong_state`.
    """
    end_service(tx, command.device_id, "revoked", command.reason)
