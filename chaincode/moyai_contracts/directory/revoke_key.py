"""A key is lost or retired: whatever it signs from now on is refused."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.command import ROLES
from moyai_contracts.api.directory import RevokeKey
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.directory.accounts import own_account
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import use_case


def _reads(command: RevokeKey, code6: str, scope: str) -> Iterable[str]:
    return keys.account(command.account_id), keys.actor_key(command.account_id, command.key_id)


@use_case(RevokeKey, roles="".join(ROLES), reads=_reads)
def revoke_key(tx: Transaction, command: RevokeKey) -> None:
    """By the account itself or an administrator; without a signature, for the key may be gone.

    Refuses: `not_found`, `foreign_record`, `not_permitted`, `wrong_state`.
    """
    own_account(tx, command.account_id)
    if tx.actor is None or (tx.actor.account != command.account_id and tx.actor.role != "A"):
        raise Refusal("not_permitted", roles="A")
    key = keys.actor_key(command.account_id, command.key_id)
    document = tx.movable(key)
    if document["status"] == "revoked":
        raise Refusal("wrong_state", state="revoked")
    tx.edit(key, document, status="revoked")
    tx.emit(account_id=command.account_id, key_id=command.key_id)
