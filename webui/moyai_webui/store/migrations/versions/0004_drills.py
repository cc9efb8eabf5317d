"""A command on its way belongs to the real thing or to a drill."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("submission", sa.Column("scope", sa.Text(), server_default="live", nullable=False))


def downgrade() -> None:
    op.drop_column("submission", "scope")
