"""Puts the mails that a block calls for into the outbox, in the database transaction of its rows."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from moyai_contracts.api.evidence import mail_id
from sqlalchemy import Connection, Select, and_, func, select
from moyai_database.database import insert_new

from moyai_webui.projection.changes import MailCause
from moyai_webui.store.home_tables import OutgoingMail
from moyai_webui.store.projection_tables import Dispatch, Item, Need, Offer, PackageLine


def put(connection: Connection, mails: Iterable[MailCause], now: datetime) -> None:
    """One row a cause, kind and recipient, however often the block is applied."""
    for cause in mails:
        for account, content in _recipients(connection, cause):
            row = {"mail_id": mail_id(cause.cause_tx, cause.kind, account or cause.site), "kind": cause.kind,
                   "cause_tx": cause.cause_tx, "account": account, "site": cause.site, "content": content,
                   "about": _about(connection, cause, content), "created_at": cause.at, "state": "waiting",
                   "attempts": 0, "next_attempt_at": now, "handed_at": None, "answer": "", "recorded": False}
            insert_new(connection, OutgoingMail.__table__, [row])


def _recipients(connection: Connection, cause: MailCause) -> list[tuple[str, dict[str, Any]]]:
    """Account (empty: the site) and content of each mail; a supporter hears of the own dispatches alone."""
    scope = {} if cause.scope == "live" else {"scope": cause.scope}
    if cause.site:
        return [("", dict(cause.content) | scope)]
    rows = connection.execute(select(Dispatch.supporter, Dispatch.need_id, Dispatch.dispatch_id).where(
        Dispatch.scope == cause.scope, Dispatch.dispatch_id.in_(cause.dispatches)).order_by(Dispatch.dispatch_id))
    theirs: dict[str, list[list[str]]] = {}
    for supporter, need_id, dispatch_id in rows:
        theirs.setdefault(supporter, []).append([need_id, dispatch_id])
    return [(supporter, {**cause.content, **scope, "dispatches": dispatches})
            for supporter, dispatches in theirs.items()]


def _about(connection: Connection, cause: MailCause, content: Mapping[str, Any]) -> str:
    """毛布 48枚, or 毛布 48枚 ほか2件."""
    goods = connection.execute(_goods(cause.kind, content, cause.scope)).all()
    if not goods:
        return ""
    name, quantity, unit = goods[0]
    more = f" ほか{len(goods) - 1}件" if len(goods) > 1 else ""
    return f"{name} {quantity:,}{unit or '個'}{more}"


def _goods(kind: str, content: Mapping[str, Any], scope: str) -> Select[Any]:
    if kind == "offer_registered":
        return (select(func.coalesce(Item.name, Offer.item_name), Offer.quantity, Item.base_unit)
                .outerjoin_from(Offer, Item, Item.item_code == Offer.item)
                .where(Offer.scope == scope, Offer.offer_id == content["offer_id"]))
    if kind == "consignment_shipped":
        return (_lines(scope).where(PackageLine.package_id.in_(content["packages"]))
                .order_by(PackageLine.package_id, PackageLine.number))
    dispatch_ids = [dispatch_id for _, dispatch_id in content["dispatches"]]
    if kind == "package_received":
        return (_lines(scope).where(PackageLine.package_id == content["package_id"],
                                    PackageLine.dispatch_id.in_(dispatch_ids)).order_by(PackageLine.number))
    return (select(Item.name, Dispatch.quantity, Item.base_unit)
            .join_from(Dispatch, Need, and_(Need.scope == Dispatch.scope, Need.need_id == Dispatch.need_id))
            .join(Item, Item.item_code == Need.item)
            .where(Dispatch.scope == scope, Dispatch.dispatch_id.in_(dispatch_ids)).order_by(Dispatch.dispatch_id))


def _lines(scope: str) -> Select[Any]:
    return select(Item.name, PackageLine.quantity, Item.base_unit).join_from(
        PackageLine, Item, Item.item_code == PackageLine.item).where(PackageLine.scope == scope)
