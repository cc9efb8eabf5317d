"""The endorsing peer: answers a contract from the committed state and notes what was read and written."""
from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import AbstractSet, Iterator, Mapping, Sequence

from moyai_shim.errors import LedgerError
from moyai_shim.memory.state import Address, State, Version
from moyai_shim.response import Response
from moyai_shim.stub import KeyModification, Page
from moyai_shim.transaction import Event, Invocation
from moyai_shim.writes import Operation, Write

MAX_WRITE_BATCH = 1000


@dataclass(frozen=True, slots=True)
class RangeRead:
    """A page that was read: until the end of the range if it was exhausted, else up to and with its last key."""

    start: str
    end: str
    exhausted: bool
    results: tuple[tuple[str, Version], ...]


@dataclass(slots=True)
class ReadWriteSet:
    """What a transaction depends on and what it changes. An absent key that was read has version None."""

    reads: dict[Address, Version | None] = field(default_factory=dict)
    ranges: list[RangeRead] = field(default_factory=list)
    writes: dict[tuple[Address, bool], Write] = field(default_factory=dict)

    def public_reads(self) -> dict[str, Version | None]:
        """Versions of public keys as read."""
        return {key: version for (collection, key), version in self.reads.items() if not collection}

    def public_writes(self) -> dict[str, bytes | None]:
        """Written public values, None for deletions."""
        return {
            key: write.value if write.operation is Operation.PUT else None
            for ((collection, key), is_policy), write in self.writes.items()
            if not collection and not is_policy
        }


@dataclass(frozen=True, slots=True)
class Endorsed:
    """A simulated transaction with its answer, ready for `commit` unless the answer is an error.

    `error` is what the contract raised, if it did: the answer tells no more than its class.
    """

    invocation: Invocation
    response: Response
    event: Event | None
    read_write_set: ReadWriteSet
    endorsers: frozenset[str]
    error: BaseException | None = None

    @property
    def tx_id(self) -> str:
        """Transaction id."""
        return self.invocation.tx_id

    @property
    def reads(self) -> Mapping[str, Version | None]:
        """Versions of the public keys read, None where absent."""
        return self.read_write_set.public_reads()

    @property
    def writes(self) -> Mapping[str, bytes | None]:
        """Public values written, None where deleted."""
        return self.read_write_set.public_writes()


class Simulator:
    """Implements `moyai_shim.transaction.Peer` for one transaction."""

    def __init__(
        self,
        state: State,
        invocation: Invocation,
        collections: Mapping[str, AbstractSet[str]],
        endorsers: AbstractSet[str],
        total_query_limit: int,
    ) -> None:
        self.read_write_set = ReadWriteSet()
        self._state = state
        self._msp_id = invocation.creator.msp_id
        self._collections = collections
        self._endorsers = endorsers
        self._total_query_limit = total_query_limit
        self._has_paged = False

    @property
    def max_write_batch(self) -> int:
        return MAX_WRITE_BATCH

    def get_state(self, key: str, collection: str) -> bytes:
        if not collection:
            return self._read(key, "")
        self._require_member(collection, "read")
        is_present = self._state.get(key, collection) is not None
        if is_present and not self._endorsers <= self._collections[collection]:
            raise LedgerError("GET_STATE failed: private data matching public hash version is not available")
        self._read(key, collection)
        return self._state.private_value(key, collection)

    def get_multiple_states(self, keys: Sequence[str]) -> list[bytes]:
        return [self._read(key, "") for key in keys]

    def get_private_data_hash(self, key: str, collection: str) -> bytes:
        self._require_collection(collection)
        return self._read(key, collection)

    def get_policy(self, key: str) -> bytes:
        self._read(key, "")
        entry = self._state.get(key)
        return entry.policy if entry else b""

    def get_page(self, start: str, end: str, page_size: int, bookmark: str) -> Page:
        self._has_paged = True
        first = bookmark or start
        entries = list(islice(self._state.range(first, end), page_size + 1))
        page, rest = entries[:page_size], entries[page_size:]
        is_full = len(page) == page_size
        results = tuple((key, entry.version) for key, entry in page)
        self.read_write_set.ranges.append(RangeRead(first, page[-1][0] if is_full else end, not is_full, results))
        return Page([(key, entry.value) for key, entry in page], rest[0][0] if rest else "")

    def get_history(self, key: str) -> Iterator[KeyModification]:
        return islice(self._state.history(key), self._total_query_limit)

    def write(self, writes: Sequence[Write]) -> None:
        if self._has_paged:
            raise LedgerError("Transaction has already performed a paginated query. Writes are not allowed")
        for write in writes:
            if write.collection:
                self._require_member(write.collection, "write")
            address = (write.collection, write.key)
            self.read_write_set.writes[address, write.operation is Operation.SET_POLICY] = write

    def _read(self, key: str, collection: str) -> bytes:
        entry = self._state.get(key, collection)
        self.read_write_set.reads[collection, key] = entry.version if entry else None
        return entry.value if entry else b""

    def _require_collection(self, collection: str) -> None:
        if collection not in self._collections:
            raise LedgerError(f"collection [{collection}] could not be found")

    def _require_member(self, collection: str, access: str) -> None:
        self._require_collection(collection)
        if self._msp_id not in self._collections[collection]:
            raise LedgerError(f"tx creator does not have {access} access permission on privatedata in {collection}")
