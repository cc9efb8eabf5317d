"""Migrations make exactly the tables of the readings database; months are added and keep what was there before."""
from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from moyai_bridge.store import schema, tables
from moyai_bridge.store.availability import StoreAway
from moyai_bridge.store.partitions import Partitions
from moyai_database.database import Database
from sqlalchemy import insert, inspect, select, text

from tests.unit.bridge.readings import NOW, START, device_id

MONTH = 31 * 86400


def _is_ours(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    return kind != "table" or name in tables.metadata.tables


def test_the_migrations_make_the_tables_of_the_model(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={
            "version_table": schema.VERSION_TABLE, "include_object": _is_ours, "compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
        assert set(tables.metadata.tables) <= set(inspect(connection).get_table_names())


def test_preparing_twice_changes_nothing(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(insert(tables.epoch_key).values(epoch="2026", key=b"k"))
    schema.prepare(database)
    schema.check(database)
    with database.reading() as connection:
        assert connection.scalar(select(tables.epoch_key.c.key)) == b"k"


def test_an_empty_database_is_not_prepared(database_url: str) -> None:
    database = schema.open_readings(database_url)
    with pytest.raises(schema.NotPrepared, match="moyai bridge prepare"):
        schema.check(database)
    database.close()


def test_a_database_that_is_away_is_told() -> None:
    database = schema.open_readings("postgresql://nobody@127.0.0.1:1/nothing")
    for act in (schema.prepare, schema.check):
        with pytest.raises(StoreAway, match="cannot be used"):
            act(database)


def _reading(at: int) -> dict[str, object]:
    return {"device_id": device_id(1), "register": "import", "at": at, "seq": 1, "raw": 1, "marks": 0,
            "received_at": at, "message": 1, "batch": 1}


def test_a_month_that_comes_takes_its_readings_over(database: Database) -> None:
    """A clock that was ahead left a reading in a month that had not begun; it begins, and nothing is lost."""
    partitions = Partitions()
    for now, times in ((START, (START, START + MONTH)), (START + MONTH, (START + MONTH + 1,)), (NOW, (NOW, 5))):
        with database.writing() as connection:
            partitions.provide(connection, "reading", times, now)
            connection.execute(insert(tables.reading), [_reading(at) for at in times])
    with database.reading() as connection:
        found = list(connection.scalars(select(tables.reading.c.at).order_by(tables.reading.c.at)))
        assert found == [5, START, START + MONTH, START + MONTH + 1, NOW]
        if not database.is_sqlite:
            rest = connection.execute(text("SELECT at FROM reading_rest"))
            assert [at for at, in rest] == [5]
            assert {"reading_2023_12", "reading_2024_01", "reading_2024_03"} <= set(
                inspect(connection).get_table_names())
