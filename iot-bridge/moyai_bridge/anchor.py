"""From the database to the ledger: closes batches of readings and writes their Merkle roots, one after the other."""
from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Protocol

import structlog
from moyai_client import Receipt
from moyai_client.errors import Invalidated
from moyai_contracts.api import Command, merkle
from moyai_contracts.api.devices import AnchorBatch, Flags
from moyai_contracts.api.metering import HALF_HOUR

from moyai_bridge.leaves import leaf_hashes
from moyai_bridge.store.batches import CLOSED, CLOSING, Batch, Batches

log = structlog.get_logger()


class LedgerPort(Protocol):
    """What of `moyai_client.Ledger` is needed here."""

    def submit(self, command: Command, actor: None = None, *, envelope_store: Callable[..., None]) -> Receipt:
        """Records a command."""

    def finish(self, envelope: bytes, transaction_id: str) -> Receipt:
        """Sends a prepared envelope again."""


class Anchor:
    """One bridge's chain of roots."""

    def __init__(self, batches: Batches, ledger: LedgerPort, clock: Callable[[], float] = time.time) -> None:
        self._batches, self._ledger, self._clock = batches, ledger, clock

    def run_once(self) -> int:
        """Closes what is open and anchors what is not on the ledger yet; how many batches it anchored.

        Raises StoreAway, NotSent, OutcomeUnknown, Invalidated, Refused; it goes on from there the next time.
        """
        now = int(self._clock())
        self._batches.begin_closing(slot_of(now), now)
        for batch in self._batches.in_state(CLOSING):
            self._compute(batch)
        waiting = self._batches.in_state(CLOSED)
        for batch in waiting:
            receipt = self._record(batch)
            # Where an earlier transaction recorded it that nobody here knows, there is no id to name.
            transaction_id = None if receipt.replayed else receipt.tx_id
            self._batches.anchored(batch.batch, transaction_id, receipt.block_number, int(self._clock()))
            log.info("batch anchored", slot=batch.slot, n=batch.n, size=batch.size, block=receipt.block_number)
        return len(waiting)

    def has_waiting(self) -> bool:
        """Whether any reading is not on the ledger yet. Raises StoreAway."""
        return self._batches.has_unanchored()

    def _compute(self, batch: Batch) -> None:
        readings = self._batches.readings(batch.batch)
        leaves = leaf_hashes(readings)
        self._batches.close(batch.batch, leaves, merkle.root(leaves).hex(), readings)

    def _record(self, batch: Batch) -> Receipt:
        sent = self._batches.sent(batch.batch)
        if sent is not None:
            try:
                return self._ledger.finish(sent[1], sent[0])
            except Invalidated as error:
                log.info("a root is sent afresh", slot=batch.slot, n=batch.n, code=error.code)
        return self._ledger.submit(command(batch), None, envelope_store=lambda prepared: self._batches.sending(
            batch.batch, prepared.transaction_id, prepared.envelope))


def command(batch: Batch) -> AnchorBatch:
    """The command of a closed batch."""
    if batch.root is None or batch.size is None or batch.first_at is None or batch.last_at is None:
        raise ValueError(f"batch {batch.batch} is not closed")
    return AnchorBatch(slot=batch.slot, bridge=batch.bridge, n=batch.n, root=batch.root, size=batch.size,
                       first_at=batch.first_at, last_at=batch.last_at, flags=Flags(**(batch.flags or {})),
                       previous=batch.previous)


def slot_of(now: int) -> str:
    """The half-hour in UTC, `20240109T0930`."""
    return datetime.fromtimestamp(now - now % HALF_HOUR, timezone.utc).strftime("%Y%m%dT%H%M")
