"""Tables of the readings database. Times are UTC seconds; amounts are integers of the device's unit."""
from __future__ import annotations

from sqlalchemy import (
    JSON, BigInteger, Column, Index, Integer, LargeBinary, MetaData, SmallInteger, String, Table, Text,
)

metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s",
                                       "uq": "uq_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"})
Row = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database counts up."""


def _device_id(*, key: bool = False) -> Column[str]:
    return Column("device_id", String(26), primary_key=key, nullable=False)


def _number(name: str, *, key: bool = False, optional: bool = False) -> Column[int]:
    return Column(name, BigInteger, primary_key=key, nullable=optional, autoincrement=False)


def _text(name: str, *, key: bool = False, optional: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=optional)


device = Table(
    "device", metadata,
    _device_id(key=True), _text("label"), _text("kind"), _text("account"), _text("serial"), _text("supply_point"),
    Column("key", LargeBinary),  # K_device; gone when the person is erased
    Column("registers", JSON, nullable=False), _number("capacity"), _text("unit"), _number("coefficient_n"),
    _number("coefficient_d"), Column("digits", SmallInteger, nullable=False), _text("installed_on"),
    _text("certificate", optional=True), _text("certificate_serial", optional=True), _text("op"), _text("state"),
    _number("added_at"), _number("last_seen_at", optional=True), _number("last_seq", optional=True),
    Column("missing", JSON, nullable=False),
    _text("tag_epoch", optional=True),  # of the last renewal of its tags; none since its registration
    Index(None, "account"))

register = Table(  # the reading of each register with the greatest sequence
    "register", metadata,
    _device_id(key=True), _text("register", key=True), _number("seq"), _number("at"), _number("raw"),
    _number("unchanged_since"))

reading = Table(
    "reading", metadata,
    _device_id(key=True), _text("register", key=True), _number("at", key=True), _number("seq", key=True),
    _number("raw", key=True), Column("marks", SmallInteger, nullable=False), _number("received_at"),
    _number("message"), _number("batch"),
    Index(None, "batch"),
    sqlite_with_rowid=False, postgresql_partition_by="RANGE (at)")
Index("ix_reading_marked", reading.c.received_at, sqlite_where=reading.c.marks != 0,
      postgresql_where=reading.c.marks != 0)

message = Table(  # what a device sent, as it came
    "message", metadata,
    _number("received_at", key=True), _text("bridge", key=True), _number("number", key=True), _device_id(),
    _text("kind"), Column("payload", LargeBinary, nullable=False),
    sqlite_with_rowid=False, postgresql_partition_by="RANGE (received_at)")

spool_position = Table(  # how far each bridge's spool was taken in; all that had come by `current_at` is here
    "spool_position", metadata,
    _text("bridge", key=True), _text("spool"), _number("taken"), _number("messages"),
    _number("current_at", optional=True))

batch = Table(
    "batch", metadata,
    Column("batch", Row, primary_key=True), _text("bridge"), _text("state"), _number("duplicates"),
    _text("slot", optional=True), _number("n", optional=True), _text("root", optional=True),
    _number("size", optional=True), _number("first_at", optional=True), _number("last_at", optional=True),
    Column("flags", JSON), _text("previous", optional=True), _number("closed_at", optional=True),
    _text("transaction_id", optional=True), Column("envelope", LargeBinary), _number("block", optional=True),
    _number("anchored_at", optional=True),
    Index(None, "bridge", "slot", "n", unique=True), Index(None, "state"))

batch_leaves = Table(  # leaf hashes in order, 32 bytes each: they outlive the keys of erased devices
    "batch_leaves", metadata,
    Column("batch", BigInteger, primary_key=True, autoincrement=False), Column("leaves", LargeBinary, nullable=False))

dead_letter = Table(
    "dead_letter", metadata,
    Column("id", Row, primary_key=True), _text("bridge"), _text("topic"),
    Column("payload", LargeBinary, nullable=False), _number("received_at"), _text("reason"), _text("state"),
    _number("settled_at", optional=True),
    Index(None, "state"))

substitution = Table(
    "substitution", metadata,
    Column("substitution_id", String(26), primary_key=True), _device_id(key=True), _text("register", key=True),
    _number("at", key=True), _number("amount"), _text("method"), _text("reason"), _number("recorded_at"),
    _text("transaction_id", optional=True),
    Index(None, "device_id", "register", "at"))

totals = Table(
    "totals", metadata,
    Column("cohort", String(26), primary_key=True), _text("month", key=True), _number("page", key=True),
    Column("op", String(26), nullable=False), Column("rows", JSON, nullable=False),
    _number("previous_version", optional=True), _text("transaction_id", optional=True),
    _number("recorded_at", optional=True))

totals_place = Table(  # a register stays on its page
    "totals_place", metadata,
    Column("cohort", String(26), primary_key=True), _device_id(key=True), _text("register", key=True), _number("page"))

totals_late = Table(  # rows that readings changed when they stood on the ledger
    "totals_late", metadata,
    Column("cohort", String(26), primary_key=True), _text("month", key=True), _number("page", key=True),
    _number("rows"))

epoch_key = Table(  # K_epoch of uniqueness tags
    "epoch_key", metadata,
    _text("epoch", key=True), Column("key", LargeBinary, nullable=False))

PARTITIONED = {"reading": "at", "message": "received_at"}
"""Table → column that PostgreSQL partitions it by, a month each."""
