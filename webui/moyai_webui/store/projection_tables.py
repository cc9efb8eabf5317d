"""Tables of the projection: a copy of the ledger in rows, made from blocks alone. They may be dropped at any time.

Documents lie here as they now are, one row each, under their ledger names; quantities in base units, coordinates in
microdegrees. Columns said to be *derived* follow from other rows and are computed by `projection.derived`.
"""
from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import CreateTable

from moyai_webui.store.projection_base import UNSCOPED, Projection, Scoped
from moyai_webui.store.relief_tables import (
    Arrival, Consignment, Discrepancy, Dispatch, Drill, Intake, Need, Offer, Package, PackageLine, SiteStatus)

__all__ = ["Account", "ActorKey", "Arrival", "Consignment", "Cursor", "Discrepancy", "Dispatch", "DocumentHeight",
           "Drill", "Entry", "EntryLink", "Intake", "Item", "LedgerTransaction", "Municipality", "Need", "Offer",
           "Package", "PackageLine", "Projection", "RecordedMail", "Scoped", "Site", "SiteStatus", "UNSCOPED",
           "VERSION", "create", "shape"]

VERSION = 2
"""Raised whenever a handler stores something else for the same blocks: the projection is then made anew."""


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
