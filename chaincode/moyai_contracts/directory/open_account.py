"""Accounts are opened: by administrators for officials, by clerks for residents, by supporters for themselves."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.command import Actor
from moyai_contracts.api.directory import AccountLine, OpenAccount
from moyai_contracts.api.identifiers import code6_of
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.directory.accounts import OFFICIALS, SUPPORTERS, is_official, require_fitting, require_nameable
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import ACTIVE, CONFIRMED_KEY, CONSOLE, PENDING, SERVICE, WEBUI, use_case


def _wanted(command: OpenAccount) -> frozenset[str]:
    return frozenset(role for line in command.accounts for role in line.roles)


def _roles(command: OpenAccount) -> str:
    if is_official(_wanted(command)):
        return "A"
    return "P" if _wanted(command) == SUPPORTERS else "AC"


def _grade(command: OpenAccount) -> str:
    return CONFIRMED_KEY if is_official(_wanted(command)) else SERVICE


def _unaccounted(command: OpenAccount) -> tuple[str, ...]:
    if _wanted(command) <= OFFICIALS:
        return (CONSOLE,)
    return (WEBUI,) if _wanted(command) == SUPPORTERS else ()


def _opens(command: OpenAccount, actor: Actor) -> bool:
    return _wanted(command) == SUPPORTERS and command.accounts[0].account_id == actor.account


def _reads(command: OpenAccount, code6: str, scope: str) -> Iterable[str]:
    return [keys.account(line.account_id) for line in command.accounts]


@use_case(OpenAccount, admitted=(PENDING, ACTIVE), roles=_roles, grade=_grade, unaccounted=_unaccounted, opens=_opens,
          reads=_reads)
def open_account(tx: Transaction, command: OpenAccount) -> None:
    """Refuses: `bad_argument` (roles, office, name), `foreign_record`, `not_permitted`, `id_reused`."""
    for line in command.accounts:
        _check(tx, command, line)
    tx.new(keys.account(line.account_id) for line in command.accounts)
    for line in command.accounts:
        tx.create(keys.account(line.account_id), {
            "roles": list(line.roles), "office": line.office, "party": line.party,
            "display_name": line.display_name, "status": "active"})
    tx.emit(accounts=[{"account_id": line.account_id, "roles": list(line.roles), "office": line.office}
                      for line in command.accounts])


def _check(tx: Transaction, command: OpenAccount, line: AccountLine) -> None:
    require_fitting(line.roles, line.office)
    require_nameable(line.party, line.display_name)
    tx.require_own(code6_of(line.office))
    if "P" in line.roles:
        _require_itself(tx, command, line)


def _require_itself(tx: Transaction, command: OpenAccount, line: AccountLine) -> None:
    """A supporter's account is opened alone, by nobody else."""
    is_itself = tx.actor is None or tx.actor.account == line.account_id
    if len(command.accounts) > 1 or not is_itself:
        raise Refusal("not_permitted", roles="P")
