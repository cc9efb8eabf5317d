"""A ledger in memory with Fabric's semantics, for tests of contracts."""
from __future__ import annotations

from moyai_shim.memory.block import Block, CommittedTransaction
from moyai_shim.memory.identities import make_creator
from moyai_shim.memory.ledger import MemoryLedger
from moyai_shim.memory.simulation import Endorsed

__all__ = ["Block", "CommittedTransaction", "Endorsed", "MemoryLedger", "make_creator"]
