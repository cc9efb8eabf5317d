"""E2: the root of a bridge's readings goes onto the ledger."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.devices import AnchorBatch
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.schema import to_json
from moyai_contracts.devices.periods import slot_start
from moyai_contracts.transaction import Replayed, Transaction
from moyai_contracts.use_case import BRIDGE, use_case


def _reads(command: AnchorBatch, code6: str, scope: str) -> Iterable[str]:
    return keys.batch(code6, command.slot, command.bridge, command.n), keys.batch_head(code6, command.bridge)


@use_case(AnchorBatch, services=(), unaccounted=(BRIDGE,), reads=_reads)
def anchor_batch(tx: Transaction, command: AnchorBatch) -> None:
    """Each bridge's roots form one chain; its head is rewritten by that bridge alone. Meters' clocks are not judged
    here: a wrong one is marked, its readings count.

    Refuses: `bad_argument` (slot, times in order), `id_reused` (another root), `time_out_of_range` (slot), `log_gap`
    (not the root before).
    """
    start = slot_start(command.slot)
    if start is None:
        raise Refusal("bad_argument", field="slot")
    if command.first_at > command.last_at:
        raise Refusal("bad_argument", field="first_at")
    key = keys.batch(tx.code6, command.slot, command.bridge, command.n)
    _require_new(tx, key, command)
    tx.require_past(start)
    head_key = keys.batch_head(tx.code6, command.bridge)
    head = tx.get(head_key)
    if command.previous != (head["root"] if head else None):
        raise Refusal("log_gap")
    tx.create(key, {"root": command.root, "size": command.size, "first_at": command.first_at,
                    "last_at": command.last_at, "previous": command.previous, "flags": to_json(command.flags)})
    tx.put(head_key, {"slot": command.slot, "n": command.n, "root": command.root})
    tx.emit(slot=command.slot, bridge=command.bridge, n=command.n, root=command.root, size=command.size,
            previous=command.previous)


def _require_new(tx: Transaction, key: str, command: AnchorBatch) -> None:
    """A batch is known by its place and root, whatever operation brought it."""
    batch = tx.get(key)
    if batch is not None:
        if batch["root"] != command.root:
            raise Refusal("id_reused")
        raise Replayed
