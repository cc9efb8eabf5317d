"""Senders: accounts with their home municipality."""
from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from moyai_webui import rows
from moyai_webui.store.projection_tables import Account, Municipality
from moyai_webui.store.queries import named

Home = aliased(Municipality)
"""The municipality of an account, where another one stands in the same question."""


def party(session: Session, account_id: str) -> rows.Party | None:
    """The sender with an account."""
    found = session.execute(select(Account, Municipality).join(Municipality, Municipality.code6 == Account.m)
                            .where(Account.account_id == account_id)).one_or_none()
    return None if found is None else named.party(*found)
