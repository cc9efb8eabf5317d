"""What stands in the chain, valid or not."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

from moyai_shim.creator import Creator
from moyai_shim.transaction import Event

VALID = "VALID"
MVCC_READ_CONFLICT = "MVCC_READ_CONFLICT"
PHANTOM_READ_CONFLICT = "PHANTOM_READ_CONFLICT"
ENDORSEMENT_POLICY_FAILURE = "ENDORSEMENT_POLICY_FAILURE"
DUPLICATE_TXID = "DUPLICATE_TXID"


@dataclass(frozen=True, slots=True)
class CommittedTransaction:
    """A transaction of a block. An invalid one keeps its event and its writes; they changed nothing.

    `writes` are those to the public state, None where a key was deleted; `at` are UTC seconds.
    """

    tx_id: str
    code: str
    event: Event | None
    writes: Mapping[str, bytes | None]
    at: int
    creator: Creator
    args: tuple[bytes, ...]

    @property
    def is_valid(self) -> bool:
        """True if the writes took effect."""
        return self.code == VALID


@dataclass(frozen=True, slots=True)
class Block:
    """One block; numbers start at 1 because block 0 holds the channel's configuration."""

    number: int
    transactions: tuple[CommittedTransaction, ...]
