"""A suspension is lifted."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.directory import ResumeAccount
from moyai_contracts.directory.accounts import move
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import CONSOLE, use_case


def _reads(command: ResumeAccount, code6: str, scope: str) -> Iterable[str]:
    return [keys.account(command.account_id)]


@use_case(ResumeAccount, roles="A", unaccounted=(CONSOLE,), reads=_reads)
def resume_account(tx: Transaction, command: ResumeAccount) -> None:
    """Refuses: `not_found`, `foreign_record`, `key_required` (officials), `not_permitted` (the own account),
    `wrong_state`."""
    move(tx, command.account_id, ("suspended",), "active")
    tx.emit(account_id=command.account_id, reason=command.reason)
