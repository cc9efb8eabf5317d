"""Pages of monthly totals that late readings overtook."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "totals_late",
        sa.Column("cohort", sa.String(26), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("page", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cohort", "month", "page", name="pk_totals_late"))


def downgrade() -> None:
    op.drop_table("totals_late")
