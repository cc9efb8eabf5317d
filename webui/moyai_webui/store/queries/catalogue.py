"""Municipalities, items, sites, and how far the projection is."""
from __future__ import annotations

from typing import Any

from moyai_contracts.api.directory import COMMON
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from moyai_webui import rows
from moyai_webui.store.projection_tables import Cursor, DocumentHeight, Item, Municipality, Site, SiteStatus
from moyai_webui.store.queries import named
from moyai_webui.store.queries.paging import count, cut, has_words


def as_of(session: Session) -> rows.AsOf:
    cursor = session.scalars(select(Cursor)).one()
    return rows.AsOf(block=cursor.block, block_at=cursor.block_at, seen_at=cursor.seen_at)


def heights(session: Session) -> rows.DocumentHeights:
    return rows.DocumentHeights({row.topic: row.block for row in session.scalars(select(DocumentHeight))},
                                as_of(session).seen_at)


def municipalities(session: Session) -> tuple[rows.Municipality, ...]:
    return tuple(map(named_municipality, session.scalars(select(Municipality).order_by(Municipality.code6))))


def municipality(session: Session, code: str) -> rows.Municipality | None:
    found = session.get(Municipality, code)
    return None if found is None else named_municipality(found)


def items(session: Session, municipality: str, retired: bool) -> tuple[rows.Item, ...]:
    wanted = select(Item).where(Item.state == "active", or_(
        Item.item_code.startswith(f"{COMMON}-"), Item.item_code.startswith(f"{municipality}-", autoescape=True)))
    if not retired:
        wanted = wanted.where(Item.retired.is_(False))
    return tuple(map(named.item, session.scalars(wanted.order_by(Item.category, Item.item_code))))


def item(session: Session, code: str) -> rows.Item | None:
    found = session.get(Item, code)
    return None if found is None else named.item(found)


def sites(session: Session, municipality: str, *, text: str, kind: str, opened: bool | None, retired: bool,
          page: int, size: int) -> rows.Page[rows.Site]:
    wanted = _sites().where(Site.code6 == municipality)
    if text:
        wanted = wanted.where(has_words(text, (Site.name, Site.kana, Site.district, Site.address, Site.site_id)))
    if kind:
        wanted = wanted.where(Site.kind == kind)
    if opened is not None:
        is_open = SiteStatus.open.is_(True)
        wanted = wanted.where(is_open if opened else or_(SiteStatus.open.is_(None), SiteStatus.open.is_(False)))
    if not retired:
        wanted = wanted.where(Site.retired.is_(False))
    total, _ = count(session, wanted)
    shown = session.execute(cut(wanted.order_by(Site.kana, Site.name, Site.site_id), page, size))
    return rows.Page(tuple(_site(*row) for row in shown), total, page, size, total)


def site(session: Session, municipality: str, site_id: str) -> rows.Site | None:
    found = session.execute(_sites().where(Site.code6 == municipality, Site.site_id == site_id)).one_or_none()
    return None if found is None else _site(*found)


def _sites() -> Select[Any]:
    return (select(Site, Municipality, SiteStatus).join(Municipality, Municipality.code6 == Site.code6)
            .outerjoin(SiteStatus, and_(SiteStatus.code6 == Site.code6, SiteStatus.site_id == Site.site_id)))


def named_municipality(row: Municipality) -> rows.Municipality:
    return rows.Municipality(row.code6, row.name, row.status, row.dispatch_approval, row.msp_id, row.rev)


def _site(row: Site, municipality: Municipality, status: SiteStatus | None) -> rows.Site:
    return rows.Site(
        place=named.place(row, municipality), rev=row.rev, kana=row.kana, town_id=row.town_id, latitude=row.lat,
        longitude=row.lon, capacity_indoor=row.capacity_indoor, capacity_outdoor=row.capacity_outdoor,
        capacity_text=row.capacity_text, phone=row.phone, hazards=tuple(row.hazards), retired=row.retired,
        status=None if status is None else rows.SiteStatus(
            open=status.open, headcount=status.headcount, counted_at=status.counted_at,
            confirmed_at=status.confirmed_at, at=status.at))
