"""The database may be away, locked or without space: then the caller keeps what it has and tries again."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from moyai_client.errors import MoyaiError
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError


class StoreAway(MoyaiError):
    """The readings database cannot be used now; nothing of the transaction is in it."""


@contextmanager
def telling_when_away() -> Iterator[None]:
    """Raises StoreAway for what is no fault of the statement."""
    try:
        yield
    except (OperationalError, InterfaceError, InternalError) as error:
        raise StoreAway(f"the readings database cannot be used: {error.orig}") from error
