"""One transaction: the contract's view of it, the same above a real peer and above the in-memory ledger."""
from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Iterator, Mapping, Protocol, Sequence

from moyai_shim import composite_key
from moyai_shim.creator import Creator
from moyai_shim.errors import InvalidKey, ResultTruncated, WrongThread
from moyai_shim.stub import MAX_PAGE_SIZE, KeyModification, Page
from moyai_shim.writes import Operation, Write, WriteBuffer

DEFAULT_TOTAL_QUERY_LIMIT = 1000
"""Longest result a peer returns; must equal `ledger.state.totalQueryLimit` of the peers."""

_FIRST_SIMPLE_KEY = "\x01"


@dataclass(frozen=True, slots=True)
class Invocation:
    """What the proposal says: arguments, signer, claimed time (UTC seconds), transient data."""

    tx_id: str
    channel_id: str
    args: tuple[bytes, ...]
    at: int
    creator: Creator
    transient: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Event:
    """The one event of a transaction."""

    name: str
    payload: bytes


class Peer(Protocol):
    """What a transaction asks of its peer, one request after the other; empty bytes stand for an absent value."""

    @property
    def max_write_batch(self) -> int:
        """Writes the peer takes in one request."""

    def get_state(self, key: str, collection: str) -> bytes:
        """Value of a key."""

    def get_multiple_states(self, keys: Sequence[str]) -> list[bytes]:
        """Values of several keys in their order; LedgerError if the peer sends fewer values than keys."""

    def get_page(self, start: str, end: str, page_size: int, bookmark: str) -> Page:
        """A page of a range; `bookmark` takes the place of `start`."""

    def get_history(self, key: str) -> Iterator[KeyModification]:
        """Committed changes, newest first, cut at the peer's limit."""

    def get_private_data_hash(self, key: str, collection: str) -> bytes:
        """SHA-256 of a private value."""

    def get_policy(self, key: str) -> bytes:
        """Endorsement policy of a key."""

    def write(self, writes: Sequence[Write]) -> None:
        """Hand over at most `max_write_batch` writes."""


class Transaction:
    """Implements `moyai_shim.stub.Stub`; its methods are described there."""

    def __init__(
        self, invocation: Invocation, peer: Peer, total_query_limit: int = DEFAULT_TOTAL_QUERY_LIMIT
    ) -> None:
        self._invocation = invocation
        self._peer = peer
        self._total_query_limit = total_query_limit
        self._writes = WriteBuffer()
        self._event: Event | None = None
        self._thread = threading.get_ident()

    @property
    def tx_id(self) -> str:
        return self._invocation.tx_id

    @property
    def channel_id(self) -> str:
        return self._invocation.channel_id

    @property
    def creator(self) -> Creator:
        return self._invocation.creator

    @property
    def event(self) -> Event | None:
        """The event set last."""
        return self._event

    def get_args(self) -> list[bytes]:
        return list(self._invocation.args)

    def get_function_and_parameters(self) -> tuple[str, list[str]]:
        if not self._invocation.args:
            return "", []
        function, *parameters = (arg.decode() for arg in self._invocation.args)
        return function, parameters

    def get_tx_timestamp(self) -> int:
        return self._invocation.at

    def get_transient(self) -> Mapping[str, bytes]:
        return self._invocation.transient

    def get_state(self, key: str) -> bytes | None:
        return self._ask().get_state(_checked(key), "") or None

    def get_multiple_states(self, keys: Sequence[str]) -> list[bytes | None]:
        wanted = [_checked(key) for key in keys]
        if not wanted:
            return []
        return [value or None for value in self._ask().get_multiple_states(wanted)]

    def put_state(self, key: str, value: bytes) -> None:
        self._write(Operation.PUT, key, _present(value))

    def del_state(self, key: str) -> None:
        self._write(Operation.DELETE, key)

    def get_state_by_range_with_pagination(self, start: str, end: str, page_size: int, bookmark: str) -> Page:
        for bound in (start, end):
            if bound and composite_key.is_composite(_checked(bound)):
                raise InvalidKey("a range of simple keys cannot start or end with a composite key")
        return self._page(start or _FIRST_SIMPLE_KEY, end, page_size, bookmark)

    def get_state_by_partial_composite_key_with_pagination(
        self, object_type: str, attributes: Sequence[str], page_size: int, bookmark: str
    ) -> Page:
        start, end = composite_key.partial_key_range(object_type, attributes)
        return self._page(start, end, page_size, bookmark)

    def create_composite_key(self, object_type: str, attributes: Sequence[str]) -> str:
        return composite_key.create_composite_key(object_type, attributes)

    def split_composite_key(self, key: str) -> tuple[str, list[str]]:
        return composite_key.split_composite_key(key)

    def get_history_for_key(self, key: str) -> Iterator[KeyModification]:
        return self._history(_checked(key))

    def set_event(self, name: str, payload: bytes) -> None:
        if not name:
            raise ValueError("an event needs a name")
        self._event = Event(name, payload)

    def get_private_data(self, collection: str, key: str) -> bytes | None:
        return self._ask().get_state(_checked(key), _named(collection)) or None

    def put_private_data(self, collection: str, key: str, value: bytes) -> None:
        self._write(Operation.PUT, key, _present(value), _named(collection))

    def del_private_data(self, collection: str, key: str) -> None:
        self._write(Operation.DELETE, key, collection=_named(collection))

    def purge_private_data(self, collection: str, key: str) -> None:
        self._write(Operation.PURGE, key, collection=_named(collection))

    def get_private_data_hash(self, collection: str, key: str) -> bytes | None:
        return self._ask().get_private_data_hash(_checked(key), _named(collection)) or None

    def set_state_validation_parameter(self, key: str, policy: bytes) -> None:
        self._write(Operation.SET_POLICY, key, policy)

    def get_state_validation_parameter(self, key: str) -> bytes | None:
        return self._ask().get_policy(_checked(key)) or None

    def flush(self) -> None:
        """Hand all writes to the peer; LedgerError if it refuses one."""
        peer = self._ask()
        for batch in self._writes.batches(peer.max_write_batch):
            peer.write(batch)

    def _write(self, operation: Operation, key: str, value: bytes = b"", collection: str = "") -> None:
        self._ask()
        self._writes.add(Write(operation, _checked(key), value, collection))

    def _page(self, start: str, end: str, page_size: int, bookmark: str) -> Page:
        if not 1 <= page_size <= min(MAX_PAGE_SIZE, self._total_query_limit):
            raise InvalidKey(f"a page has 1 to {min(MAX_PAGE_SIZE, self._total_query_limit)} entries, not {page_size}")
        # The peer would follow a foreign bookmark out of the range.
        if bookmark and (_checked(bookmark) < start or (end and bookmark >= end)):
            raise InvalidKey("the bookmark lies outside the range")
        return self._ask().get_page(start, end, page_size, bookmark)

    def _history(self, key: str) -> Iterator[KeyModification]:
        count = 0
        for modification in self._ask().get_history(key):
            count += 1
            yield modification
        if count >= self._total_query_limit:
            raise ResultTruncated(f"the history has {count} entries or more, the most a peer returns")

    def _ask(self) -> Peer:
        if threading.get_ident() != self._thread:
            raise WrongThread("a stub belongs to the thread that runs its contract")
        return self._peer


def _checked(key: str) -> str:
    if not key:
        raise InvalidKey("a key must not be empty")
    try:
        key.encode()
    except UnicodeEncodeError as error:
        raise InvalidKey("a key must be valid UTF-8") from error
    return key


def _present(value: bytes) -> bytes:
    if not value:
        raise ValueError("an empty value would read as absent; delete the key instead")
    return value


def _named(collection: str) -> str:
    if not collection:
        raise InvalidKey("a collection needs a name")
    return collection
