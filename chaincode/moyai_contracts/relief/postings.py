"""Writes postings to needs and offers and remembers the deltas for the event."""
from __future__ import annotations

from typing import Any

from moyai_contracts import keys
from moyai_contracts.relief.bookkeeping import Posting, post_need, post_offer
from moyai_contracts.transaction import Transaction


class Postings:
    """The postings of one command. Two that touch one document add up."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._deltas: dict[tuple[str, str], dict[str, int]] = {}

    def post(self, posting: Posting, quantity: int, *, need_id: str, offer_id: str) -> None:
        """Moves `quantity`; a document whose figures stay is neither read nor written."""
        if not quantity:
            return
        if posting.committed:
            key = keys.need(self._tx.scope, need_id)
            need = self._tx.need_document(key)
            self._tx.bookkeep(key, need, **post_need(need, posting, quantity))
            self._note("need_id", need_id, committed=posting.committed * quantity)
        if posting.requested or posting.withdrawn:
            key = keys.offer(self._tx.scope, offer_id)
            offer = self._tx.need_document(key)
            self._tx.bookkeep(key, offer, **post_offer(offer, posting, quantity))
            self._note("offer_id", offer_id, requested=posting.requested * quantity,
                       withdrawn=posting.withdrawn * quantity)

    @property
    def deltas(self) -> list[dict[str, Any]]:
        """`[{"need_id", "committed": ±n}, {"offer_id", "requested": ±n, "withdrawn": ±n}]`, without zeros."""
        return [{kind: identifier} | {name: delta for name, delta in moved.items() if delta}
                for (kind, identifier), moved in self._deltas.items()]

    def _note(self, kind: str, identifier: str, **moved: int) -> None:
        total = self._deltas.setdefault((kind, identifier), {})
        for name, delta in moved.items():
            total[name] = total.get(name, 0) + delta
