"""The state as the blocks make it: values, versions and key policies of every namespace and private collection."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Iterable

from moyai_auditor.examination.envelope import Range, Space
from moyai_auditor.examination.wire import field, varint

Key = "tuple[str, str, str | bytes]"
"""Namespace, collection (empty for the public space), key (its hash in a collection)."""

IMPLICIT = "_implicit_org_"
"""Private collections that nothing ever expires from, so that reads of them can be checked."""


@dataclass(frozen=True)
class Entry:
    """A key's value (None where it was deleted), the transaction that wrote it, the endorsement policy it carries."""

    value: bytes | None
    version: tuple[int, int]
    policy: bytes | None


class WorldState:
    """State behind the last whole block, and what the valid transactions of the block at hand write."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str, str | bytes], Entry] = {}
        self._updates: dict[tuple[str, str, str | bytes], Entry] = {}
        self._commit_hash = b""
        self.skipped_ranges = 0

    def value(self, namespace: str, key: str) -> bytes | None:
        """A public value as it stood before the block at hand."""
        entry = self._entries.get((namespace, "", key))
        return None if entry is None else entry.value

    def policy(self, namespace: str, collection: str, key: str | bytes) -> bytes | None:
        """A key's own endorsement policy as it stood before the block at hand."""
        entry = self._entries.get((namespace, collection, key))
        return None if entry is None else entry.policy

    # Were the reads current?

    def stale(self, spaces: Iterable[Space]) -> tuple[str, str] | None:
        """Whether a read set does not hold any more: ("read" or "range", what changed); None where all holds."""
        for space in spaces:
            if space.collection and not space.collection.startswith(IMPLICIT):
                continue
            for key, version in space.reads:
                place = (space.namespace, space.collection, key)
                entry = self._entries.get(place)
                if place in self._updates or (None if entry is None else entry.version) != version:
                    return "read", f"{_readable(key)} was read as written by {_told(version)} and is by " \
                                   f"{_told((self._updates.get(place) or entry or _NOTHING).version)}"
            for read in space.ranges:
                if not self._range_holds(space.namespace, read):
                    return "range", f"the range from {_readable(read.start)} has changed"
        return None

    def _range_holds(self, namespace: str, read: Range) -> bool:
        if read.results is None:
            self.skipped_ranges += 1
            return True
        now = {key: entry for (space, collection, key), entry in (*self._entries.items(), *self._updates.items())
               if space == namespace and not collection and isinstance(key, str) and key >= read.start
               and (not read.end or key < read.end or (key == read.end and not read.exhausted))}
        found = tuple((key, now[key].version) for key in sorted(now, key=str.encode) if now[key].value is not None)
        return found == read.results

    # Writing

    def write(self, spaces: Iterable[Space], version: tuple[int, int]) -> None:
        """Takes the writes of one valid transaction; they count as the block's until `commit`."""
        for space in spaces:
            marks = dict(space.marks)
            for write in space.writes:
                place = (space.namespace, space.collection, write.key)
                policy = marks.pop(write.key) if write.key in marks else self._latest(place).policy
                self._updates[place] = Entry(write.value, version, policy if write.value is not None else None)
            for key, policy in marks.items():
                place = (space.namespace, space.collection, key)
                value = self._latest(place).value
                if value is not None:
                    self._updates[place] = Entry(value, version, policy)

    def _latest(self, place: tuple[str, str, str | bytes]) -> Entry:
        return self._updates.get(place) or self._entries.get(place) or _NOTHING

    def commit(self, flags: bytes) -> bytes:
        """Ends the block: its commit hash, which chains validation codes and state changes from block to block."""
        updates = b"".join(self._serialised_updates())
        content = varint(len(flags)) + flags + updates + self._commit_hash
        self._commit_hash = hashlib.sha256(content).digest()
        for place, entry in self._updates.items():
            if entry.value is None:
                self._entries.pop(place, None)
            else:
                self._entries[place] = entry
        self._updates.clear()
        return self._commit_hash

    def begin(self, commit_hash: bytes) -> None:
        """Takes over a commit hash that cannot be recomputed, for blocks before it are not there."""
        self._commit_hash = commit_hash

    def _serialised_updates(self) -> Iterable[bytes]:
        """Fabric's `Updates` message: by namespace, public keys first, then by collection; each name told once."""
        order = sorted(self._updates, key=lambda place: (place[0].encode(), place[1].encode(), _raw(place[2])))
        namespace = collection = ""
        for place in order:
            entry = self._updates[place]
            changed = place[0] != namespace
            if changed:
                collection = ""
            content = field(1, place[0].encode()) if changed else b""
            content += field(2, place[1].encode()) if place[1] != collection else b""
            namespace, collection = place[:2]
            content += field(3, _raw(place[2])) + (b"\x20\x01" if entry.value is None else b"")
            content += field(5, entry.value or b"") + field(6, b"".join(map(_ordered, entry.version)))
            yield field(1, content)

    def public(self, namespace: str) -> dict[str, bytes]:
        """All public values of a namespace behind the last whole block."""
        return {key: entry.value for (space, collection, key), entry in self._entries.items()
                if space == namespace and not collection and isinstance(key, str) and entry.value is not None}


_NOTHING = Entry(None, (-1, -1), None)


def _ordered(number: int) -> bytes:
    """A number whose bytes sort like it: their count, then they, leading zeros left out."""
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return bytes((len(data),)) + data


def _raw(key: str | bytes) -> bytes:
    return key if isinstance(key, bytes) else key.encode()


def _readable(key: str | bytes) -> str:
    return key.hex() if isinstance(key, bytes) else " ".join(part for part in key.split("\0") if part)


def _told(version: tuple[int, int] | None) -> str:
    if version is None or version == _NOTHING.version:
        return "nobody"
    return f"transaction {version[1]} of block {version[0]}"
