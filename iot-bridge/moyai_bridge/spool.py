"""The spool: every message is on the disk before the broker hears that it arrived.

One SQLite file a bridge. A message leaves it only when what was made of it is committed elsewhere.
"""
from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from moyai_client.errors import MoyaiError

_SCHEMA = (
    # AUTOINCREMENT: a number never comes back, so that the database can tell what it has taken already.
    "CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, "
    "payload BLOB NOT NULL, received_at INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS spool (identity TEXT NOT NULL)",
)
_DISK_TROUBLE = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})


class SpoolFull(MoyaiError):
    """The spool's disk takes nothing more; what is not spooled must not be acknowledged."""


@dataclass(frozen=True)
class Spooled:
    """A raw message as it came: topic, bytes, UTC seconds of arrival; `id` rises in order of arrival."""
    id: int
    topic: str
    payload: bytes
    received_at: int


class Spool:
    """Messages between broker and database, in order of arrival. Safe among threads."""

    def __init__(self, path: Path) -> None:
        """Opens the file, which is made if it is not there. Raises SpoolFull."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        with _telling_when_full():
            self._connection.execute("PRAGMA journal_mode = WAL")
            # FULL: the acknowledgement that follows promises that a power cut loses nothing.
            self._connection.execute("PRAGMA synchronous = FULL")
        with self._transaction():
            for statement in _SCHEMA:
                self._connection.execute(statement)
            self._connection.execute("INSERT INTO spool SELECT ? WHERE NOT EXISTS (SELECT 1 FROM spool)",
                                     (secrets.token_hex(8),))
        self.identity = str(self._connection.execute("SELECT identity FROM spool").fetchone()[0])

    def append(self, messages: Sequence[tuple[str, bytes, int]]) -> None:
        """Keeps (topic, payload, received at), all or none, on the disk when it returns. Raises SpoolFull."""
        with self._transaction():
            self._connection.executemany(
                "INSERT INTO message (topic, payload, received_at) VALUES (?, ?, ?)", messages)

    def oldest(self, limit: int) -> list[Spooled]:
        """At most `limit` messages in order of arrival."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT id, topic, payload, received_at FROM message ORDER BY id LIMIT ?", (limit,)).fetchall()
        return [Spooled(*row) for row in rows]

    def forget(self, last: int) -> None:
        """Deletes the messages up to the number `last`, of which all is committed elsewhere. Raises SpoolFull."""
        with self._transaction():
            self._connection.execute("DELETE FROM message WHERE id <= ?", (last,))

    def __len__(self) -> int:
        with self._lock:
            return int(self._connection.execute("SELECT count(*) FROM message").fetchone()[0])

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock, _telling_when_full():
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


@contextmanager
def _telling_when_full() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in _DISK_TROUBLE:
            raise SpoolFull(f"the spool cannot be written: {error}") from error
        raise
