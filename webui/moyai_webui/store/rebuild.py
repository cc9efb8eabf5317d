"""A second projection beside the live one: filled from block 0, compared with it, put in its place."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.schema import CreateSchema, DropSchema
from moyai_database.database import Database

from moyai_webui.store import projection_tables
from moyai_webui.store.projection_store import ProjectionStore
from moyai_webui.store.projection_tables import Cursor, Projection

FRESH = "moyai_rebuild"
"""The schema of the new tables; with SQLite a file of its own beside the database."""
_STREAM = {"yield_per": 1000}


class FreshProjection:
    """The second projection. `store` takes blocks as the live one does, but mails nothing: the live one did."""

    def __init__(self, database: Database, fresh: Database) -> None:
        self._database = database
        self._fresh = fresh
        self.store = ProjectionStore(fresh.writing)

    def live_cursor(self) -> int:
        """Number of the last block that the live projection has."""
        with self._database.reading() as connection:
            return connection.scalars(select(Cursor.block)).one()

    @contextmanager
    def live_stands_still(self) -> Iterator[Swap]:
        """No block is applied to the live projection within; pages go on reading."""
        with self._database.writing() as connection:
            connection.execute(select(Cursor.block).with_for_update())
            yield Swap(connection, self._fresh)


class Swap:
    """Both projections at one moment."""

    def __init__(self, connection: Connection, fresh: Database) -> None:
        self._connection = connection
        self._fresh = fresh

    def live_cursor(self) -> int:
        """Number of the last block that the live projection has and will have until the end."""
        return self._connection.scalars(select(Cursor.block)).one()

    def differences(self) -> list[str]:
        """The first difference of each table's content; both projections must stand at the same block."""
        with self._fresh.reading() as fresh:
            return [line for table in Projection.metadata.sorted_tables
                    if (line := _difference(table, _rows(self._connection, table), _rows(fresh, table)))]

    def put_in_place(self) -> None:
        """The live tables get the fresh ones' content; what a page reads changes from one to the other at once."""
        with self._fresh.reading() as fresh:
            for table in Projection.metadata.sorted_tables:
                if table is not Cursor.__table__:  # it stands at the same block, and keeps when that was last seen
                    self._connection.execute(delete(table))
                    for rows in fresh.execute(select(table), execution_options=_STREAM).mappings().partitions():
                        self._connection.execute(insert(table), [dict(row) for row in rows])


@contextmanager
def fresh_projection(database: Database) -> Iterator[FreshProjection]:
    """An empty second projection, gone at the end."""
    with _fresh_database(database) as fresh:
        with fresh.writing() as connection:
            projection_tables.create(connection)
        yield FreshProjection(database, fresh)


@contextmanager
def _fresh_database(database: Database) -> Iterator[Database]:
    if database.is_sqlite:
        with _fresh_file(Path(f"{database.engine.url.database}.{FRESH}")) as fresh:
            yield fresh
        return
    with database.writing() as connection:
        connection.execute(DropSchema(FRESH, cascade=True, if_exists=True))
        connection.execute(CreateSchema(FRESH))
    fresh = Database(database.engine.url.render_as_string(hide_password=False), schema=FRESH)
    try:
        yield fresh
    finally:
        fresh.close()
        with database.writing() as connection:
            connection.execute(DropSchema(FRESH, cascade=True))


@contextmanager
def _fresh_file(path: Path) -> Iterator[Database]:
    _remove(path)
    fresh = Database(str(make_url("sqlite://").set(database=str(path))))
    try:
        yield fresh
    finally:
        fresh.close()
        _remove(path)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _rows(connection: Connection, table: Table) -> Iterator[tuple[Any, ...]]:
    """The content of a table in the order of its key; when the projector last looked is no content."""
    columns = [column for column in table.columns if column is not Cursor.__table__.c.seen_at]
    rows = connection.execute(select(*columns).order_by(*table.primary_key), execution_options=_STREAM)
    return (tuple(row) for row in rows)


def _difference(table: Table, live: Iterator[tuple[Any, ...]], fresh: Iterator[tuple[Any, ...]]) -> str:
    for number, (one, other) in enumerate(zip_longest(live, fresh), 1):
        if one != other:
            return f"{table.name}, row {number}: {one} in the live projection, {other} in the rebuilt one"
    return ""
