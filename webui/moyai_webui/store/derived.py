"""Figures that follow from other rows: what is on its way to a need and received, what an offer waits with.

They are computed anew from the rows themselves for whatever a block touched, so that no delta can be lost.
"""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from moyai_contracts.api.identifiers import PACKAGE_PATTERN
from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, select, update
from moyai_database.database import insert_new

from moyai_webui.projection.changes import BlockChanges
from moyai_webui.store.projection_tables import (
    Account, Discrepancy, Dispatch, EntryLink, Need, Offer, Package, PackageLine)

AT_ONCE = 500
ON_THE_WAY = ("shipped", "handed_over")
GONE = ("lost", "recalled")
_PACKAGE = re.compile(PACKAGE_PATTERN)


def recompute(connection: Connection, changes: BlockChanges) -> None:
    """Brings the derived columns of all rows that a block touched up to date."""
    for scope, chunk in _touched(changes, ("package", "package_id"), ("discrepancy", "package_id")):
        connection.execute(delete(PackageLine).where(
            PackageLine.scope == scope, PackageLine.package_id.in_(chunk), PackageLine.number > _line_count()))
        connection.execute(update(Package).where(Package.scope == scope, Package.package_id.in_(chunk)).values(
            sender=_sender(), discrepancy=_discrepancy()))
    for scope, chunk in _touched(changes, ("need", "need_id"), ("dispatch", "need_id"), ("package_line", "need_id")):
        connection.execute(update(Need).where(Need.scope == scope, Need.need_id.in_(chunk)).values(
            in_transit=_lines(_quantity_in(ON_THE_WAY)), received=_lines(PackageLine.good),
            settled=_shipped() - _lines(_written_off()) >= Need.quantity))
    for scope, chunk in _touched(changes, ("offer", "offer_id"), ("dispatch", "offer_id")):
        connection.execute(update(Offer).where(Offer.scope == scope, Offer.offer_id.in_(chunk)).values(
            waiting=_waiting()))
    _link_boxes(connection, changes)


def _touched(changes: BlockChanges, *columns: tuple[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Scope and ids, by the hundred, of the records that rows of a block name in these columns of tables."""
    ids: dict[str, set[str]] = {}
    for table, column in columns:
        for row in changes.rows(table):
            ids.setdefault(row["scope"], set()).add(row[column])
    for scope, found in ids.items():
        yield from ((scope, chunk) for chunk in _chunks(found))


def _link_boxes(connection: Connection, changes: BlockChanges) -> None:
    """What happens to a box concerns its destination and its sender, whether or not the event names them."""
    for chunk in _chunks({link["ref"] for link in changes.rows("entry_link") if _PACKAGE.fullmatch(link["ref"])}):
        boxes = {box.package_id: box for box in connection.execute(
            select(Package.package_id, Package.code6, Package.site_id, Package.sender, Account.m)
            .join(Account, Account.account_id == Package.sender).where(Package.package_id.in_(chunk)))}
        insert_new(connection, EntryLink.__table__, [
            {**link, "ref": ref, "own": False}
            for link in changes.rows("entry_link") if (box := boxes.get(link["ref"])) is not None
            for ref in (box.code6, f"{box.code6}/{box.site_id}", box.sender, box.m)])


def _chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    ordered = iter(sorted(ids))
    while chunk := list(islice(ordered, AT_ONCE)):
        yield chunk


def _line_count() -> Any:
    """Of the line's box as it now is: a line may have left it."""
    return (select(Package.line_count).where(
        Package.scope == PackageLine.scope, Package.package_id == PackageLine.package_id)
        .correlate(PackageLine).scalar_subquery())


def _sender() -> Any:
    """The supporter of the box's first line."""
    return func.coalesce(
        select(Dispatch.supporter).join(PackageLine, and_(
            PackageLine.scope == Dispatch.scope, PackageLine.need_id == Dispatch.need_id,
            PackageLine.dispatch_id == Dispatch.dispatch_id))
        .where(PackageLine.scope == Package.scope, PackageLine.package_id == Package.package_id,
               PackageLine.number == 1)
        .correlate(Package).scalar_subquery(), "")


def _discrepancy() -> Any:
    """The state of the difference that is furthest from its end."""
    rank = case({"open": 0, "acknowledged": 1}, value=Discrepancy.state, else_=2)
    return func.coalesce(
        select(Discrepancy.state)
        .where(Discrepancy.scope == Package.scope, Discrepancy.package_id == Package.package_id)
        .order_by(rank, Discrepancy.discrepancy_id).limit(1).correlate(Package).scalar_subquery(), "")


def _lines(value: ColumnElement[Any]) -> Any:
    """The sum of a value over the need's lines in boxes."""
    return (select(func.coalesce(func.sum(value), 0)).select_from(PackageLine)
            .join(Package, and_(Package.scope == PackageLine.scope, Package.package_id == PackageLine.package_id))
            .where(PackageLine.scope == Need.scope, PackageLine.need_id == Need.need_id)
            .correlate(Need).scalar_subquery())


def _quantity_in(states: tuple[str, ...]) -> ColumnElement[Any]:
    return case((Package.state.in_(states), PackageLine.quantity), else_=0)


def _written_off() -> ColumnElement[Any]:
    missing = PackageLine.short + PackageLine.damaged + PackageLine.refused
    return case((Package.state.in_(GONE), PackageLine.quantity), else_=func.coalesce(missing, 0))


def _shipped() -> Any:
    return (select(func.coalesce(func.sum(Dispatch.shipped), 0))
            .where(Dispatch.scope == Need.scope, Dispatch.need_id == Need.need_id).correlate(Need).scalar_subquery())


def _waiting() -> Any:
    return (select(func.count()).select_from(Dispatch)
            .where(Dispatch.scope == Offer.scope, Dispatch.offer_id == Offer.offer_id, Dispatch.state == "requested")
            .correlate(Offer).scalar_subquery())
