"""Up to when each bridge has everything in the database."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("spool_position", sa.Column("current_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("spool_position") as table:
        table.drop_column("current_at")
