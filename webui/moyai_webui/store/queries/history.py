"""What happened: the list of all entries, and one record's whole story."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from moyai_webui import rows
from moyai_webui.reading import RecordFilter
from moyai_webui.store.projection_tables import (
    Dispatch, Entry, EntryLink, Item, LedgerTransaction, Municipality, Offer, Package, PackageLine, Site)
from moyai_webui.store.queries import boxes, named, needs, offers
from moyai_webui.store.queries.paging import count, cut, day_span, has_words

_NEWEST_FIRST = (Entry.block.desc(), Entry.number.desc(), Entry.part.desc())


def records(session: Session, wanted: RecordFilter) -> rows.Page[rows.Entry]:
    statement = _entries().where(*_conditions(wanted))
    total, _ = count(session, statement)
    shown = session.execute(cut(statement.order_by(*_NEWEST_FIRST), wanted.page, wanted.size))
    return rows.Page(tuple(_entry(*row) for row in shown), total, wanted.page, wanted.size)


def entries_of(session: Session, transaction_id: str) -> tuple[rows.Entry, ...]:
    found = session.execute(_entries().where(Entry.tx_id == transaction_id).order_by(*_NEWEST_FIRST))
    return tuple(_entry(*row) for row in found)


def timeline(session: Session, record_id: str, now: datetime) -> rows.Timeline | None:
    need_ids, offer_ids, package_ids = _related(session, record_id)
    told = _linked(EntryLink.ref == record_id)
    if package_ids == [record_id] or _is_dispatch(session, record_id):
        # The story of a box begins with its need and offer; what other boxes did to these is not part of it.
        theirs = _linked(EntryLink.ref.in_([*need_ids, *offer_ids]), EntryLink.own)
        own = select(PackageLine.dispatch_id).where(PackageLine.package_id.in_(package_ids)).scalar_subquery()
        told = or_(told, theirs, _linked(EntryLink.ref.in_(own)))
    entries = session.execute(_entries().where(told).order_by(*_NEWEST_FIRST)).all()
    if not entries:
        return None
    found = boxes.by_ids(session, package_ids[:1])
    return rows.Timeline(
        record_id=record_id, entries=tuple(_entry(*row) for row in entries),
        need=needs.need(session, need_ids[0], now) if need_ids else None,
        offer=offers.offer(session, offer_ids[0]) if offer_ids else None,
        package=next(iter(found.values()), None))


def _related(session: Session, record_id: str) -> tuple[list[str], list[str], list[str]]:
    """Needs, offers and boxes whose story a record is part of."""
    if session.scalar(select(exists().where(Package.package_id == record_id))):
        lines = select(PackageLine.need_id, Dispatch.offer_id, PackageLine.package_id).join(
            Dispatch, and_(Dispatch.need_id == PackageLine.need_id, Dispatch.dispatch_id == PackageLine.dispatch_id))
        found = session.execute(lines.where(PackageLine.package_id == record_id).order_by(PackageLine.number)).all()
        return ([row.need_id for row in found], [row.offer_id for row in found], [record_id])
    dispatch = session.scalars(select(Dispatch).where(Dispatch.dispatch_id == record_id)).first()
    if dispatch is not None:
        return [dispatch.need_id], [dispatch.offer_id], list(dispatch.packages)
    if session.scalar(select(exists().where(Offer.offer_id == record_id))):
        return [], [record_id], []
    return [record_id], [], []


def _is_dispatch(session: Session, record_id: str) -> bool:
    return session.scalar(select(exists().where(Dispatch.dispatch_id == record_id))) or False


def _entries() -> Select[Any]:
    return (select(Entry, Municipality, Site, Item)
            .join(Municipality, Municipality.code6 == Entry.m)
            .outerjoin(Site, and_(Site.code6 == Entry.m, Site.site_id == Entry.site))
            .outerjoin(Item, Item.item_code == Entry.item))


def _linked(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(EntryLink.block == Entry.block, EntryLink.number == Entry.number,
                          EntryLink.part == Entry.part, *conditions)


def _conditions(wanted: RecordFilter) -> Iterable[ColumnElement[bool]]:
    for ref in (wanted.municipality, wanted.office):
        if ref:
            yield _linked(EntryLink.ref == ref)
    if wanted.account:
        yield _linked(or_(EntryLink.ref == wanted.account, EntryLink.ref.in_(
            select(Offer.offer_id).where(Offer.supporter == wanted.account))))
    if wanted.transaction:
        yield Entry.transaction == wanted.transaction
    if wanted.day_from is not None:
        yield Entry.at >= day_span(wanted.day_from)[0]
    if wanted.day_to is not None:
        yield Entry.at < day_span(wanted.day_to)[1]
    if wanted.text:
        yield _text(wanted.text)


def _text(text: str) -> ColumnElement[bool]:
    """A record's number, a receipt's number or transaction id, or words of item and place."""
    code = text.upper().replace("-", "")
    sent = exists().where(LedgerTransaction.block == Entry.block, LedgerTransaction.number == Entry.number,
                          LedgerTransaction.op.startswith(code, autoescape=True))
    return or_(_linked(EntryLink.ref == code), Entry.tx_id == text.lower(), sent,
               has_words(text, (Item.name, Site.name, Municipality.name)))


def _entry(row: Entry, municipality: Municipality, site: Site | None, item: Item | None) -> rows.Entry:
    return rows.Entry(
        event=row.event, transaction=row.transaction, record_id=row.record_id, at=row.at,
        municipality=municipality.name, account=row.account, role=row.role, office=row.office,
        place=None if site is None else named.place(site, municipality), tx_id=row.tx_id, block=row.block,
        number=row.number + 1, data=row.data, item=None if item is None else named.item(item),
        attested=row.attested)
