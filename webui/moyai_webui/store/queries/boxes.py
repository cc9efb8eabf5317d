"""Boxes: what is in them, who sent them, where they are, and what was different."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from moyai_webui import rows
from moyai_webui.operation_rows import ArrivedItem
from moyai_webui.reading import PackageFilter
from moyai_webui.store.projection_tables import (
    Account, Consignment, Discrepancy, Dispatch, Item, Municipality, Package, PackageLine, Site)
from moyai_webui.store.queries import named
from moyai_webui.store.queries.accounts import Home
from moyai_webui.store.queries.paging import count, cut, day_span, has_words

ON_THE_WAY = ("shipped", "handed_over")
COMING = ("labelled", *ON_THE_WAY)


def packages(session: Session, wanted: PackageFilter) -> rows.Page[rows.Package]:
    statement = _packages().where(*_conditions(wanted))
    total, places = count(session, statement, Package.code6 + "/" + Package.site_id)
    shown = session.execute(cut(statement.order_by(*_order(wanted.stage)), wanted.page, wanted.size)).all()
    return rows.Page(_complete(session, shown), total, wanted.page, wanted.size, places)


def package(session: Session, package_id: str) -> rows.Package | None:
    return by_ids(session, [package_id]).get(package_id)


def by_ids(session: Session, package_ids: Iterable[str]) -> dict[str, rows.Package]:
    """Id → box."""
    shown = session.execute(_packages().where(Package.package_id.in_(list(package_ids)))).all()
    return {box.package_id: box for box in _complete(session, shown)}


def arrival_counts(session: Session, wanted: PackageFilter, day: date) -> rows.ArrivalCounts:
    here = list(_place(wanted))
    begin, end = day_span(day)
    differing = (select(Discrepancy.package_id).where(Discrepancy.state != "resolved").scalar_subquery())
    late = and_(Package.state.in_(ON_THE_WAY), Consignment.expected_on < day)

    def boxes(*conditions: ColumnElement[bool]) -> int:
        return count(session, _packages().where(*here, *conditions))[0]

    return rows.ArrivalCounts(
        received=boxes(Package.state == "received", Package.received_at >= begin, Package.received_at < end),
        in_transit=boxes(Package.state.in_(ON_THE_WAY)),
        discrepancies=boxes(Package.package_id.in_(differing)), late=boxes(late))


def arrived_items(session: Session, wanted: PackageFilter) -> tuple[ArrivedItem, ...]:
    """What has come and is to come to the filter's place, item by item."""
    received, coming = Package.state == "received", Package.state.in_(COMING)

    def of(condition: ColumnElement[bool], value: Any) -> Any:
        return func.coalesce(func.sum(case((condition, value), else_=0)), 0)

    statement = (select(
        Item, func.count(case((received, Package.package_id)).distinct()), of(received, PackageLine.good),
        of(received, PackageLine.damaged + PackageLine.refused), of(received, PackageLine.short),
        of(coming, PackageLine.quantity))
        .join(PackageLine, PackageLine.item == Item.item_code)
        .join(Package, Package.package_id == PackageLine.package_id)
        .join(Site, and_(Site.code6 == Package.code6, Site.site_id == Package.site_id))
        .join(Account, Account.account_id == Package.sender)
        .where(*_place(wanted), or_(received, coming))
        .group_by(Item.item_code).order_by(Item.category, Item.item_code))
    return tuple(ArrivedItem(named.item(item), *(int(number) for number in numbers))
                 for item, *numbers in session.execute(statement).all())


def discrepancies(session: Session, *, municipality: str, site_id: str, sender: str, sender_home: str,
                  unresolved: bool, page: int, size: int) -> rows.Page[rows.Discrepancy]:
    statement = (select(Discrepancy).join(Package, Package.package_id == Discrepancy.package_id)
                 .join(Account, Account.account_id == Package.sender))
    for columns, value in (((Package.code6, Discrepancy.found_code6), municipality),
                           ((Package.site_id, Discrepancy.found_site), site_id),
                           ((Package.sender,), sender), ((Account.m,), sender_home)):
        if value:
            statement = statement.where(or_(*(column == value for column in columns)))
    if unresolved:
        statement = statement.where(Discrepancy.state != "resolved")
    total, _ = count(session, statement)
    shown = session.scalars(cut(statement.order_by(Discrepancy.at.desc(), Discrepancy.discrepancy_id), page, size))
    return rows.Page(_with_boxes(session, shown.all()), total, page, size)


def discrepancy(session: Session, package_id: str, discrepancy_id: str) -> rows.Discrepancy | None:
    found = session.scalars(select(Discrepancy).join(Package, Package.package_id == Discrepancy.package_id).where(
        Discrepancy.package_id == package_id, Discrepancy.discrepancy_id == discrepancy_id)).one_or_none()
    return None if found is None else _with_boxes(session, [found])[0]


def _packages() -> Select[Any]:
    return (select(Package, Site, Municipality, Account, Home, Consignment)
            .join(Site, and_(Site.code6 == Package.code6, Site.site_id == Package.site_id))
            .join(Municipality, Municipality.code6 == Package.code6)
            .join(Account, Account.account_id == Package.sender)
            .join(Home, Home.code6 == Account.m)
            .outerjoin(Consignment, Consignment.consignment_id == Package.consignment_id))


def _place(wanted: PackageFilter) -> Iterable[ColumnElement[bool]]:
    for column, value in ((Package.code6, wanted.municipality), (Package.site_id, wanted.site_id),
                          (Site.kind, wanted.place_kind), (Package.sender, wanted.sender),
                          (Account.m, wanted.sender_home)):
        if value:
            yield column == value


def _conditions(wanted: PackageFilter) -> Iterable[ColumnElement[bool]]:
    yield from _place(wanted)
    if wanted.stage == "coming":
        yield Package.state.in_(COMING)
    elif wanted.stage == "received":
        yield Package.state == "received"
    if wanted.day is not None:
        begin, end = day_span(wanted.day)
        yield and_(Package.received_at >= begin, Package.received_at < end)
    if wanted.difference:
        yield Package.discrepancy != ""
    if wanted.text:
        contents = (select(func.count()).select_from(PackageLine).join(Item, Item.item_code == PackageLine.item)
                    .where(PackageLine.package_id == Package.package_id, has_words(wanted.text, (Item.name,)))
                    .correlate(Package).scalar_subquery())
        yield or_(contents > 0, has_words(wanted.text, (Package.package_id, Site.name, Account.display_name,
                                                        Home.name)))


def _order(stage: str) -> Iterable[Any]:
    if stage == "coming":
        return (Consignment.expected_on.asc().nulls_last(), Package.shipped_at.asc().nulls_last(),
                Package.requested_at, Package.package_id)
    newest = Package.received_at if stage == "received" else Package.requested_at
    return newest.desc(), Package.package_id


def _complete(session: Session, shown: Sequence[Any]) -> tuple[rows.Package, ...]:
    """Boxes with their lines and their number among the boxes of their dispatch."""
    ids = [row[0].package_id for row in shown]
    lines: dict[str, list[rows.Line]] = {package_id: [] for package_id in ids}
    numbers: dict[str, tuple[int, int]] = {}
    found = session.execute(
        select(PackageLine, Item, Dispatch.packages).join(Item, Item.item_code == PackageLine.item)
        .join(Dispatch, and_(Dispatch.need_id == PackageLine.need_id,
                             Dispatch.dispatch_id == PackageLine.dispatch_id))
        .where(PackageLine.package_id.in_(ids)).order_by(PackageLine.package_id, PackageLine.number))
    for line, item, boxes in found:
        lines[line.package_id].append(_line(line, item))
        if line.package_id in boxes:
            numbers.setdefault(line.package_id, (boxes.index(line.package_id) + 1, len(boxes)))
    return tuple(_package(*row, tuple(lines[row[0].package_id]), numbers.get(row[0].package_id, (1, 1)))
                 for row in shown)


def _line(row: PackageLine, item: Item) -> rows.Line:
    return rows.Line(need_id=row.need_id, dispatch_id=row.dispatch_id, item=named.item(item), quantity=row.quantity,
                     expires_on=row.expires_on, good=row.good, short=row.short, damaged=row.damaged,
                     refused=row.refused)


def _package(row: Package, site: Site, municipality: Municipality, account: Account, home: Municipality,
             consignment: Consignment | None, lines: tuple[rows.Line, ...],
             number: tuple[int, int]) -> rows.Package:
    return rows.Package(
        package_id=row.package_id, lines=lines, place=named.place(site, municipality),
        sender=named.party(account, home), label_serial=row.label_serial, state=row.state,
        requested_at=row.requested_at, requested_by=row.requested_by, number=number[0], boxes=number[1],
        carrier="" if consignment is None else consignment.carrier, shipped_at=row.shipped_at,
        expected_on=None if consignment is None else consignment.expected_on, received_at=row.received_at,
        attested=row.attested, unannounced=row.unannounced, surplus=row.surplus, discrepancy=row.discrepancy,
        route=tuple((hub["code6"], hub["site"]) for hub in row.route), leg=row.leg, weight_g=row.weight_g,
        handed_at=row.handed_at, reason=row.reason, repacked_into=tuple(row.repacked_into), corrected=row.corrected)


def _with_boxes(session: Session, found: Sequence[Discrepancy]) -> tuple[rows.Discrepancy, ...]:
    boxes = by_ids(session, {row.package_id for row in found})
    return tuple(rows.Discrepancy(
        package_id=row.package_id, discrepancy_id=row.discrepancy_id, kind=row.kind, state=row.state, at=row.at,
        package=boxes[row.package_id], resolution=row.resolution, received=row.received) for row in found)
