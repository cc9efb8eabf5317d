"""What a transaction writes, gathered until the contract has decided."""
from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import Iterator

VALIDATION_PARAMETER = "VALIDATION_PARAMETER"
"""Name of the metadata entry that holds a key's own endorsement policy."""


class Operation(Enum):
    """Kinds of writes."""

    PUT = "put"
    DELETE = "delete"
    PURGE = "purge"
    SET_POLICY = "set_policy"


@dataclass(frozen=True, slots=True)
class Write:
    """One write to the public state (collection "") or to a private collection."""

    operation: Operation
    key: str
    value: bytes = b""
    collection: str = ""


class WriteBuffer:
    """The last write to each key's data, and apart from it to its metadata, in the order of the first writes."""

    def __init__(self) -> None:
        self._writes: dict[tuple[str, str, bool], Write] = {}

    def add(self, write: Write) -> None:
        """Take a write; it replaces an earlier one to the same data or metadata."""
        self._writes[write.collection, write.key, write.operation is Operation.SET_POLICY] = write

    def batches(self, max_size: int) -> Iterator[list[Write]]:
        """All writes, at most `max_size` in a batch."""
        remaining = iter(self._writes.values())
        while batch := list(islice(remaining, max_size)):
            yield batch
