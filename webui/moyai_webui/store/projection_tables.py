"""Tables of the projection: a copy of the ledger in rows, made from blocks alone. They may be dropped at any time.

Documents lie here as they now are, one row each, under their ledger names; quantities in base units, coordinates in
microdegrees. Columns said to be *derived* follow from other rows and are computed by `projection.derived`.
"""
from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Connection, Date, Index, Integer, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import CreateTable

from moyai_webui.store.columns import UtcTime

VERSION = 2
"""Raised whenever a handler stores something else for the same blocks: the projection is then made anew."""


class Projection(DeclarativeBase):
    """Base of the projection's tables."""

    metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s"})
    type_annotation_map = {int: BigInteger, str: Text, datetime: UtcTime(), date: Date(), dict[str, Any]: JSON(),
                           list[Any]: JSON()}


UNSCOPED = ""
"""The scope of entries that tell of accounts, sites and devices: these are the same in drills."""


class Scoped:
    """Rows of the context relief: of the real thing (`live`) or of a drill, whose ids may be the same."""

    scope: Mapped[str] = mapped_column(String(26), primary_key=True, default="live", sort_order=-1)


class Cursor(Projection):
    """One row: the last block applied, its time, and when the projector last knew that there was nothing newer."""

    __tablename__ = "cursor"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    block: Mapped[int]
    block_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    version: Mapped[str]


class DocumentHeight(Projection):
    """For each table that blocks fill: the last block that wrote a row of it."""

    __tablename__ = "document_height"

    topic: Mapped[str] = mapped_column(String(40), primary_key=True)
    block: Mapped[int]


class LedgerTransaction(Projection):
    """Every transaction of the chaincode in the chain, the invalid ones with Fabric's code. `at` is its claim."""

    __tablename__ = "ledger_transaction"

    block: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    tx_id: Mapped[str] = mapped_column(String(64), index=True)
    valid: Mapped[bool]
    code: Mapped[str]
    at: Mapped[datetime]
    msp_id: Mapped[str]
    function: Mapped[str]
    event: Mapped[str]
    op: Mapped[str] = mapped_column(Text, index=True)
    m: Mapped[str]
    account: Mapped[str]


class Entry(Projection):
    """What a valid transaction did to one subject: a line of a history. `site`: the actor's, if the office is one."""

    __tablename__ = "entry"

    block: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    scope: Mapped[str] = mapped_column(String(26), default=UNSCOPED, index=True)
    tx_id: Mapped[str] = mapped_column(String(64), index=True)
    event: Mapped[str]
    transaction: Mapped[str] = mapped_column(Text, index=True)
    record_id: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    m: Mapped[str]
    service: Mapped[str]
    account: Mapped[str]
    role: Mapped[str]
    office: Mapped[str]
    site: Mapped[str]
    attested: Mapped[str]
    item: Mapped[str]
    data: Mapped[dict[str, Any]]


class EntryLink(Projection):
    """What an entry concerns: records, accounts, offices. `own`: the record itself was created, edited or moved."""

    __tablename__ = "entry_link"

    ref: Mapped[str] = mapped_column(Text, primary_key=True)
    block: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    own: Mapped[bool]


class Municipality(Projection):
    __tablename__ = "municipality"

    code6: Mapped[str] = mapped_column(String(6), primary_key=True)
    name: Mapped[str]
    msp_id: Mapped[str]
    status: Mapped[str]
    dispatch_approval: Mapped[str]
    rev: Mapped[int]


class Site(Projection):
    __tablename__ = "site"

    code6: Mapped[str] = mapped_column(String(6), primary_key=True)
    site_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    kana: Mapped[str]
    address: Mapped[str]
    district: Mapped[str]
    town_id: Mapped[str]
    lat: Mapped[int | None]
    lon: Mapped[int | None]
    capacity_indoor: Mapped[int | None]
    capacity_outdoor: Mapped[int | None]
    capacity_text: Mapped[str]
    phone: Mapped[str]
    hazards: Mapped[list[Any]]
    retired: Mapped[bool]
    rev: Mapped[int]


class Item(Projection):
    __tablename__ = "item"

    item_code: Mapped[str] = mapped_column(String(11), primary_key=True)
    name: Mapped[str]
    category: Mapped[str]
    base_unit: Mapped[str]
    packs: Mapped[list[Any]]
    attributes: Mapped[list[Any]]
    perishable: Mapped[bool]
    per_person: Mapped[list[Any]]
    same_as: Mapped[str]
    state: Mapped[str]
    retired: Mapped[bool]
    rev: Mapped[int]


class Account(Projection):
    __tablename__ = "account"

    account_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    m: Mapped[str]
    roles: Mapped[list[Any]]
    office: Mapped[str]
    party: Mapped[str]
    display_name: Mapped[str]
    status: Mapped[str]
    rev: Mapped[int]


class ActorKey(Projection):
    """A key of an account. Who registered and confirmed it when is told by the entries of its account."""

    __tablename__ = "actor_key"

    account_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    m: Mapped[str]
    grade: Mapped[str]
    status: Mapped[str]


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


class RecordedMail(Projection):
    """A sending that a municipality recorded: n = 0 handed over, 1… later bounces."""

    __tablename__ = "recorded_mail"

    code6: Mapped[str] = mapped_column(String(6), primary_key=True)
    mail_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    cause_tx: Mapped[str]
    account: Mapped[str]
    site: Mapped[str]
    handed_at: Mapped[datetime]
    outcome: Mapped[str]


def shape() -> str:
    """Tells whether tables in a database are those of this code."""
    tables = "".join(str(CreateTable(table)) for table in Projection.metadata.sorted_tables)
    return f"{VERSION}-{hashlib.sha256(tables.encode()).hexdigest()[:12]}"


def create(connection: Connection) -> None:
    """Makes empty tables, nothing applied yet."""
    Projection.metadata.create_all(connection)
    connection.execute(Cursor.__table__.insert().values(id=1, block=-1, version=shape()))
