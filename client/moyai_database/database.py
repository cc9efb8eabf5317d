"""Opening the database: SQLite in a file by default, PostgreSQL by URL."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

SQLITE_WAITS_MILLISECONDS = 15_000
_IMMEDIATE = "moyai_immediate"


class Database:
    """One municipality's database; share one among the threads of a process."""

    def __init__(self, url: str, *, schema: str = "", survives_power_cut: bool = False) -> None:
        """`schema`: where the tables lie in PostgreSQL, its default schema if empty.

        `survives_power_cut`: SQLite too waits for the disk at every commit, as PostgreSQL does; without it a power
        cut may take the last commits along, a killed program never does.
        """
        self.engine = _engine(url, schema, "FULL" if survives_power_cut else "NORMAL")

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the data."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it is committed at the end, or nothing after an exception."""
        with self.engine.connect().execution_options(**{_IMMEDIATE: True}) as connection, connection.begin():
            yield connection

    @contextmanager
    def session(self) -> Iterator[Session]:
        """The same, for reading whole rows as objects."""
        with Session(self.engine) as session:
            yield session

    def close(self) -> None:
        """Closes the pooled connections."""
        self.engine.dispose()


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *,
           keep: frozenset[str] = frozenset()) -> None:
    """Inserts rows, or overwrites those with the same primary key; columns in `keep` stay as they were.

    All rows have the same columns. With nothing to overwrite an existing row stays as it is.
    """
    if not rows:
        return
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
    key = [column.name for column in table.primary_key]
    changed = {name: insert.excluded[name] for name in rows[0] if name not in key and name not in keep}
    connection.execute(insert.on_conflict_do_update(index_elements=key, set_=changed) if changed
                       else insert.on_conflict_do_nothing(index_elements=key), [dict(row) for row in rows])


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows; one whose primary key is taken is left as it was."""
    if rows:
        insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
        key = [column.name for column in table.primary_key]
        connection.execute(insert.on_conflict_do_nothing(index_elements=key), [dict(row) for row in rows])


def _engine(url: str, schema: str, synchronous: str) -> Engine:
    if not url.startswith("sqlite"):
        options = {"options": f"-csearch_path={schema}"} if schema else {}
        return create_engine(make_url(url).set(drivername="postgresql+psycopg"), pool_pre_ping=True,
                             connect_args=options)
    engine = create_engine(url)
    event.listen(engine, "connect", partial(_configure_sqlite, synchronous))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(synchronous: str, connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver would begin transactions late; `_begin_sqlite` does it
    for pragma in ("journal_mode = WAL", f"busy_timeout = {SQLITE_WAITS_MILLISECONDS}", "foreign_keys = ON",
                   f"synchronous = {synchronous}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once: one that reads first and locks later may find the data moved on and fail."""
    immediate = connection.get_execution_options().get(_IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
