"""Whose offer, dispatch, need or box it is."""
from __future__ import annotations

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.transaction import Document, Transaction

OFFICIALS = frozenset("AC")


def require_sender(tx: Transaction, supporter: str, home: str) -> None:
    """The actor is the supporter, or an official of the office whose account offered for its municipality.

    Raises Refusal `foreign_record`.
    """
    if not is_sender(tx, supporter, home):
        raise Refusal("foreign_record")


def is_sender(tx: Transaction, supporter: str, home: str) -> bool:
    """Whether the actor may act for this supporter of municipality `home`."""
    if tx.actor is None or home != tx.code6:
        return False
    if tx.actor.account == supporter:
        return True
    account = tx.need_document(keys.account(supporter))
    return (_offers_for_office(account) and tx.actor.role in OFFICIALS
            and tx.actor.office in (account["office"], home))


def _offers_for_office(account: Document) -> bool:
    """An official's offer is the office's, whatever party the account was opened as."""
    return account["party"] == "municipality" or not OFFICIALS.isdisjoint(account["roles"])


def require_receiver(tx: Transaction, code6: str, site: str) -> None:
    """The destination is the actor's municipality and below its office, or Refusal `foreign_record`."""
    tx.require_own(code6)
    tx.require_cover(site)


def require_settler(tx: Transaction, discrepancy: Document, package: Document | None) -> None:
    """The office settles what concerns its boxes, and what was found at one of its sites though it belongs elsewhere.

    Raises Refusal `foreign_record`.
    """
    if tx.actor is None or tx.actor.role not in OFFICIALS:
        raise Refusal("foreign_record")
    if package is None or discrepancy["kind"] == "wrong_site":
        require_receiver(tx, discrepancy["received"]["code6"], discrepancy["received"]["site"])
    else:
        require_receiver(tx, package["to"]["code6"], package["to"]["site"])
