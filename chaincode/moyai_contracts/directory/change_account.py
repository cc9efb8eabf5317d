"""An account gets other roles, another office or name."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.directory import ChangeAccount
from moyai_contracts.api.identifiers import code6_of
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.directory.accounts import (
    own_account, require_fitting, require_grade, require_nameable, require_other)
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import CONSOLE, use_case


def _reads(command: ChangeAccount, code6: str, scope: str) -> Iterable[str]:
    return [keys.account(command.account_id)]


@use_case(ChangeAccount, roles="A", unaccounted=(CONSOLE,), reads=_reads)
def change_account(tx: Transaction, command: ChangeAccount) -> None:
    """What the command leaves out stays; the context stays too.

    Refuses: `not_found`, `foreign_record`, `key_required` (officials), `stale_revision`, `wrong_state` (closed),
    `bad_argument` (roles, office, name), `not_permitted` (the own account).
    """
    key = keys.account(command.account_id)
    account = own_account(tx, command.account_id)
    require_grade(tx, account)
    tx.editable(key, command.rev)
    require_other(tx, command.account_id)
    if account["status"] == "closed":
        raise Refusal("wrong_state", state="closed")
    roles = command.roles or tuple(account["roles"])
    office = command.office or account["office"]
    require_fitting(roles, office, before=account["roles"])
    require_nameable(account["party"], command.display_name)
    tx.require_own(code6_of(office))
    tx.edit(key, account, roles=list(roles), office=office,
            display_name=command.display_name or account.get("display_name"))
    tx.emit(account_id=command.account_id, roles=list(roles), office=office)
