"""E1: a device ends its service."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.devices import RetireDevice
from moyai_contracts.devices.ended_service import end_service
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import use_case


def _reads(command: RetireDevice, code6: str, scope: str) -> Iterable[str]:
    return (keys.device(command.device_id),)


@use_case(RetireDevice, roles="AC", reads=_reads)
def retire_device(tx: Transaction, command: RetireDevice) -> None:
    """What it counted stays, and may still be written into the month's totals.

    Refuses: `not_found`, `foreign_record`, `wrong_state`.
    """
    end_service(tx, command.device_id, "retired", command.reason)
