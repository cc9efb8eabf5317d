"""The imported list of sites, row by row as it was written."""
from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("site_list_heading",
                    sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
                    sa.Column("heading", sa.Text(), nullable=False),
                    sa.Column("encoding", sa.Text(), nullable=False),
                    sa.PrimaryKeyConstraint("id", name="pk_site_list_heading"))
    op.create_table("site_list_row",
                    sa.Column("site_id", sa.String(length=20), nullable=False),
                    sa.Column("position", sa.Integer(), nullable=False),
                    sa.Column("text", sa.Text(), nullable=False),
                    sa.PrimaryKeyConstraint("site_id", name="pk_site_list_row"))


def downgrade() -> None:
    op.drop_table("site_list_row")
    op.drop_table("site_list_heading")
