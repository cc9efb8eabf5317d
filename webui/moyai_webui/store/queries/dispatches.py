"""Requests for dispatch."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from moyai_webui import rows
from moyai_webui.reading import DispatchFilter
from moyai_webui.store.projection_tables import Account, Dispatch, Item, Municipality, Need, Offer, Site
from moyai_webui.store.queries import boxes, named
from moyai_webui.store.queries.accounts import Home
from moyai_webui.store.queries.paging import JST, count, cut


def dispatches(session: Session, wanted: DispatchFilter) -> rows.Page[rows.Dispatch]:
    statement = _dispatches()
    for column, value in ((Dispatch.need_id, wanted.need_id), (Dispatch.offer_id, wanted.offer_id),
                          (Dispatch.supporter, wanted.sender), (Dispatch.home, wanted.sender_home),
                          (Dispatch.state, wanted.state), (Need.code6, wanted.municipality),
                          (Need.site_id, wanted.site_id)):
        if value:
            statement = statement.where(column == value)
    total, _ = count(session, statement)
    ordered = statement.order_by(Dispatch.requested_at.desc(), Dispatch.dispatch_id.desc())
    shown = session.execute(cut(ordered, wanted.page, wanted.size)).all()
    return rows.Page(_complete(session, shown), total, wanted.page, wanted.size)


def dispatch(session: Session, need_id: str, dispatch_id: str) -> rows.Dispatch | None:
    found = session.execute(_dispatches().where(Dispatch.need_id == need_id,
                                                Dispatch.dispatch_id == dispatch_id)).all()
    return _complete(session, found)[0] if found else None


def _dispatches() -> Select[Any]:
    return (select(Dispatch, Site, Municipality, Item, Offer, Account, Home)
            .join(Need, Need.need_id == Dispatch.need_id)
            .join(Site, and_(Site.code6 == Need.code6, Site.site_id == Need.site_id))
            .join(Municipality, Municipality.code6 == Need.code6)
            .join(Item, Item.item_code == Need.item)
            .join(Offer, Offer.offer_id == Dispatch.offer_id)
            .join(Account, Account.account_id == Dispatch.supporter)
            .join(Home, Home.code6 == Dispatch.home))


def _complete(session: Session, shown: Sequence[Any]) -> tuple[rows.Dispatch, ...]:
    found = boxes.by_ids(session, {package_id for row in shown for package_id in row[0].packages})
    return tuple(_dispatch(*row, found) for row in shown)


def _dispatch(row: Dispatch, site: Site, municipality: Municipality, item: Item, offer: Offer, account: Account,
              home: Municipality, found: dict[str, rows.Package]) -> rows.Dispatch:
    # The last moment of the day until which the sender may ship.
    ship_by = None if row.ship_by is None else datetime.combine(row.ship_by, time(23, 59, 59), JST)
    return rows.Dispatch(
        dispatch_id=row.dispatch_id, need_id=row.need_id, offer_id=row.offer_id, item=named.item(item),
        quantity=row.quantity, released=row.released, shipped=row.shipped, state=row.state,
        place=named.place(site, municipality), sender=named.party(account, home), requested_at=row.requested_at,
        requested_by=row.requested_by, expires_on=offer.expires_on, ship_by=ship_by,
        packages=tuple(found[package_id] for package_id in row.packages if package_id in found),
        reason=row.reason)
