"""A second administrator, or the console, vouches for a key."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.directory import ConfirmKey
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.directory.accounts import own_account
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import ACTIVE, CONFIRMED_KEY, CONSOLE, PENDING, use_case


def _reads(command: ConfirmKey, code6: str, scope: str) -> Iterable[str]:
    return keys.account(command.account_id), keys.actor_key(command.account_id, command.key_id)


@use_case(ConfirmKey, admitted=(PENDING, ACTIVE), roles="A", grade=CONFIRMED_KEY, unaccounted=(CONSOLE,), reads=_reads)
def confirm_key(tx: Transaction, command: ConfirmKey) -> None:
    """Refuses: `not_found`, `foreign_record`, `self_confirmation`, `key_revoked`, `wrong_state`."""
    key = keys.actor_key(command.account_id, command.key_id)
    document = tx.movable(key)
    own_account(tx, command.account_id)
    if tx.actor is not None and tx.actor.account == command.account_id:
        raise Refusal("self_confirmation")
    if document["status"] != "active":
        raise Refusal("key_revoked")
    if document["grade"] == "confirmed":
        raise Refusal("wrong_state", state="confirmed")
    tx.edit(key, document, grade="confirmed")
    tx.emit(account_id=command.account_id, key_id=command.key_id)
