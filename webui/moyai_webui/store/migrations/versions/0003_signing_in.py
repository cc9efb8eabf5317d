"""Sessions, one-time links, second factors, day codes, mails about accounts; commands that wait for a signature."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from moyai_webui.store.columns import UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("open_session", "ticket", "account_mail", "second_factor", "day_code", "shift", "key_name")
PEOPLE = ("mail_choice", "mail_confirmed", "valid_until", "registered_at")


def upgrade() -> None:
    _people()
    _open_session()
    _ticket()
    _account_mail()
    _second_factor()
    _shifts()
    op.create_table("key_name",
                    sa.Column("account", sa.String(length=26), nullable=False),
                    sa.Column("key_id", sa.String(length=16), nullable=False),
                    sa.Column("name", sa.Text(), nullable=False),
                    sa.PrimaryKeyConstraint("account", "key_id", name="pk_key_name"))
    op.add_column("submission", sa.Column("proof", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("submission", "proof")
    op.drop_index("ix_user_account_registered_at", "user_account")
    for column in PEOPLE:
        op.drop_column("user_account", column)
    for table in TABLES:
        op.drop_table(table)


def _people() -> None:
    op.add_column("user_account", sa.Column("mail_choice", sa.Text(), nullable=False, server_default="at_once"))
    op.add_column("user_account", sa.Column("mail_confirmed", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("user_account", sa.Column("valid_until", UtcTime(), nullable=True))
    op.add_column("user_account", sa.Column("registered_at", UtcTime(), nullable=True))
    op.create_index("ix_user_account_registered_at", "user_account", ["registered_at"])


def _open_session() -> None:
    op.create_table(
        "open_session",
        sa.Column("session_sha256", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=26), nullable=False),
        sa.Column("began_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.Column("idle_seconds", sa.Integer(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("on_duty", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("session_sha256", name="pk_open_session"))
    op.create_index("ix_open_session_user_id", "open_session", ["user_id"])
    op.create_index("ix_open_session_until", "open_session", ["until"])


def _ticket() -> None:
    op.create_table(
        "ticket",
        sa.Column("ticket_sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("user_id", sa.String(length=26), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_sha256", name="pk_ticket"))
    op.create_index("ix_ticket_kind_user_id", "ticket", ["kind", "user_id"])
    op.create_index("ix_ticket_expires_at", "ticket", ["expires_at"])


def _account_mail() -> None:
    op.create_table(
        "account_mail",
        sa.Column("mail_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("user_id", sa.String(length=26), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UtcTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("mail_id", name="pk_account_mail"))
    op.create_index("ix_account_mail_user_id", "account_mail", ["user_id"])
    op.create_index("ix_account_mail_state_next_attempt_at", "account_mail", ["state", "next_attempt_at"])


def _second_factor() -> None:
    op.create_table(
        "second_factor",
        sa.Column("user_id", sa.String(length=26), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("recovery", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_second_factor"))


def _shifts() -> None:
    op.create_table(
        "day_code",
        sa.Column("site_id", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "day", name="pk_day_code"))
    op.create_table(
        "shift",
        sa.Column("shift_id", sa.String(length=26), nullable=False),
        sa.Column("site_id", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("began_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("session_sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("shift_id", name="pk_shift"))
    for column in ("site_id", "began_at", "session_sha256"):
        op.create_index(f"ix_shift_{column}", "shift", [column])
