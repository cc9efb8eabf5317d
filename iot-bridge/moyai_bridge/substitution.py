"""Setting a value that nobody measured, visibly: here with the value, on the ledger with the reason."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from moyai_client import Receipt
from moyai_client.errors import Refused
from moyai_contracts.api import Command
from moyai_contracts.api.devices import RecordSubstitution, SubstitutedRow
from ulid import ULID

from moyai_bridge.anchor import slot_of
from moyai_bridge.store.substitutions import Substituted, Substitutions


class LedgerPort(Protocol):
    """What of `moyai_client.Ledger` is needed here."""

    def submit(self, command: Command, actor: None = None, *, op: str) -> Receipt:
        """Records a command."""


def substitute(store: Substitutions, ledger: LedgerPort, rows: Sequence[Substituted], now: int) -> str:
    """Records at most 100 values and returns the substitution's id. Raises Refused; nothing is kept then."""
    substitution_id = str(ULID())
    store.add(substitution_id, rows, now)
    _record(store, ledger, substitution_id, rows)
    return substitution_id


def resume(store: Substitutions, ledger: LedgerPort) -> int:
    """Goes on with those that a crash left half done; how many they were. Raises Refused."""
    waiting = store.waiting()
    for substitution_id, rows in waiting.items():
        _record(store, ledger, substitution_id, rows)
    return len(waiting)


def _record(store: Substitutions, ledger: LedgerPort, substitution_id: str, rows: Sequence[Substituted]) -> None:
    command = RecordSubstitution(substitution_id=substitution_id, rows=tuple(
        SubstitutedRow(row.device_id, row.register, slot_of(row.at), row.method, row.reason) for row in rows))
    try:
        receipt = ledger.submit(command, None, op=substitution_id)
    except Refused:
        store.refused(substitution_id)
        raise
    store.recorded(substitution_id, receipt.tx_id)
