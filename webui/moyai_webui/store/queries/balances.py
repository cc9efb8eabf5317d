"""What each open site of a municipality lacks and expects."""
from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from moyai_webui import rows
from moyai_webui.store.projection_tables import Discrepancy, Municipality, Need, Package, Site, SiteStatus
from moyai_webui.store.queries import named
from moyai_webui.store.queries.boxes import COMING
from moyai_webui.store.queries.paging import day_span


def site_balances(session: Session, municipality: str, day: date) -> tuple[rows.SiteBalance, ...]:
    needs = _per_site(session, Need, municipality, and_(Need.state == "open", Need.settled.is_(False)), (
        func.count(), _sum_if(and_(Need.priority == "urgent", Need.committed < Need.quantity))))
    begin, end = day_span(day)
    received = and_(Package.state == "received", Package.received_at >= begin, Package.received_at < end)
    packages = _per_site(session, Package, municipality, Package.package_id != "", (
        _sum_if(Package.state.in_(COMING)), _sum_if(received)))
    differences = _differences(session, municipality)
    sites = session.execute(
        select(Site, Municipality, SiteStatus)
        .join(SiteStatus, and_(SiteStatus.code6 == Site.code6, SiteStatus.site_id == Site.site_id))
        .join(Municipality, Municipality.code6 == Site.code6)
        .where(Site.code6 == municipality, SiteStatus.open.is_(True)))
    balances = [rows.SiteBalance(named.place(site, name), status.headcount, status.counted_at,
                                 *needs.get(site.site_id, (0, 0)), *packages.get(site.site_id, (0, 0)),
                                 differences.get(site.site_id, 0)) for site, name, status in sites]
    return tuple(sorted(balances, key=lambda one: (-one.urgent, -one.needs, -one.discrepancies, one.place.name,
                                                   one.place.site_id)))


def _per_site(session: Session, table: Any, municipality: str, condition: ColumnElement[bool],
              values: tuple[Any, ...]) -> dict[str, tuple[int, ...]]:
    found = session.execute(select(table.site_id, *values).where(table.code6 == municipality, condition)
                            .group_by(table.site_id))
    return {site_id: tuple(map(int, counted)) for site_id, *counted in found}


def _sum_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _differences(session: Session, municipality: str) -> dict[str, int]:
    found = session.execute(
        select(Package.site_id, func.count()).join(Discrepancy, Discrepancy.package_id == Package.package_id)
        .where(Package.code6 == municipality, Discrepancy.state != "resolved").group_by(Package.site_id))
    return {site_id: number for site_id, number in found}
