"""Mails that came back after a server had taken them."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from moyai_webui.store.columns import UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("returned_mail",
                    sa.Column("mail_id", sa.String(length=26), nullable=False),
                    sa.Column("n", sa.Integer(), nullable=False),
                    sa.Column("answer", sa.Text(), nullable=False),
                    sa.Column("at", UtcTime(), nullable=False),
                    sa.Column("recorded", sa.Boolean(), nullable=False),
                    sa.PrimaryKeyConstraint("mail_id", "n", name="pk_returned_mail"))


def downgrade() -> None:
    op.drop_table("returned_mail")
