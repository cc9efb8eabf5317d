"""What accounts may be: roles that go together, offices, whose word opens or changes them."""
from __future__ import annotations

from typing import Iterable, Sequence

from moyai_contracts import keys
from moyai_contracts.api.identifiers import code6_of, is_site
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.transaction import Document, Transaction

OFFICIALS, SUPPORTERS = frozenset("ACSX"), frozenset("P")
CONTEXTS = (OFFICIALS, SUPPORTERS, frozenset("MHU"), frozenset("VRF"))
"""An account belongs to one context: roles of two would tie together what a person does in both."""


def is_official(roles: Iterable[str]) -> bool:
    """Whether an account with these roles acts for its municipality."""
    return not OFFICIALS.isdisjoint(roles)


def require_fitting(roles: Sequence[str], office: str, before: Sequence[str] = ()) -> None:
    """Roles, and those the account had before, are of one context, each named once; shelter staff belongs to a site.

    Raises Refusal `bad_argument`.
    """
    is_one_context = any(context.issuperset((*roles, *before)) for context in CONTEXTS)
    if len(set(roles)) < len(roles) or not is_one_context:
        raise Refusal("bad_argument", field="roles")
    if "S" in roles and not is_site(office):
        raise Refusal("bad_argument", field="office")


def require_nameable(party: str, display_name: str | None) -> None:
    """Only institutions are named on the ledger, or Refusal `bad_argument`."""
    if display_name is not None and party == "person":
        raise Refusal("bad_argument", field="display_name")


def own_account(tx: Transaction, account_id: str) -> Document:
    """An account of the own municipality. Raises Refusal `not_found`, `foreign_record`."""
    account = tx.need_document(keys.account(account_id))
    tx.require_own(code6_of(account["office"]))
    return account


def require_grade(tx: Transaction, account: Document) -> None:
    """An official's account is changed under a confirmed key, or Refusal `key_required`."""
    if is_official(account["roles"]):
        tx.require_confirmed_keys()


def require_other(tx: Transaction, account_id: str) -> None:
    """Nobody takes away the own authority: so at least one administrator stays. Refusal `not_permitted`."""
    if tx.actor is not None and tx.actor.account == account_id:
        raise Refusal("not_permitted", roles="ほかの管理者")


def move(tx: Transaction, account_id: str, sources: tuple[str, ...], target: str) -> None:
    """Moves an account of the own municipality from one of the states to another.

    Raises Refusal `not_found`, `foreign_record`, `key_required`, `not_permitted`, `wrong_state`.
    """
    account = own_account(tx, account_id)
    require_grade(tx, account)
    tx.movable(keys.account(account_id))
    require_other(tx, account_id)
    if account["status"] not in sources:
        raise Refusal("wrong_state", state=account["status"])
    tx.edit(keys.account(account_id), account, status=target)
