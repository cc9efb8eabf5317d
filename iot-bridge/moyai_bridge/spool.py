"""The spool: every message is on the disk before the broker hears that it arrived.

One SQLite file a bridge. A message leaves it only when the readings made of it are committed elsewhere.
"""
from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, Sequence

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL,
    received_at INTEGER NOT NULL
)
"""


class SpoolFull(Exception):
    """The spool's disk takes nothing more; what is not spooled must not be acknowledged."""


@dataclass(frozen=True)
class Spooled:
    """A raw message as it came: topic, bytes, UTC seconds of arrival."""
    id: int
    topic: str
    payload: bytes
    received_at: int


class Spool:
    """Messages between broker and database, in order of arrival. Safe among threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        # FULL: the acknowledgement that follows promises that a power cut loses nothing.
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(_SCHEMA)

    def append(self, messages: Sequence[tuple[str, bytes, int]]) -> None:
        """Keeps (topic, payload, received at), all or none, on the disk when it returns. Raises SpoolFull."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany(
                    "INSERT INTO message (topic, payload, received_at) VALUES (?, ?, ?)", messages)
                self._connection.execute("COMMIT")
            except sqlite3.OperationalError as error:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                if error.sqlite_errorcode in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE):
                    raise SpoolFull(str(error)) from error
                raise

    def oldest(self, limit: int) -> list[Spooled]:
        """At most `limit` messages in order of arrival."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT id, topic, payload, received_at FROM message ORDER BY id LIMIT ?", (limit,)).fetchall()
        return [Spooled(*row) for row in rows]

    def forget(self, ids: Iterable[int]) -> None:
        """Deletes messages whose readings are committed."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany("DELETE FROM message WHERE id = ?", [(id_,) for id_ in ids])
            self._connection.execute("COMMIT")

    def __len__(self) -> int:
        with self._lock:
            return int(self._connection.execute("SELECT count(*) FROM message").fetchone()[0])

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()
