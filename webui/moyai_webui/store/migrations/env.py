"""Runs inside Alembic, on the connection that `moyai_webui.store.schema` hands over."""
from __future__ import annotations

from alembic import context

from moyai_webui.store.home_tables import Home

context.configure(connection=context.config.attributes["connection"], target_metadata=Home.metadata,
                  render_as_batch=True, version_table="home_version")
with context.begin_transaction():
    context.run_migrations()
