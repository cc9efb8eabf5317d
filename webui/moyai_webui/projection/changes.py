"""What one block changes in the read model, collected before anything is written."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Row = dict[str, Any]
Key = tuple[Any, ...]

KEYS: Mapping[str, tuple[str, ...]] = {
    "municipality": ("code6",), "site": ("code6", "site_id"), "item": ("item_code",), "account": ("account_id",),
    "actor_key": ("account_id", "key_id"),
    "site_status": ("scope", "code6", "site_id"), "need": ("scope", "need_id"), "offer": ("scope", "offer_id"),
    "dispatch": ("scope", "need_id", "dispatch_id"), "package": ("scope", "package_id"),
    "package_line": ("scope", "package_id", "number"),
    "consignment": ("scope", "consignment_id"), "discrepancy": ("scope", "package_id", "discrepancy_id"),
    "arrival": ("scope", "code6", "site_id", "arrival_id"), "intake": ("scope", "code6", "item"),
    "drill": ("code6", "scope"), "recorded_mail": ("code6", "mail_id", "n"), "ledger_transaction": ("block", "number"),
    "entry": ("block", "number", "part"), "entry_link": ("ref", "block", "number", "part"),
}
"""The tables that blocks fill, with their primary keys."""

MADE_ONCE: Mapping[str, frozenset[str]] = {
    "dispatch": frozenset({"requested_at", "requested_by"}),
    "package": frozenset({"requested_at", "requested_by"}),
    "discrepancy": frozenset({"at"}),
}
"""Columns that keep what the first transaction wrote, whatever later ones say."""


@dataclass(frozen=True)
class MailCause:
    """A mail of this municipality that an event calls for: to one of its sites, or to the supporters of dispatches.

    `dispatches` are ids; `content` names what the mail tells of; `scope` is `live` or a drill's id.
    """

    kind: str
    cause_tx: str
    at: datetime
    scope: str = "live"
    site: str = ""
    dispatches: tuple[str, ...] = ()
    content: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class BlockChanges:
    """All rows of one block in their last version, and the mails it causes. `at`: the latest time it claims."""

    number: int
    at: datetime | None = None
    tables: dict[str, dict[Key, Row]] = field(default_factory=dict)
    mails: list[MailCause] = field(default_factory=list)

    def save(self, table: str, **values: Any) -> None:
        """A row as it now is; it replaces the one that an earlier transaction of the block wrote."""
        if "scope" in KEYS[table]:
            values.setdefault("scope", "live")
        rows = self.tables.setdefault(table, {})
        key = tuple(values[name] for name in KEYS[table])
        before = rows.get(key)
        if before is not None:
            values |= {name: before[name] for name in MADE_ONCE.get(table, ())}
        rows[key] = values

    def rows(self, table: str) -> list[Row]:
        """The rows of a table, in the order of their first appearance."""
        return list(self.tables.get(table, {}).values())

    def values(self, table: str, column: str) -> Iterator[Any]:
        """One column of the rows of a table."""
        return (row[column] for row in self.rows(table))
