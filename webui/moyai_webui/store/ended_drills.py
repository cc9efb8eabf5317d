"""A drill that all who took part have closed leaves the projection; its blocks stay."""
from __future__ import annotations

from sqlalchemy import Connection, delete, exists, select

from moyai_webui.projection.changes import BlockChanges
from moyai_webui.store.projection_tables import Drill, Entry, EntryLink, Projection, Scoped


def drop(connection: Connection, changes: BlockChanges) -> None:
    """Drops the rows of the drills that ended with this block."""
    for scope in {row["scope"] for row in changes.rows("drill") if row["status"] == "closed"}:
        still_open = select(exists().where(Drill.scope == scope, Drill.status == "open"))
        if connection.scalar(still_open):
            continue
        theirs = exists().where(Entry.scope == scope, Entry.block == EntryLink.block, Entry.number == EntryLink.number,
                                Entry.part == EntryLink.part)
        connection.execute(delete(EntryLink).where(theirs))
        connection.execute(delete(Entry).where(Entry.scope == scope))
        for mapper in Projection.registry.mappers:
            if issubclass(mapper.class_, Scoped):
                connection.execute(delete(mapper.class_).where(mapper.class_.scope == scope))
