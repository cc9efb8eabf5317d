"""An office vouches that an account meets a condition."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.directory import AttestAccount
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.directory.accounts import own_account
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import use_case

MAX_FLAGS = 20


def _reads(command: AttestAccount, code6: str, scope: str) -> Iterable[str]:
    return [keys.account(command.account_id)]


@use_case(AttestAccount, roles="C", reads=_reads)
def attest_account(tx: Transaction, command: AttestAccount) -> None:
    """A later word on the same condition replaces the earlier one. Refuses: `bad_argument` (days), `not_found`,
    `foreign_record`, `wrong_state` (closed), `too_many` (conditions)."""
    if command.valid_until is not None and command.valid_until < command.valid_from:
        raise Refusal("bad_argument", field="valid_until")
    key = keys.account(command.account_id)
    account = tx.movable(key)
    own_account(tx, command.account_id)
    if account["status"] == "closed":
        raise Refusal("wrong_state", state="closed")
    period = {"from": command.valid_from, "until": command.valid_until}
    attestations = account.get("attestations", {}) | {
        command.flag: {name: day for name, day in period.items() if day is not None}}
    if len(attestations) > MAX_FLAGS:
        raise Refusal("too_many", max=MAX_FLAGS)
    tx.edit(key, account, attestations=attestations)
    tx.emit(account_id=command.account_id, flag=command.flag, valid_from=command.valid_from,
            valid_until=command.valid_until)
