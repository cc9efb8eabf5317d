"""Needs with their derived figures."""
from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from moyai_webui import rows
from moyai_webui.reading import NeedFilter
from moyai_webui.store.projection_tables import Account, Item, Municipality, Need, Offer, Site, SiteStatus
from moyai_webui.store.queries import named
from moyai_webui.store.queries.paging import count, cut, has_words, today

_PLACE: ColumnElement[str] = Need.code6 + "/" + Need.site_id


def needs(session: Session, wanted: NeedFilter, now: datetime) -> rows.Page[rows.Need]:
    statement = _needs().where(*_conditions(wanted, now))
    total, places = count(session, statement, _PLACE)
    shown = session.execute(cut(statement.order_by(*_order(wanted)), wanted.page, wanted.size)).all()
    aimed = _aimed_free(session, [row[0].need_id for row in shown], today(now))
    return rows.Page(tuple(_need(*row, aimed) for row in shown), total, wanted.page, wanted.size, places)


def need(session: Session, need_id: str, now: datetime) -> rows.Need | None:
    found = session.execute(_needs().where(Need.need_id == need_id)).one_or_none()
    return None if found is None else _need(*found, _aimed_free(session, [need_id], today(now)))


def unexpired(day: date) -> ColumnElement[bool]:
    """Offers whose period and whose goods' date have not passed; a date without its day lasts until month's end.

    What a supporter offered who is blocked since, and nobody asked for, has expired too.
    """
    may_act = exists().where(Account.account_id == Offer.supporter, Account.status == "active")
    return and_(may_act, or_(Offer.available_until.is_(None), Offer.available_until >= day),
                func.substr(day.isoformat(), 1, func.length(Offer.expires_on)) <= Offer.expires_on)


def _needs() -> Select[Any]:
    return (select(Need, Site, Municipality, Item, SiteStatus)
            .join(Site, and_(Site.code6 == Need.code6, Site.site_id == Need.site_id))
            .join(Municipality, Municipality.code6 == Need.code6)
            .join(Item, Item.item_code == Need.item)
            .outerjoin(SiteStatus, and_(SiteStatus.code6 == Need.code6, SiteStatus.site_id == Need.site_id)))


def _conditions(wanted: NeedFilter, now: datetime) -> Iterable[ColumnElement[bool]]:
    for column, value in ((Need.code6, wanted.municipality), (Need.site_id, wanted.site_id),
                          (Site.kind, wanted.place_kind), (Item.category, wanted.category), (Need.item, wanted.item),
                          (Need.priority, wanted.priority)):
        if value:
            yield column == value
    if wanted.text:
        yield has_words(wanted.text, (Item.name, Site.name, Site.kana, Site.district, Site.address,
                                      Municipality.name))
    if wanted.due_before is not None:
        yield Need.needed_by < wanted.due_before
    yield _status(wanted.status, now)


def _status(status: str, now: datetime) -> ColumnElement[bool]:
    """`rows.Need.status` as a condition; "" is what the public list shows."""
    is_open = Need.state == "open"
    if status == "":
        return and_(is_open, Need.settled.is_(False))
    if status == "off":
        return Need.state == "closed"
    done, held = Need.received >= Need.quantity, Need.committed >= Need.quantity
    if status == "done":
        return and_(is_open, done)
    if status == "held":
        return and_(is_open, ~done, held)
    limit = now - rows.FRESH_FOR
    fresh = or_(Need.at >= limit, func.coalesce(SiteStatus.confirmed_at, Need.at) >= limit)
    lacking = and_(is_open, ~done, ~held)
    if status == "stale":
        return and_(lacking, ~fresh)
    return and_(lacking, fresh, Need.committed > 0 if status == "part" else Need.committed == 0)


def _order(wanted: NeedFilter) -> Iterable[Any]:
    if wanted.sort == "newest":
        return Need.at.desc(), Need.need_id.desc()
    urgent = (Need.priority_rank, Need.needed_by.asc().nulls_last(), Need.at, Need.need_id)
    if wanted.sort == "near" and wanted.near is not None:
        return _distance(*wanted.near).nulls_last(), *urgent
    return urgent


def _distance(latitude: int, longitude: int) -> Any:
    """The square of the distance, good enough to sort by: degrees of longitude are shorter than those of latitude."""
    south = (Site.lat - latitude) * 1.0
    west = (Site.lon - longitude) * math.cos(math.radians(latitude / 1e6))
    return (south * south + west * west).asc()


def _aimed_free(session: Session, need_ids: list[str], day: date) -> dict[str, int]:
    """Need → Σ free of the open, unexpired offers aimed at it."""
    free = func.sum(Offer.quantity - Offer.withdrawn - Offer.requested)
    found = session.execute(select(Offer.aimed_at, free).where(
        Offer.aimed_at.in_(need_ids), Offer.state == "open", unexpired(day)).group_by(Offer.aimed_at))
    return {need_id: int(quantity) for need_id, quantity in found}


def _need(row: Need, site: Site, municipality: Municipality, item: Item, status: SiteStatus | None,
          aimed_free: dict[str, int]) -> rows.Need:
    confirmed_at = status.confirmed_at if status is not None else None
    return rows.Need(
        need_id=row.need_id, rev=row.rev, place=named.place(site, municipality), item=named.item(item),
        quantity=row.quantity, committed=row.committed, in_transit=row.in_transit, received=row.received,
        aimed_free=aimed_free.get(row.need_id, 0), state=row.state, priority=row.priority, at=row.at,
        fresh_at=max(row.at, confirmed_at or row.at), account=row.account, attributes=row.attributes,
        needed_by=row.needed_by, headcount=row.headcount, note=row.note, settled=row.settled)
