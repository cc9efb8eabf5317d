"""Sessions that see one scope of the context relief alone: the real thing, or one drill."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from moyai_database.database import Database
from moyai_webui.store.projection_tables import UNSCOPED, Entry, Scoped

LIVE = "live"


def always_live() -> str:
    """The scope of whoever is in no drill."""
    return LIVE


class ScopedSessions:
    """Opens sessions on a database. `scope` tells, at each opening, `live` or the id of a drill: every statement then
    sees rows of that scope only, and what has none."""

    def __init__(self, database: Database, scope: Callable[[], str]) -> None:
        self._database = database
        self._scope = scope

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One consistent view of the data."""
        scope = self._scope()

        def narrow(state: ORMExecuteState) -> None:
            state.statement = state.statement.options(
                with_loader_criteria(Scoped, lambda cls: cls.scope == scope, include_aliases=True),
                with_loader_criteria(Entry, Entry.scope.in_((scope, UNSCOPED)), include_aliases=True))

        with self._database.session() as session:
            event.listen(session, "do_orm_execute", narrow)
            yield session
