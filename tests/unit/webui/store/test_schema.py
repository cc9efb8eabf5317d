"""Migrations make exactly the home tables of the models; the projection's tables are made anew when they change."""
from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, inspect, select, update

from moyai_database.database import Database
from moyai_webui.store import schema
from moyai_webui.store.home_tables import Home, SiteContact
from moyai_webui.store.projection_tables import Cursor, Projection


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def _is_home_table(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    return kind != "table" or name in Home.metadata.tables


def test_the_migrations_make_the_tables_of_the_models(database: Database) -> None:
    schema.prepare(database)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={
            "version_table": schema.HOME_VERSION_TABLE, "include_object": _is_home_table, "compare_type": True})
        assert compare_metadata(context, Home.metadata) == []
        assert set(Home.metadata.tables) | set(Projection.metadata.tables) <= set(inspect(connection).get_table_names())


def test_preparing_twice_changes_nothing(database: Database) -> None:
    schema.prepare(database)
    with database.writing() as connection:
        connection.execute(SiteContact.__table__.insert().values(site_id="S1", person="", mail="", phone=""))
        connection.execute(update(Cursor).values(block=7))
    schema.prepare(database)
    schema.check(database)
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(SiteContact)) == 1
        assert connection.scalar(select(Cursor.block)) == 7


def test_a_projection_of_another_shape_is_made_anew_and_people_stay(database: Database) -> None:
    schema.prepare(database)
    with database.writing() as connection:
        connection.execute(SiteContact.__table__.insert().values(site_id="S1", person="", mail="", phone=""))
        connection.execute(update(Cursor).values(block=7, version="0-older"))
    with pytest.raises(schema.NotPrepared, match="moyai webui prepare"):
        schema.check(database)
    schema.prepare(database)
    with database.reading() as connection:
        assert connection.scalar(select(Cursor.block)) == -1
        assert connection.scalar(select(func.count()).select_from(SiteContact)) == 1


def test_an_empty_database_is_not_prepared(database: Database) -> None:
    with pytest.raises(schema.NotPrepared):
        schema.check(database)
