"""Devices, readings and where they came from, batches, dead letters, substitutions, totals, keys of epochs."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("batch", "batch_leaves", "dead_letter", "device", "epoch_key", "message", "reading", "register",
          "spool_position", "substitution", "totals", "totals_place")


def upgrade() -> None:
    _batch()
    _batch_leaves()
    _dead_letter()
    _device()
    _epoch_key()
    _message()
    _reading()
    _register()
    _spool_position()
    _substitution()
    _totals()
    _totals_place()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _rest(table: str) -> None:
    """PostgreSQL's table for rows of no month that has one of its own."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT")


def _batch() -> None:
    op.create_table(
        "batch",
        sa.Column("batch", ROW, nullable=False),
        sa.Column("bridge", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("duplicates", sa.BigInteger(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=True),
        sa.Column("n", sa.BigInteger(), nullable=True),
        sa.Column("root", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("first_at", sa.BigInteger(), nullable=True),
        sa.Column("last_at", sa.BigInteger(), nullable=True),
        sa.Column("flags", sa.JSON(), nullable=True),
        sa.Column("previous", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("transaction_id", sa.Text(), nullable=True),
        sa.Column("envelope", sa.LargeBinary(), nullable=True),
        sa.Column("block", sa.BigInteger(), nullable=True),
        sa.Column("anchored_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("batch", name="pk_batch"))
    op.create_index("ix_batch_bridge_slot_n", "batch", ["bridge", "slot", "n"], unique=True)
    op.create_index("ix_batch_state", "batch", ["state"])


def _batch_leaves() -> None:
    op.create_table(
        "batch_leaves",
        sa.Column("batch", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("leaves", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("batch", name="pk_batch_leaves"))


def _dead_letter() -> None:
    op.create_table(
        "dead_letter",
        sa.Column("id", ROW, nullable=False),
        sa.Column("bridge", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_dead_letter"))
    op.create_index("ix_dead_letter_state", "dead_letter", ["state"])


def _device() -> None:
    op.create_table(
        "device",
        sa.Column("device_id", sa.String(26), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("supply_point", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.Column("registers", sa.JSON(), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("coefficient_n", sa.BigInteger(), nullable=False),
        sa.Column("coefficient_d", sa.BigInteger(), nullable=False),
        sa.Column("digits", sa.SmallInteger(), nullable=False),
        sa.Column("installed_on", sa.Text(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.Column("certificate_serial", sa.Text(), nullable=True),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=True),
        sa.Column("last_seq", sa.BigInteger(), nullable=True),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("device_id", name="pk_device"))
    op.create_index("ix_device_account", "device", ["account"])


def _epoch_key() -> None:
    op.create_table(
        "epoch_key",
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("epoch", name="pk_epoch_key"))


def _message() -> None:
    op.create_table(
        "message",
        sa.Column("received_at", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("bridge", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("device_id", sa.String(26), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("received_at", "bridge", "number", name="pk_message"), sqlite_with_rowid=False,
        postgresql_partition_by="RANGE (received_at)")
    _rest("message")


def _reading() -> None:
    op.create_table(
        "reading",
        sa.Column("device_id", sa.String(26), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("raw", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("marks", sa.SmallInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device_id", "register", "at", "seq", "raw", name="pk_reading"),
        sqlite_with_rowid=False,
        postgresql_partition_by="RANGE (at)")
    op.create_index("ix_reading_batch", "reading", ["batch"])
    op.create_index("ix_reading_marked", "reading", ["received_at"], sqlite_where=sa.text("marks != 0"),
                    postgresql_where=sa.text("marks != 0"))
    _rest("reading")


def _register() -> None:
    op.create_table(
        "register",
        sa.Column("device_id", sa.String(26), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.BigInteger(), nullable=False),
        sa.Column("unchanged_since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device_id", "register", name="pk_register"))


def _spool_position() -> None:
    op.create_table(
        "spool_position",
        sa.Column("bridge", sa.Text(), nullable=False),
        sa.Column("spool", sa.Text(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bridge", name="pk_spool_position"))


def _substitution() -> None:
    op.create_table(
        "substitution",
        sa.Column("substitution_id", sa.String(26), nullable=False),
        sa.Column("device_id", sa.String(26), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("transaction_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("substitution_id", "device_id", "register", "at", name="pk_substitution"))
    op.create_index("ix_substitution_device_id_register_at", "substitution", ["device_id", "register", "at"])


def _totals() -> None:
    op.create_table(
        "totals",
        sa.Column("cohort", sa.String(26), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("page", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("op", sa.String(26), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("previous_version", sa.BigInteger(), nullable=True),
        sa.Column("transaction_id", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("cohort", "month", "page", name="pk_totals"))


def _totals_place() -> None:
    op.create_table(
        "totals_place",
        sa.Column("cohort", sa.String(26), nullable=False),
        sa.Column("device_id", sa.String(26), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("page", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cohort", "device_id", "register", name="pk_totals_place"))
