"""Messages that nobody could read: raw bytes and the reason, until somebody settles them."""
from __future__ import annotations

from dataclasses import dataclass

from moyai_database.database import Database
from sqlalchemy import func, select, update

from moyai_bridge.store import tables

WAITING, STORED, DROPPED = "waiting", "stored", "dropped"


@dataclass(frozen=True)
class DeadLetter:
    """One message: its topic and bytes, UTC seconds of its arrival, why it was not read, what became of it."""
    id: int
    bridge: str
    topic: str
    payload: bytes
    received_at: int
    reason: str
    state: str
    settled_at: int | None


class DeadLetters:
    """Dead letters of a municipality; `moyai_bridge.pump` tries them again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, state: str = WAITING) -> list[DeadLetter]:
        """Dead letters in a state, the oldest first."""
        letter = tables.dead_letter
        with self._database.reading() as connection:
            rows = connection.execute(select(letter).where(letter.c.state == state).order_by(letter.c.id)).mappings()
            return [DeadLetter(**row) for row in rows]

    def newest(self, state: str = WAITING, *, limit: int, offset: int = 0) -> list[DeadLetter]:
        """A page of dead letters in a state, the newest first."""
        letter = tables.dead_letter
        with self._database.reading() as connection:
            rows = connection.execute(select(letter).where(letter.c.state == state).order_by(
                letter.c.id.desc()).limit(limit).offset(offset)).mappings()
            return [DeadLetter(**row) for row in rows]

    def find(self, number: int) -> DeadLetter | None:
        """One of them, or None."""
        with self._database.reading() as connection:
            row = connection.execute(select(tables.dead_letter).where(
                tables.dead_letter.c.id == number)).mappings().first()
            return None if row is None else DeadLetter(**row)

    def count(self) -> int:
        """How many wait."""
        with self._database.reading() as connection:
            return int(connection.scalar(select(func.count()).select_from(tables.dead_letter).where(
                tables.dead_letter.c.state == WAITING)) or 0)

    def drop(self, number: int, now: int) -> None:
        """Somebody looked at it and wants nothing more of it; it stays, told apart."""
        with self._database.writing() as connection:
            connection.execute(update(tables.dead_letter).where(
                tables.dead_letter.c.id == number, tables.dead_letter.c.state == WAITING).values(
                    state=DROPPED, settled_at=now))


def storable(text: str) -> str:
    """A text that quotes what a stranger sent, without what a database does not take."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
