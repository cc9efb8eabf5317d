"""The vocabulary of the ledger: transactions, payloads, events, refusals. Standard library only.

Imported by the contracts, the client, the web UI and the bridge. `describe()` is compared with the golden
`api.json`: what is published there may grow, never change.
"""
from __future__ import annotations

from typing import Any

from moyai_contracts.api import devices, directory, evidence, queries, relief, schema
from moyai_contracts.api.command import LIVE, TRANSACTIONS, Actor, Command, Envelope, Proof
from moyai_contracts.api.queries import QUERIES
from moyai_contracts.api.refusals import REFUSALS, Refusal

__all__ = ["LIVE", "QUERIES", "REFUSALS", "TRANSACTIONS", "Actor", "Command", "Envelope", "Proof", "Refusal",
           "describe", "devices", "directory", "evidence", "queries", "relief"]


def describe() -> dict[str, Any]:
    """All transactions with their fields and events, queries, the envelope and the refusals, as plain JSON."""
    return {
        "envelope": schema.describe(Envelope),
        "transactions": {name: {"event": command.event, "data": list(command.event_data),
                                "fields": schema.describe(command)}
                         for name, command in sorted(TRANSACTIONS.items())},
        "queries": queries.describe(),
        "refusals": {code: {"status": status, "sentence": sentence}
                     for code, (status, sentence) in sorted(REFUSALS.items())},
    }
