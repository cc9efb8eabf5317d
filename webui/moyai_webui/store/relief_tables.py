"""Tables of the projection for the context relief, and drills."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from moyai_webui.store.projection_base import Projection, Scoped


class SiteStatus(Scoped, Projection):
    __tablename__ = "site_status"

    code6: Mapped[str] = mapped_column(String(6), primary_key=True)
    site_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    open: Mapped[bool]
    headcount: Mapped[int | None]
    counted_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    at: Mapped[datetime]


class Need(Scoped, Projection):
    """Derived: `in_transit`, `received`, `settled` (what was shipped and not written off reaches the quantity)."""

    __tablename__ = "need"
    __table_args__ = (Index(None, "code6", "site_id"), Index(None, "state", "settled", "priority_rank", "needed_by"))

    need_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    code6: Mapped[str]
    site_id: Mapped[str]
    item: Mapped[str]
    attributes: Mapped[dict[str, Any]]
    quantity: Mapped[int]
    committed: Mapped[int]
    needed_by: Mapped[datetime | None]
    priority: Mapped[str]
    priority_rank: Mapped[int] = mapped_column(Integer)
    headcount: Mapped[int | None]
    note: Mapped[str]
    state: Mapped[str]
    rev: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)
    account: Mapped[str]
    in_transit: Mapped[int] = mapped_column(default=0)
    received: Mapped[int] = mapped_column(default=0)
    settled: Mapped[bool] = mapped_column(default=False)


class Offer(Scoped, Projection):
    """Derived: `waiting`, its dispatches that are requested and not yet shipped."""

    __tablename__ = "offer"

    offer_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    supporter: Mapped[str] = mapped_column(Text, index=True)
    home: Mapped[str] = mapped_column(Text, index=True)
    item: Mapped[str]
    item_name: Mapped[str]
    category: Mapped[str]
    attributes: Mapped[dict[str, Any]]
    quantity: Mapped[int]
    withdrawn: Mapped[int]
    requested: Mapped[int]
    aimed_at: Mapped[str] = mapped_column(Text, index=True)
    available_from: Mapped[date | None]
    available_until: Mapped[date | None]
    expires_on: Mapped[str]
    transport: Mapped[str]
    ships_from: Mapped[str]
    state: Mapped[str]
    rev: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)
    waiting: Mapped[int] = mapped_column(default=0)


class Dispatch(Scoped, Projection):
    """`requested_at` and `requested_by` (an office) are those of the transaction that made it."""

    __tablename__ = "dispatch"

    need_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    dispatch_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    offer_id: Mapped[str] = mapped_column(String(26), index=True)
    supporter: Mapped[str] = mapped_column(Text, index=True)
    home: Mapped[str]
    mapped_item: Mapped[str]
    quantity: Mapped[int]
    released: Mapped[int]
    shipped: Mapped[int]
    ship_by: Mapped[date | None]
    packages: Mapped[list[Any]]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    route: Mapped[list[Any]] = mapped_column(default=list)
    accept_difference: Mapped[bool] = mapped_column(default=False)
    requested_at: Mapped[datetime] = mapped_column(index=True)
    requested_by: Mapped[str]


class Package(Scoped, Projection):
    """`requested_at` and `requested_by` as in the dispatch; `route` lists hubs, of which `leg` are passed. Derived:
    `sender` (an account), `discrepancy`."""

    __tablename__ = "package"
    __table_args__ = (Index(None, "code6", "site_id", "state"), Index(None, "sender", "state"))

    package_id: Mapped[str] = mapped_column(String(12), primary_key=True)
    code6: Mapped[str]
    site_id: Mapped[str]
    label_serial: Mapped[int]
    state: Mapped[str]
    consignment_id: Mapped[str]
    shipped_at: Mapped[datetime | None]
    unannounced: Mapped[bool]
    received_at: Mapped[datetime | None] = mapped_column(index=True)
    attested: Mapped[str]
    surplus: Mapped[int]
    surplus_lines: Mapped[list[Any]] = mapped_column(default=list)
    line_count: Mapped[int] = mapped_column(Integer, default=0)
    route: Mapped[list[Any]] = mapped_column(default=list)
    leg: Mapped[int] = mapped_column(Integer, default=0)
    weight_g: Mapped[int | None]
    handed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    repacked_into: Mapped[list[Any]] = mapped_column(default=list)
    corrected: Mapped[bool] = mapped_column(default=False)
    requested_at: Mapped[datetime]
    requested_by: Mapped[str]
    sender: Mapped[str] = mapped_column(default="")
    discrepancy: Mapped[str] = mapped_column(default="")


class PackageLine(Scoped, Projection):
    """One item of a box; the four counts are those of the receipt."""

    __tablename__ = "package_line"

    package_id: Mapped[str] = mapped_column(String(12), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    need_id: Mapped[str] = mapped_column(Text, index=True)
    dispatch_id: Mapped[str] = mapped_column(Text, index=True)
    item: Mapped[str]
    quantity: Mapped[int]
    expires_on: Mapped[str]
    good: Mapped[int | None]
    short: Mapped[int | None]
    damaged: Mapped[int | None]
    refused: Mapped[int | None]


class Consignment(Scoped, Projection):
    """Boxes that left together; `sender` is the account that said so."""

    __tablename__ = "consignment"

    consignment_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    sender: Mapped[str]
    carrier: Mapped[str]
    shipped_at: Mapped[datetime]
    expected_on: Mapped[date | None]


class Discrepancy(Scoped, Projection):
    """`at` is the time of the transaction that found it, `found_…` where, if not at the destination; `before` the
    counts that a correction replaced, `note` its reason."""

    __tablename__ = "discrepancy"

    package_id: Mapped[str] = mapped_column(String(12), primary_key=True)
    discrepancy_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    kind: Mapped[str]
    state: Mapped[str]
    sent: Mapped[dict[str, Any]]
    received: Mapped[dict[str, Any]]
    found_code6: Mapped[str] = mapped_column(default="")
    found_site: Mapped[str] = mapped_column(default="")
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    note: Mapped[str] = mapped_column(default="")
    resolution: Mapped[str]
    at: Mapped[datetime]


class Arrival(Scoped, Projection):
    """A box that no receipt fits, at a site; `account` wrote it down."""

    __tablename__ = "arrival"

    code6: Mapped[str] = mapped_column(String(6), primary_key=True)
    site_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    arrival_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    lines: Mapped[list[Any]]
    label_seen: Mapped[str]
    reason: Mapped[str]
    note: Mapped[str]
    scanned_at: Mapped[datetime]
    queued: Mapped[bool]
    attested: Mapped[str]
    clock_off: Mapped[bool]
    account: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)


class Intake(Scoped, Projection):
    """What a municipality does not want to be sent; `item` is `*` for anything."""

    __tablename__ = "intake"

    code6: Mapped[str] = mapped_column(String(6), primary_key=True)
    item: Mapped[str] = mapped_column(String(11), primary_key=True)
    stopped: Mapped[bool]
    until: Mapped[date | None]
    note: Mapped[str]
    at: Mapped[datetime]


class Drill(Projection):
    """A municipality's part in a drill; `scope` is the drill's id. No `sites`: all take part."""

    __tablename__ = "drill"

    code6: Mapped[str] = mapped_column(String(6), primary_key=True)
    scope: Mapped[str] = mapped_column(String(26), primary_key=True)
    title: Mapped[str]
    status: Mapped[str]
    opened_by: Mapped[str]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    sites: Mapped[list[Any]]
    at: Mapped[datetime]
