"""What the members decide together: a proposed document, votes on its hash, a majority of the roster.

The vote is on the very bytes that stand on the ledger. Whoever changes the document makes the votes void.
"""
from __future__ import annotations

import hashlib
from typing import Mapping

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.transaction import Transaction


def content_hash(tx: Transaction, key: str) -> str:
    """SHA-256 of the committed document under a key, lower hex. Raises Refusal `not_found`."""
    data = tx.documents.raw(key)
    if data is None:
        raise Refusal("not_found")
    return hashlib.sha256(data).hexdigest()


def require_majority(tx: Transaction, kind: str, proposals: Mapping[str, str]) -> None:
    """More than half of the roster said yes to each proposal (ref → key of its document).

    Raises Refusal `votes_missing`.
    """
    roster = tx.need_document(keys.roster())["codes"]
    votes = {ref: [keys.vote(kind, ref, content_hash(tx, key), code6) for code6 in roster]
             for ref, key in proposals.items()}
    tx.load(key for ballot in votes.values() for key in ballot)
    need = len(roster) // 2 + 1
    for ballot in votes.values():
        have = sum(1 for key in ballot if (vote := tx.get(key)) is not None and vote["choice"] == "yes")
        if have < need:
            raise Refusal("votes_missing", have=have, need=need)
