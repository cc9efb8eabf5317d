"""Documents as the chain makes them, and one transaction of it as the rules see it."""
from __future__ import annotations

import hashlib
import json
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Callable, Iterator, NoReturn

Document = dict[str, Any]
Report = Callable[[str, str], None]
"""Notes a finding: check and sentence."""
MAX_INTEGER = 2**53 - 1
ENVELOPE = frozenset({"v", "op", "scope", "actor", "proof"})
"""Members of a command that are no business fields."""


class NotCanonical(ValueError):
    """JSON that LEDGER.md does not allow on the ledger; the text says why."""


@dataclass(frozen=True)
class Change:
    """One document before and after a transaction: `kind` like `relief.need`, `parts` the other parts of its key."""

    kind: str
    parts: tuple[str, ...]
    before: Document | None
    after: Document | None

    @property
    def name(self) -> str:
        """The document, to be read."""
        return f"{self.kind} {'/'.join(self.parts)}".strip()


@dataclass(frozen=True)
class LedgerTransaction:
    """A valid transaction that writes: who signed it (`msp_id`, `service`, `is_admin`, `fingerprint`), what was asked
    (`function`, `message`), what came of it (`event`, `changes`)."""

    block: int
    place: int
    tx_id: str
    at: int
    msp_id: str
    service: str
    fingerprint: str
    function: str
    message: Document
    event_name: str
    event: Document
    changes: tuple[Change, ...]

    @property
    def data(self) -> Document:
        """The event's data."""
        return self.event["data"]

    @property
    def actor(self) -> Document | None:
        """The account that acts, with role and office; None where a service acts by itself."""
        return self.message.get("actor")

    @property
    def op(self) -> str:
        """The operation's number."""
        return self.message["op"]

    @cached_property
    def cmd(self) -> str:
        """32 hex digits of SHA-256 over function, actor, scope and business fields: what its documents must name."""
        content = {name: value for name, value in self.message.items() if name not in ENVELOPE}
        content |= {name: self.message[name] for name in ("actor", "scope") if name in self.message}
        return hashlib.sha256(canonical(content | {"function": self.function})).hexdigest()[:32]

    def changed(self, kind: str) -> Iterator[Change]:
        """The changes of documents of one kind."""
        return (change for change in self.changes if change.kind == kind)


class Ledger:
    """All documents behind the last transaction taken in, by kind and key."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[tuple[str, ...], Document]] = defaultdict(dict)

    def get(self, kind: str, *parts: str) -> Document | None:
        """One document."""
        return self.documents[kind].get(parts)

    def code6(self, msp_id: str) -> str:
        """The municipality of an MSP; empty where the ledger knows none."""
        member = self.get("directory.msp", msp_id)
        return "" if member is None else member["code6"]

    def take(self, transaction: LedgerTransaction) -> None:
        """Lets a transaction's writes count."""
        for change in transaction.changes:
            if change.after is None:
                self.documents[change.kind].pop(change.parts, None)
            else:
                self.documents[change.kind][change.parts] = change.after


def split_key(key: str) -> tuple[str, tuple[str, ...]]:
    """Kind and further parts of a composite key. Raises ValueError."""
    if not key.startswith("\0") or not key.endswith("\0") or len(key) < 3:
        raise ValueError(f"{key!r} is no composite key")
    kind, *parts = key[1:-1].split("\0")
    return kind, tuple(parts)


def canonical(value: Any) -> bytes:
    """Canonical JSON, as it stands on the ledger and is hashed and signed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def parse(data: bytes) -> Any:
    """The value of canonical JSON. Raises NotCanonical, also where the bytes are another spelling of the value."""
    try:
        value = json.loads(data, object_pairs_hook=_unique, parse_float=_refuse, parse_constant=_refuse)
        if canonical(value) != data:
            raise NotCanonical("it is not written canonically")
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"it is no JSON: {error}") from error
    _check(value)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> Document:
    if len(dict(pairs)) < len(pairs):
        raise NotCanonical("a name stands twice")
    return dict(pairs)


def _refuse(text: str) -> NoReturn:
    raise NotCanonical(f"{text} is no integer")


def _check(value: Any) -> None:
    if value is None or (isinstance(value, int) and abs(value) > MAX_INTEGER):
        raise NotCanonical(f"{value} cannot stand on the ledger")
    if isinstance(value, str) and not unicodedata.is_normalized("NFC", value):
        raise NotCanonical("a text is not in its composed form")
    if isinstance(value, dict):
        if not all(name.isascii() for name in value):
            raise NotCanonical("a name is not ASCII")
        value = list(value.values())
    if isinstance(value, list):
        for element in value:
            _check(element)
