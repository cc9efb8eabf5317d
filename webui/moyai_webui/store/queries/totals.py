"""What was needed, sent and received, added up by place, sender and day for each item."""
from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from moyai_webui.store.derived import GONE, ON_THE_WAY
from moyai_webui.store.projection_tables import (
    Account, Arrival, Item, Municipality, Need, Package, PackageLine, Site,
)
from moyai_webui.store.queries import named
from moyai_webui.store.queries.paging import JST
from moyai_webui.totals.figures import Figures, TotalLine, Totals

Key = tuple[str, ...]
_MISSING = (func.coalesce(PackageLine.short, 0) + func.coalesce(PackageLine.damaged, 0)
            + func.coalesce(PackageLine.refused, 0))


def totals(session: Session, municipality: str = "") -> Totals:
    """`municipality`: the receiving one (code), empty for all. Three queries over the operation, whatever its size."""
    items = {row.item_code: named.item(row) for row in session.scalars(select(Item))}
    places = {(site.code6, site.site_id): named.place(site, town) for site, town in session.execute(
        select(Site, Municipality).join(Municipality, Municipality.code6 == Site.code6))}
    at_places = _at_places(session, municipality)
    senders = {account.account_id: named.party(account, town) for account, town in session.execute(
        select(Account, Municipality).join(Municipality, Municipality.code6 == Account.m)
        .where(Account.account_id.in_(select(Package.sender).distinct())))}
    return Totals(
        at_places=tuple(TotalLine(items[item], figures, place=places[code6, site_id])
                        for (code6, site_id, item), figures in sorted(at_places.items())),
        from_senders=tuple(TotalLine(items[item], figures, sender=senders[account])
                           for (account, item), figures in _from_senders(session, municipality)),
        boxes_on_days=_boxes_on_days(session, municipality))


def _at_places(session: Session, municipality: str) -> dict[Key, Figures]:
    found: dict[Key, Figures] = defaultdict(Figures)
    wanted = case((Need.state == "open", Need.quantity), else_=Need.committed)
    needs = select(Need.code6, Need.site_id, Need.item, func.sum(wanted), func.sum(Need.committed)).group_by(
        Need.code6, Need.site_id, Need.item)
    for code6, site_id, item, needed, committed in session.execute(_of(needs, Need.code6, municipality)):
        found[code6, site_id, item] += Figures(needed=int(needed), committed=int(committed))
    boxes = _boxes(Package.code6, Package.site_id, PackageLine.item)
    for code6, site_id, item, *figures in session.execute(_of(boxes, Package.code6, municipality)):
        found[code6, site_id, item] += _figures(figures)
    for code6, site_id, item, quantity in _unplanned(session, municipality):
        found[code6, site_id, item] += Figures(surplus=quantity)
    return found


def _from_senders(session: Session, municipality: str) -> Iterator[tuple[Key, Figures]]:
    boxes = _boxes(Package.sender, PackageLine.item).where(Package.sender != "")
    for account, item, *figures in session.execute(_of(boxes, Package.code6, municipality).order_by(
            Package.sender, PackageLine.item)):
        yield (account, item), _figures(figures)


def _boxes_on_days(session: Session, municipality: str) -> tuple[tuple[date, int], ...]:
    received = select(Package.received_at).where(Package.state == "received")
    days = Counter(at.astimezone(JST).date() for at in session.scalars(_of(received, Package.code6, municipality)))
    return tuple(sorted(days.items(), reverse=True))


def _boxes(*by: Any) -> Select[Any]:
    """Sums over the lines of boxes that have left: shipped, in transit, received, missing."""
    left = or_(Package.state.in_((*ON_THE_WAY, "received")), Package.state.in_(GONE))
    return (select(*by, func.sum(PackageLine.quantity), func.sum(_if(Package.state.in_(ON_THE_WAY))),
                   func.sum(func.coalesce(PackageLine.good, 0)), func.sum(_MISSING + _if(Package.state == "lost")))
            .select_from(Package).join(PackageLine, and_(
                PackageLine.scope == Package.scope, PackageLine.package_id == Package.package_id))
            .where(left).group_by(*by))


def _if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, PackageLine.quantity), else_=0)


def _figures(sums: list[Any]) -> Figures:
    shipped, in_transit, received, missing = map(int, sums)
    return Figures(shipped=shipped, in_transit=in_transit, received=received, missing=missing)


def _unplanned(session: Session, municipality: str) -> Iterator[tuple[str, str, str, int]]:
    """Place, item and quantity of what was found beyond the boxes' lines; things outside the catalogue are left out."""
    boxes = select(Package.code6, Package.site_id, Package.surplus_lines).where(Package.surplus > 0)
    arrivals = select(Arrival.code6, Arrival.site_id, Arrival.lines)
    for statement, code in ((boxes, Package.code6), (arrivals, Arrival.code6)):
        for code6, site_id, lines in session.execute(_of(statement, code, municipality)):
            yield from ((code6, site_id, line["item"], line["quantity"]) for line in lines if line.get("item"))


def _of(statement: Select[Any], code: Any, municipality: str) -> Select[Any]:
    return statement.where(code == municipality) if municipality else statement
