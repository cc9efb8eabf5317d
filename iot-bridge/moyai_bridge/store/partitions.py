"""PostgreSQL keeps readings and messages in one table a month; SQLite keeps them in one."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone

from sqlalchemy import Connection, text

from moyai_bridge.store.tables import PARTITIONED

FIRST_YEAR = 2000
"""What clocks before it say goes to the table that takes the rest."""
_LOCK = 0x6D6F796169


class Partitions:
    """Makes months as they come; share one among the transactions of a process."""

    def __init__(self) -> None:
        self._known: set[tuple[str, int, int]] = set()

    def provide(self, connection: Connection, table: str, times: Iterable[int], now: int) -> None:
        """Makes the tables for `times` of a partitioned table.

        A month that has not begun, or one of a wrong clock, gets none: its rows lie in the table for the rest, and
        move when the month is made.
        """
        if connection.dialect.name != "postgresql":
            return
        latest = _month(now)
        for month in sorted({_month(at) for at in times}):
            if (FIRST_YEAR, 1) <= month <= latest and (table, *month) not in self._known:
                if _exists(connection, table, *month):
                    self._known.add((table, *month))
                else:  # not known yet: this transaction may still be rolled back
                    _make(connection, table, *month)


def _exists(connection: Connection, table: str, year: int, month: int) -> bool:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    return bool(connection.scalar(text("SELECT to_regclass(:name) IS NOT NULL"), {"name": _name(table, year, month)}))


def _make(connection: Connection, table: str, year: int, month: int) -> None:
    name, column = _name(table, year, month), PARTITIONED[table]
    start, end = _start(year, month), _start(year + month // 12, month % 12 + 1)
    # Names and numbers are made here, none comes from outside.
    connection.execute(text(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)"))
    connection.execute(text(f"WITH moved AS (DELETE FROM {table}_rest WHERE {column} >= {start} AND {column} < {end} "
                            f"RETURNING *) INSERT INTO {name} SELECT * FROM moved"))
    connection.execute(text(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({start}) TO ({end})"))


def _name(table: str, year: int, month: int) -> str:
    return f"{table}_{year:04}_{month:02}"


def _month(at: int) -> tuple[int, int]:
    moment = datetime.fromtimestamp(at, timezone.utc)
    return moment.year, moment.month


def _start(year: int, month: int) -> int:
    return int(datetime(year, month, 1, tzinfo=timezone.utc).timestamp())
