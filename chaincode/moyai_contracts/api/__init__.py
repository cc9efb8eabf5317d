"""The vocabulary of the ledger: transactions, payloads, events, refusals. Standard library only.

Imported by the contracts, the client, the web UI and the bridge. `describe()` is compared with the golden
`api.json`: what is published there may grow, never change.
"""
from __future__ import annotations

from typing import Any

from moyai_contracts.api import directory, evidence, relief, schema
from moyai_contracts.api.command import LIVE, TRANSACTIONS, Actor, Command, Envelope, Proof
from moyai_contracts.api.refusals import REFUSALS, Refusal

__all__ = ["LIVE", "REFUSALS", "TRANSACTIONS", "Actor", "Command", "Envelope", "Proof", "Refusal",
           "describe", "directory", "evidence", "relief"]


def describe() -> dict[str, Any]:
    """All transactions with their fields and events, the envelope and the refusals, as plain JSON."""
    return {
        "envelope": schema.describe(Envelope),
        "transactions": {name: {"event": command.event, "fields": schema.describe(command)}
                         for name, command in sorted(TRANSACTIONS.items())},
        "refusals": {code: {"status": status, "sentence": sentence}
                     for code, (status, sentence) in sorted(REFUSALS.items())},
    }
