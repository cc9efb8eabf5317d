"""A municipality's readings database, only ever read: SQLite by its file, PostgreSQL by its address."""
from __future__ import annotations

import hashlib
import hmac
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, NamedTuple

from moyai_auditor.examination.blocks import Unreadable

SALT_BYTES, HASH_BYTES = 16, 32
SQLITE, POSTGRESQL = "sqlite:///", "postgresql://"
ANCHORED = "anchored"


class Reading(NamedTuple):
    """One reading; a batch's leaves are in the order of these tuples. `key` is None where it was erased."""
    device_id: str
    register: str
    at: int
    seq: int
    raw: int
    marks: int
    key: bytes | None

    @property
    def leaf(self) -> bytes:
        """SHA-256 of a zero byte, the salt, and the canonical reading (LEDGER.md §2.4). Not without a key."""
        assert self.key is not None
        salt = hmac.digest(self.key, f"{self.register}|{self.at}".encode(), "sha256")[:SALT_BYTES]
        content = (f'{{"at":{self.at},"device":"{self.device_id}","raw":{self.raw},"register":"{self.register}",'
                   f'"seq":{self.seq}}}')
        return hashlib.sha256(b"\0" + salt + content.encode()).digest()


@dataclass(frozen=True)
class StoredBatch:
    """What the database says of a batch; `leaves` are the hashes that were kept when it was closed."""
    number: int
    bridge: str
    slot: str
    n: int
    state: str
    leaves: tuple[bytes, ...]


class ReadingsDatabase:
    """One consistent view. The methods raise Unreadable where the database does not hold what it should."""

    def __init__(self, connection: Any, mark: str) -> None:
        self._connection, self._mark = connection, mark

    def batches(self) -> Iterator[StoredBatch]:
        """All batches that have their place, in the order of their closing."""
        rows = self._rows("SELECT batch.batch, bridge, slot, n, state, leaves FROM batch LEFT JOIN batch_leaves "
                          "ON batch_leaves.batch = batch.batch WHERE slot IS NOT NULL ORDER BY batch.batch")
        for number, bridge, slot, n, state, leaves in rows:
            data = bytes(leaves or b"")
            yield StoredBatch(number, bridge, slot, n, state, tuple(
                data[place:place + HASH_BYTES] for place in range(0, len(data), HASH_BYTES)))

    def readings(self, batch: int) -> list[Reading]:
        """What a batch holds, in the order of its leaves."""
        return sorted((Reading(*row[:6], None if row[6] is None else bytes(row[6])) for row in self._rows(
            "SELECT reading.device_id, register, at, seq, raw, marks, device.key FROM reading LEFT JOIN device "
            "ON device.device_id = reading.device_id WHERE reading.batch = ?", batch)), key=lambda one: one[:5])

    def of_no_batch(self) -> list[tuple[str, str, int]]:
        """Device, register and time of readings whose batch does not exist."""
        return [(row[0], row[1], row[2]) for row in self._rows(
            "SELECT device_id, register, at FROM reading WHERE batch NOT IN (SELECT batch FROM batch)")]

    def erased(self) -> list[str]:
        """Devices whose key was erased."""
        return [str(row[0]) for row in self._rows("SELECT device_id FROM device WHERE key IS NULL")]

    def of_register(self, device_id: str, register: str, first: int, last: int) -> list[tuple[int, int, int, int]]:
        """Sequence, time, raw and time of receipt of a register's readings between two times, both included."""
        return [(row[0], row[1], row[2], row[3]) for row in self._rows(
            "SELECT seq, at, raw, received_at FROM reading WHERE device_id = ? AND register = ? AND at >= ? "
            "AND at <= ? ORDER BY seq, at, raw", device_id, register, first, last)]

    def _rows(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        cursor = self._connection.cursor()
        cursor.execute(question.replace("?", self._mark), values)
        return list(cursor.fetchall())


@contextmanager
def opened(url: str) -> Iterator[ReadingsDatabase]:
    """The database at a URL as MOYAI_READINGS_URL has it. Raises Unreadable."""
    if url.startswith(SQLITE):
        with _sqlite(Path(url.removeprefix(SQLITE))) as connection:
            yield connection
    elif url.startswith(POSTGRESQL):
        with _postgresql(url) as connection:
            yield connection
    else:
        raise Unreadable(f"a readings database is named by {SQLITE}FILE or {POSTGRESQL}…")


@contextmanager
def _sqlite(path: Path) -> Iterator[ReadingsDatabase]:
    if not path.is_file():
        raise Unreadable(f"there is no readings database {path}")
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    try:
        connection.execute("BEGIN")
        yield ReadingsDatabase(connection, "?")
    except sqlite3.Error as error:
        raise Unreadable(f"the readings database {path} cannot be read: {error}") from error
    finally:
        connection.close()


@contextmanager
def _postgresql(url: str) -> Iterator[ReadingsDatabase]:
    import psycopg  # half a second to import, and a file needs none of it
    try:
        with psycopg.connect(url) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            yield ReadingsDatabase(connection, "%s")
    except psycopg.Error as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise Unreadable(f"the readings database cannot be read: {reason}") from error
