"""What every peer checks before a transaction of a block takes effect."""
from __future__ import annotations

from typing import AbstractSet, Callable, Mapping

from moyai_shim import endorsement_policy
from moyai_shim.memory import block
from moyai_shim.memory.simulation import Endorsed, RangeRead
from moyai_shim.memory.state import Address, State, Version

Majority = Callable[[AbstractSet[str]], bool]


class BlockValidator:
    """Validates and applies the transactions of one block in their order."""

    def __init__(
        self, state: State, number: int, collections: Mapping[str, AbstractSet[str]], is_majority: Majority
    ) -> None:
        self._state = state
        self._number = number
        self._collections = collections
        self._is_majority = is_majority
        self._position = 0
        self._touched: set[Address] = set()
        self._new_policies: set[Address] = set()

    def process(self, endorsed: Endorsed) -> str:
        """Validation code of the next transaction; a valid one is applied."""
        code = self._validate(endorsed)
        if code == block.VALID:
            self._touched |= self._state.apply(
                endorsed.read_write_set.writes,
                (self._number, self._position),
                endorsed.tx_id,
                endorsed.invocation.at,
            )
        self._position += 1
        return code

    def _validate(self, endorsed: Endorsed) -> str:
        if not self._is_endorsed(endorsed):
            return block.ENDORSEMENT_POLICY_FAILURE
        rw = endorsed.read_write_set
        self._new_policies |= {address for address, is_policy in rw.writes if is_policy}
        if not all(self._is_current(address, version) for address, version in rw.reads.items() if not address[0]):
            return block.MVCC_READ_CONFLICT
        if not all(map(self._is_unchanged, rw.ranges)):
            return block.PHANTOM_READ_CONFLICT
        if not all(self._is_current(address, version) for address, version in rw.reads.items() if address[0]):
            return block.MVCC_READ_CONFLICT
        return block.VALID

    def _is_endorsed(self, endorsed: Endorsed) -> bool:
        """A key's own policy replaces its collection's, which replaces the majority; one of them is always asked."""
        addresses = {address for address, _ in endorsed.read_write_set.writes}
        if addresses & self._new_policies:
            # A policy changed earlier in the block: the transaction was endorsed under rules that no longer hold.
            return False
        if not addresses:
            return self._is_majority(endorsed.endorsers)
        return all(self._suffice(endorsed.endorsers, address) for address in addresses)

    def _suffice(self, endorsers: AbstractSet[str], address: Address) -> bool:
        collection, key = address
        entry = self._state.get(key, collection)
        if entry and entry.policy:
            return endorsement_policy.is_satisfied(entry.policy, endorsers)
        if collection:
            return bool(endorsers & self._collections[collection])
        return self._is_majority(endorsers)

    def _is_current(self, address: Address, version: Version | None) -> bool:
        if address in self._touched:
            return False
        collection, key = address
        entry = self._state.get(key, collection)
        return (entry.version if entry else None) == version

    def _is_unchanged(self, read: RangeRead) -> bool:
        now = self._state.range(read.start, read.end, include_end=not read.exhausted)
        return tuple((key, entry.version) for key, entry in now) == read.results
