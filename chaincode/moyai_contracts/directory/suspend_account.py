"""An account may do nothing until it is resumed."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.directory import SuspendAccount
from moyai_contracts.directory.accounts import move
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import CONSOLE, use_case


def _reads(command: SuspendAccount, code6: str, scope: str) -> Iterable[str]:
    return [keys.account(command.account_id)]


@use_case(SuspendAccount, roles="A", unaccounted=(CONSOLE,), reads=_reads)
def suspend_account(tx: Transaction, command: SuspendAccount) -> None:
    """Refuses: `not_found`, `foreign_record`, `key_required` (officials), `not_permitted` (the own account),
    `wrong_state`."""
    move(tx, command.account_id, ("active",), "suspended")
    tx.emit(account_id=command.account_id, reason=command.reason)
