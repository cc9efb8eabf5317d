"""The committed state: values with versions, policies of keys, private values, history."""
from __future__ import annotations

import hashlib
from bisect import bisect_left
from dataclasses import dataclass
from typing import Iterator, Mapping

from moyai_shim.stub import KeyModification
from moyai_shim.writes import Operation, Write

Version = tuple[int, int]
"""Block number and position in it of the transaction that wrote a key."""

Address = tuple[str, str]
"""Collection ("" = public state) and key."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Committed value (of a private key: its hash), its version and its own endorsement policy (b"" = none)."""

    value: bytes
    version: Version
    policy: bytes = b""


class State:
    """State after the last committed transaction."""

    def __init__(self) -> None:
        self._entries: dict[Address, Entry] = {}
        self._private: dict[Address, bytes] = {}
        self._history: dict[str, list[KeyModification]] = {}
        self._sorted: list[str] | None = None

    def get(self, key: str, collection: str = "") -> Entry | None:
        """Entry of a key; of a private key the entry of its hash."""
        return self._entries.get((collection, key))

    def private_value(self, key: str, collection: str) -> bytes:
        """Value of a private key, b"" if absent."""
        return self._private.get((collection, key), b"")

    def public(self) -> dict[str, bytes]:
        """Copy of the public state."""
        return {key: entry.value for (collection, key), entry in self._entries.items() if not collection}

    def history(self, key: str) -> Iterator[KeyModification]:
        """Changes of a public key, newest first."""
        return reversed(self._history.get(key, []))

    def range(self, start: str, end: str, *, include_end: bool = False) -> Iterator[tuple[str, Entry]]:
        """Public entries from `start` to `end` ("" = open) in the order of their UTF-8 bytes."""
        if self._sorted is None:
            # The order of code points, in which Python compares, is the order of the UTF-8 bytes.
            self._sorted = sorted(key for collection, key in self._entries if not collection)
        for position in range(bisect_left(self._sorted, start), len(self._sorted)):
            key = self._sorted[position]
            if end and (key > end or (key == end and not include_end)):
                return
            yield key, self._entries["", key]

    def apply(
        self, writes: Mapping[tuple[Address, bool], Write], version: Version, tx_id: str, at: int
    ) -> set[Address]:
        """Apply the write set of a valid transaction; returns what it touched, deletions of absent keys included."""
        touched: set[Address] = set()
        for address in dict.fromkeys(address for address, _ in writes):
            data, policy = writes.get((address, False)), writes.get((address, True))
            if data is not None:
                self._apply_data(address, data, policy, version)
                touched.add(address)
                if not address[0]:
                    self._remember(data, tx_id, at)
            elif policy is not None and address in self._entries:
                self._entries[address] = Entry(self._entries[address].value, version, policy.value)
                touched.add(address)
        return touched

    def _apply_data(self, address: Address, data: Write, policy: Write | None, version: Version) -> None:
        self._sorted = None
        if data.operation is not Operation.PUT:
            self._entries.pop(address, None)
            self._private.pop(address, None)
            return
        former = self._entries.get(address)
        kept = policy.value if policy else former.policy if former else b""
        value = data.value
        if address[0]:
            self._private[address] = value
            value = hashlib.sha256(value).digest()
        self._entries[address] = Entry(value, version, kept)

    def _remember(self, data: Write, tx_id: str, at: int) -> None:
        value = data.value if data.operation is Operation.PUT else None
        self._history.setdefault(data.key, []).append(KeyModification(tx_id, at, value))
