"""Which handler turns which document of the ledger into rows."""
from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Any

from moyai_contracts.api import canonical

from moyai_webui.projection.changes import BlockChanges

_DELIMITER = "\x00"
_LAST_SECOND = 253_402_300_799

NOT_PROJECTED = frozenset({"directory.roster", "directory.msp", "directory.vote", "directory.blocked",
                           "devices.device", "devices.tag", "devices.batch", "devices.batch_head",
                           "devices.substitution", "devices.totals"})
"""Documents that no page shows."""


class CannotProject(Exception):
    """A block holds what this version of the programs does not understand."""


class BrokenHandler(Exception):
    """A transaction could not be projected; the message names block and transaction, the cause says why."""


@dataclass(frozen=True)
class Written:
    """A document as a valid transaction left it; `event` is the transaction's event payload."""

    type: str
    attributes: tuple[str, ...]
    document: Mapping[str, Any]
    event: Mapping[str, Any]

    @property
    def at(self) -> datetime:
        """When the command that owns the document came; bookkeeping by others does not touch it."""
        return utc(self.document["at"])

    @property
    def office(self) -> str:
        """The office that acts; the municipality where a service acts by itself."""
        return self.event.get("actor", {}).get("office", self.event["m"])

    @property
    def is_own(self) -> bool:
        """Whether the transaction created, edited or moved this document, rather than kept its books."""
        return self.document["op"] == self.event["op"]


Handler = Callable[[BlockChanges, Written], None]
HANDLERS: dict[str, Handler] = {}


def handles(document_type: str) -> Callable[[Handler], Handler]:
    """Registers the decorated function for documents of one type."""
    def register(handler: Handler) -> Handler:
        HANDLERS[document_type] = handler
        return handler
    return register


def split_key(key: str) -> tuple[str, tuple[str, ...]]:
    """Object type and attributes of a composite key: U+0000 type U+0000 attribute U+0000 …"""
    if len(key) < 3 or key[0] != _DELIMITER or key[-1] != _DELIMITER:
        raise CannotProject(f"{key!r} is not a composite key")
    document_type, *attributes = key[1:-1].split(_DELIMITER)
    return document_type, tuple(attributes)


def decode(value: bytes) -> Any:
    """A document as plain data, fit to be stored."""
    return storable(canonical.decode(value))


def utc(seconds: int) -> datetime:
    """The time of UTC seconds; what lies outside 1970 to 9999 counts as the nearest that does not."""
    return datetime.fromtimestamp(min(max(seconds, 0), _LAST_SECOND), timezone.utc)


def optional_utc(seconds: int | None) -> datetime | None:
    """The same, where a member may be absent."""
    return None if seconds is None else utc(seconds)


def optional_date(text: str | None) -> date | None:
    """A date `2024-01-09`; one that the calendar lacks (31 February, year 0) counts as the nearest it has."""
    if text is None:
        return None
    year, month, day = map(int, text.split("-"))
    year = max(year, 1)
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def storable(value: Any) -> Any:
    """JSON data without U+0000, which PostgreSQL's texts cannot hold."""
    if isinstance(value, str):
        return value.replace(_DELIMITER, "")
    if isinstance(value, list):
        return [storable(element) for element in value]
    if isinstance(value, dict):
        return {key: storable(element) for key, element in value.items()}
    return value
