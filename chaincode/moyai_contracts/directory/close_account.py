"""An account ends for ever."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.directory import CloseAccount
from moyai_contracts.directory.accounts import move
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import CONSOLE, use_case


def _reads(command: CloseAccount, code6: str, scope: str) -> Iterable[str]:
    return [keys.account(command.account_id)]


@use_case(CloseAccount, roles="A", unaccounted=(CONSOLE,), reads=_reads)
def close_account(tx: Transaction, command: CloseAccount) -> None:
    """Refuses: `not_found`, `foreign_record`, `key_required` (officials), `not_permitted` (the own account),
    `wrong_state`."""
    move(tx, command.account_id, ("active", "suspended"), "closed")
    tx.emit(account_id=command.account_id, reason=command.reason)
