"""Making and checking the tables: migrations for the home tables, a fresh set for the projection."""
from __future__ import annotations

from pathlib import Path

from moyai_database import migrations
from moyai_database.database import Database
from sqlalchemy import Connection, inspect, select

from moyai_webui.not_ready import NotReady
from moyai_webui.store import identity_tables, projection_tables
from moyai_webui.store.projection_tables import Cursor, Projection

HOME_VERSION_TABLE = "home_version"
SCRIPTS = Path(__file__).with_name("migrations")
HOME_TABLES = identity_tables.Home.metadata
"""All home tables, those of signing in too."""


class NotPrepared(NotReady):
    """The database lacks tables of this version of the programs."""


def prepare(database: Database) -> None:
    """Brings the home tables up to date; makes the projection's tables where they are missing or of another shape."""
    with database.writing() as connection:
        migrations.upgrade(connection, SCRIPTS)
        if _projection_shape(connection) != projection_tables.shape():
            drop_projection(connection)
            projection_tables.create(connection)


def check(database: Database) -> None:
    """Raises NotPrepared where `prepare` would change something."""
    with database.reading() as connection:
        current = migrations.is_current(connection, SCRIPTS, HOME_VERSION_TABLE)
        if not current or _projection_shape(connection) != projection_tables.shape():
            raise NotPrepared("The database is not of this version of Moyai: call 'moyai webui prepare'.")


def drop_projection(connection: Connection) -> None:
    """Drops the projection's tables, those of older versions too as far as their names are known."""
    Projection.metadata.drop_all(connection)


def _projection_shape(connection: Connection) -> str:
    if not inspect(connection).has_table(Cursor.__tablename__):
        return ""
    columns = {column["name"] for column in inspect(connection).get_columns(Cursor.__tablename__)}
    if "version" not in columns:
        return ""
    return connection.scalar(select(Cursor.version)) or ""
