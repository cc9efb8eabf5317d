"""Runs inside Alembic, on the connection that `moyai_bridge.store.schema` hands over."""
from __future__ import annotations

from alembic import context

from moyai_bridge.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata,
                  render_as_batch=True, version_table="readings_version")
with context.begin_transaction():
    context.run_migrations()
