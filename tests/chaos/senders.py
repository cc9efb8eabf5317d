"""Who sends in these tests."""
from __future__ import annotations

from dataclasses import dataclass

from moyai_client.ledger import Ledger
from moyai_contracts.api import Actor


@dataclass(frozen=True)
class Sender:
    """A clerk of a municipality, at the municipality's own web UI, with one open site and one item."""

    code6: str
    ledger: Ledger
    actor: Actor
    site: str
    item: str
