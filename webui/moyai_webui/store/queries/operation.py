"""How a municipality runs its operation: what it takes no more of, its drills, and boxes that no receipt fits."""
from __future__ import annotations

from datetime import date

from moyai_contracts.api.relief import EVERY_ITEM
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from moyai_webui import operation_rows, rows
from moyai_webui.store.projection_tables import Arrival, Drill, Intake, Item, Municipality, Site
from moyai_webui.store.queries import named
from moyai_webui.store.queries.catalogue import named_municipality
from moyai_webui.store.queries.paging import count, cut


def intakes(session: Session, municipality: str, day: date) -> tuple[operation_rows.Intake, ...]:
    """The stops that hold on a day, those of everything first."""
    wanted = (select(Intake, Municipality, Item).join(Municipality, Municipality.code6 == Intake.code6)
              .outerjoin(Item, Item.item_code == Intake.item)
              .where(Intake.stopped.is_(True), Intake.until >= day))
    if municipality:
        wanted = wanted.where(Intake.code6 == municipality)
    ordered = wanted.order_by(Intake.item != EVERY_ITEM, Intake.code6, Intake.item)
    return tuple(operation_rows.Intake(
        named_municipality(town), None if item is None else named.item(item), row.until, row.note, row.at)
        for row, town, item in session.execute(ordered))


def drills(session: Session, municipality: str) -> tuple[operation_rows.Drill, ...]:
    found = session.scalars(select(Drill).where(Drill.code6 == municipality).order_by(Drill.at.desc(), Drill.scope))
    return tuple(operation_rows.Drill(
        code=row.code6, scope=row.scope, title=row.title, status=row.status, at=row.at, starts_on=row.starts_on,
        ends_on=row.ends_on, sites=tuple(row.sites)) for row in found)


def arrivals(session: Session, *, municipality: str, site_id: str, page: int,
             size: int) -> rows.Page[operation_rows.Arrival]:
    """Boxes that no receipt fits, newest first."""
    statement = (select(Arrival, Site, Municipality)
                 .join(Site, and_(Site.code6 == Arrival.code6, Site.site_id == Arrival.site_id))
                 .join(Municipality, Municipality.code6 == Arrival.code6))
    for column, value in ((Arrival.code6, municipality), (Arrival.site_id, site_id)):
        if value:
            statement = statement.where(column == value)
    total, _ = count(session, statement)
    ordered = statement.order_by(Arrival.at.desc(), Arrival.arrival_id)
    shown = session.execute(cut(ordered, page, size)).all()
    codes = {line["item"] for row, _, _ in shown for line in row.lines if "item" in line}
    items = {item.item_code: named.item(item) for item in session.scalars(select(Item).where(
        Item.item_code.in_(codes)))}
    return rows.Page(tuple(_arrival(*found, items) for found in shown), total, page, size)


def _arrival(row: Arrival, site: Site, municipality: Municipality,
             items: dict[str, rows.Item]) -> operation_rows.Arrival:
    return operation_rows.Arrival(
        arrival_id=row.arrival_id, place=named.place(site, municipality), reason=row.reason,
        lines=tuple(operation_rows.ArrivedLine(quantity=line["quantity"], item=items.get(line.get("item", "")),
                                               item_name=line.get("item_name", "")) for line in row.lines),
        label_seen=row.label_seen, note=row.note, scanned_at=row.scanned_at, queued=row.queued,
        attested=row.attested, clock_off=row.clock_off, account=row.account, at=row.at)
