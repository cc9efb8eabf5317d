"""Bringing a database's tables up to date by Alembic, whose scripts lie in a folder of their package."""
from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def upgrade(connection: Connection, scripts: Path) -> None:
    """Runs the scripts that the database has not seen."""
    command.upgrade(_configuration(connection, scripts), "head")


def is_current(connection: Connection, scripts: Path, version_table: str) -> bool:
    """Whether the database has seen all of them."""
    context = MigrationContext.configure(connection, opts={"version_table": version_table})
    head = ScriptDirectory.from_config(_configuration(connection, scripts)).get_current_head()
    return context.get_current_revision() == head


def _configuration(connection: Connection, scripts: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.attributes["connection"] = connection
    return config
