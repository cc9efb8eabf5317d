"""Offers with their senders and what they are aimed at."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from moyai_webui import rows
from moyai_webui.reading import OfferFilter
from moyai_webui.store.projection_tables import Account, Item, Municipality, Need, Offer, Site
from moyai_webui.store.queries import named
from moyai_webui.store.queries.paging import count, cut, has_words, today

Origin = aliased(Municipality)
Destination = aliased(Municipality)


def offers(session: Session, wanted: OfferFilter, now: datetime) -> rows.Page[rows.Offer]:
    statement = _offers().where(*_conditions(wanted, now))
    total, _ = count(session, statement)
    first = case((or_(Offer.supporter == wanted.first, Offer.home == wanted.first), 0), else_=1)
    ordered = statement.order_by(first, Offer.at.desc(), Offer.offer_id.desc())
    shown = session.execute(cut(ordered, wanted.page, wanted.size))
    return rows.Page(tuple(_offer(*row) for row in shown), total, wanted.page, wanted.size)


def offer(session: Session, offer_id: str) -> rows.Offer | None:
    found = session.execute(_offers().where(Offer.offer_id == offer_id)).one_or_none()
    return None if found is None else _offer(*found)


def _offers() -> Select[Any]:
    return (select(Offer, Account, Municipality, Origin, Item, Site, Destination)
            .join(Account, Account.account_id == Offer.supporter)
            .join(Municipality, Municipality.code6 == Offer.home)
            .outerjoin(Origin, Origin.code6 == Offer.ships_from)
            .outerjoin(Item, Item.item_code == Offer.item)
            .outerjoin(Need, Need.need_id == Offer.aimed_at)
            .outerjoin(Site, and_(Site.code6 == Need.code6, Site.site_id == Need.site_id))
            .outerjoin(Destination, Destination.code6 == Need.code6))


def _conditions(wanted: OfferFilter, now: datetime) -> Iterable[ColumnElement[bool]]:
    category = func.coalesce(Item.category, Offer.category)
    for column, value in ((Offer.home, wanted.home), (Offer.supporter, wanted.account),
                          (Offer.aimed_at, wanted.aimed_at), (Need.code6, wanted.aimed_municipality),
                          (Need.site_id, wanted.aimed_site), (category, wanted.category), (Offer.item, wanted.item)):
        if value:
            yield column == value
    if wanted.text:
        yield has_words(wanted.text, (func.coalesce(Item.name, Offer.item_name), Account.display_name,
                                      Municipality.name, func.coalesce(Site.name, "")))
    if wanted.status == "":
        yield and_(Offer.state == "open", or_(Account.status == "active", Offer.waiting > 0))
    elif wanted.status != "any":
        yield _status_is(wanted.status, now)


def _status_is(status: str, now: datetime) -> ColumnElement[bool]:
    """`rows.Offer.status` as a condition."""
    free = Offer.quantity - Offer.withdrawn - Offer.requested
    found = case(
        (Offer.state == "closed", "off"), (Offer.waiting > 0, "asked"),
        (and_(free == 0, Offer.requested > 0), "all"), (free == 0, "off"),
        (or_(Offer.available_until < today(now), Account.status != "active"), "late"), (Offer.requested > 0, "part"),
        else_="open")
    return found == status


def _offer(row: Offer, account: Account, home: Municipality, origin: Municipality | None, item: Item | None,
           site: Site | None, destination: Municipality | None) -> rows.Offer:
    return rows.Offer(
        offer_id=row.offer_id, rev=row.rev, sender=named.party(account, home),
        item=None if item is None else named.item(item), item_name=row.item_name,
        category=row.category if item is None else item.category, quantity=row.quantity, withdrawn=row.withdrawn,
        requested=row.requested, state=row.state, at=row.at,
        ships_from=row.ships_from if origin is None else origin.name, attributes=row.attributes,
        aimed_at=row.aimed_at or None,
        aimed_place=None if site is None or destination is None else named.place(site, destination),
        available_from=row.available_from, available_until=row.available_until, expires_on=row.expires_on,
        transport=row.transport, waiting=row.waiting,
        blocked=account.status != "active")
