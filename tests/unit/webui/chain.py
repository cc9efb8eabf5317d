"""Blocks of a ledger in memory as the client delivers them."""
from __future__ import annotations

import threading
from collections.abc import Iterator

from moyai_client import Block, Event, Transaction
from moyai_contracts.api import canonical
from moyai_shim.memory import CommittedTransaction, MemoryLedger


class MemoryChain:
    """What a projector asks of the ledger client; the live end is where the ledger ends now."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self._ledger = ledger

    def blocks(self, start: int, *, stop: threading.Event | None = None, last: int | None = None) -> Iterator[Block]:
        """Block 0 is the channel's configuration; the iterator ends at the end of the chain."""
        if start == 0:
            yield Block(0, b"", b"", b"", ())
        for block in self._ledger.blocks:
            if block.number >= start and (last is None or block.number <= last):
                yield Block(block.number, b"", b"", b"", tuple(
                    plain(number, transaction) for number, transaction in enumerate(block.transactions)))

    def height(self) -> int:
        return len(self._ledger.blocks) + 1


def plain(number: int, transaction: CommittedTransaction) -> Transaction:
    """A transaction as it stands in a block."""
    function, *arguments = transaction.args
    event = transaction.event
    return Transaction(
        tx_id=transaction.tx_id, number_in_block=number, valid=transaction.is_valid, code=transaction.code,
        timestamp=transaction.at, msp_id=transaction.creator.msp_id, function=function.decode(), arguments=arguments,
        event=Event(event.name, canonical.decode(event.payload)) if event else None,
        writes=list(transaction.writes.items()))
