"""People, contacts, uploads, submissions, outgoing mails."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from moyai_webui.store.columns import UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = ("draft", "outgoing_mail", "sign_in_pause", "site_contact", "submission", "user_account", "wrong_password")


def upgrade() -> None:
    _draft()
    _outgoing_mail()
    _sign_in_pause()
    _site_contact()
    _submission()
    _user_account()
    _wrong_password()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _draft() -> None:
    op.create_table(
        "draft",
        sa.Column("draft_id", sa.String(length=26), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("draft_id", name="pk_draft"))
    op.create_index("ix_draft_expires_at", "draft", ["expires_at"])


def _outgoing_mail() -> None:
    op.create_table(
        "outgoing_mail",
        sa.Column("mail_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cause_tx", sa.String(length=64), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UtcTime(), nullable=False),
        sa.Column("handed_at", UtcTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("recorded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("mail_id", name="pk_outgoing_mail"))
    op.create_index("ix_outgoing_mail_created_at", "outgoing_mail", ["created_at"])
    op.create_index("ix_outgoing_mail_state_next_attempt_at", "outgoing_mail", ["state", "next_attempt_at"])


def _sign_in_pause() -> None:
    op.create_table(
        "sign_in_pause",
        sa.Column("login_sha256", sa.String(length=64), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("login_sha256", name="pk_sign_in_pause"))


def _site_contact() -> None:
    op.create_table(
        "site_contact",
        sa.Column("site_id", sa.String(length=20), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", name="pk_site_contact"))


def _submission() -> None:
    op.create_table(
        "submission",
        sa.Column("op", sa.String(length=26), nullable=False),
        sa.Column("transaction", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("accepted_at", UtcTime(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=True),
        sa.Column("tx_id", sa.Text(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", UtcTime(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("busy_until", UtcTime(), nullable=True),
        sa.Column("next_attempt_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("op", name="pk_submission"))
    op.create_index("ix_submission_state_next_attempt_at", "submission", ["state", "next_attempt_at"])


def _user_account() -> None:
    op.create_table(
        "user_account",
        sa.Column("user_id", sa.String(length=26), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_user_account"),
        sa.UniqueConstraint("login", name="uq_user_account_login"))
    op.create_index("ix_user_account_account", "user_account", ["account"])


def _wrong_password() -> None:
    op.create_table(
        "wrong_password",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login_sha256", sa.String(length=64), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wrong_password"))
    op.create_index("ix_wrong_password_login_sha256", "wrong_password", ["login_sha256"])
