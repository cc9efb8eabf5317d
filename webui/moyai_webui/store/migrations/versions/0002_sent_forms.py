"""A submission keeps the hash of its form, so that a second click is known when what was typed is forgotten."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("submission", sa.Column("form_sha256", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("submission", "form_sha256")
