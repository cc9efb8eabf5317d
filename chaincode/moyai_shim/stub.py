"""What a contract sees of the ledger: the names of the official shims, in snake case."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, Mapping, Protocol, Sequence

from moyai_shim.creator import Creator
from moyai_shim.response import Response

__all__ = ["Contract", "Creator", "KeyModification", "MAX_PAGE_SIZE", "Page", "Stub"]

MAX_PAGE_SIZE = 500
"""One page is one step inside the peer; a step must end well before the peer's execution timeout."""


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a range in key order: (key, value) pairs, and where the next page starts (empty after the last)."""

    items: list[tuple[str, bytes]]
    bookmark: str


@dataclass(frozen=True, slots=True)
class KeyModification:
    """One former value of a key: `value` is None where it was deleted, `at` are UTC seconds claimed by the signer."""

    tx_id: str
    at: int
    value: bytes | None


class Stub(Protocol):
    """One transaction's view of the ledger.

    Reads see the committed state only, never the transaction's own writes. Writes leave for the peer when the contract
    has returned an answer below 400; the last write to a key wins. All methods must be called from the thread
    that runs the contract. Any method that asks the peer raises LedgerError if it refuses, DeadlineExceeded if the
    transaction has used up its time; a contract lets both pass.
    """

    @property
    def tx_id(self) -> str:
        """Transaction id, 64 hex digits."""

    @property
    def channel_id(self) -> str:
        """Name of the channel."""

    @property
    def creator(self) -> Creator:
        """Signer of the proposal."""

    def get_args(self) -> list[bytes]:
        """All arguments as they came, the function's name first."""

    def get_function_and_parameters(self) -> tuple[str, list[str]]:
        """First argument, and the others, as UTF-8 text; ("", []) without arguments, UnicodeDecodeError if not text."""

    def get_tx_timestamp(self) -> int:
        """UTC seconds the signer put into the proposal; within the peers' time window of their clocks."""

    def get_transient(self) -> Mapping[str, bytes]:
        """Data sent to the endorsers alone, never part of the transaction."""

    def get_state(self, key: str) -> bytes | None:
        """Value of a key; None if absent or empty."""

    def get_multiple_states(self, keys: Sequence[str]) -> list[bytes | None]:
        """Values in the order of `keys`, as `get_state` gives them, in few round trips."""

    def put_state(self, key: str, value: bytes) -> None:
        """Write a value; InvalidKey for an empty key, ValueError for an empty value (it would read as absent)."""

    def del_state(self, key: str) -> None:
        """Delete a key; InvalidKey for an empty one."""

    def get_state_by_range_with_pagination(self, start: str, end: str, page_size: int, bookmark: str) -> Page:
        """Simple keys from `start` (inclusive; "" = first) to `end` (exclusive; "" = open).

        Key order is that of the UTF-8 bytes. `page_size` 1 to MAX_PAGE_SIZE; `bookmark` "" or one of an earlier page of
        the same range, else InvalidKey. A transaction that pages must not write: the peer refuses it.
        """

    def get_state_by_partial_composite_key_with_pagination(
        self, object_type: str, attributes: Sequence[str], page_size: int, bookmark: str
    ) -> Page:
        """Composite keys that begin with these parts; rules as for the range."""

    def create_composite_key(self, object_type: str, attributes: Sequence[str]) -> str:
        """Key made of an object type and attributes."""

    def split_composite_key(self, key: str) -> tuple[str, list[str]]:
        """Object type and attributes of a composite key."""

    def get_history_for_key(self, key: str) -> Iterator[KeyModification]:
        """Committed changes of a key, newest first. Empty on a peer that joined from a later snapshot: decide nothing
        by it. ResultTruncated if it is longer than the peer tells."""

    def set_event(self, name: str, payload: bytes) -> None:
        """Event of this transaction; the last one set wins. ValueError without a name."""

    def get_private_data(self, collection: str, key: str) -> bytes | None:
        """Private value; LedgerError on a peer that may not have it."""

    def put_private_data(self, collection: str, key: str, value: bytes) -> None:
        """Write a private value; only its hash reaches the ledger."""

    def del_private_data(self, collection: str, key: str) -> None:
        """Delete a private value; former ones stay in the members' private stores."""

    def purge_private_data(self, collection: str, key: str) -> None:
        """Delete a private value with all its former ones."""

    def get_private_data_hash(self, collection: str, key: str) -> bytes | None:
        """SHA-256 of a private value, on every peer; None if absent."""

    def set_state_validation_parameter(self, key: str, policy: bytes) -> None:
        """Endorsement policy (SignaturePolicyEnvelope) of one key instead of the chaincode's."""

    def get_state_validation_parameter(self, key: str) -> bytes | None:
        """Endorsement policy of a key; None if it has none of its own."""


class Contract(Protocol):
    """A program the runtime serves."""

    def invoke(self, stub: Stub) -> Response:
        """Handle one transaction. An exception becomes an error answer with status 500."""
