"""Proposed items enter the common catalogue."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.directory import ActivateItem
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.directory.votes import require_majority
from moyai_contracts.transaction import Document, Transaction, business
from moyai_contracts.use_case import CONFIRMED_KEY, use_case


def _reads(command: ActivateItem, code6: str, scope: str) -> Iterable[str]:
    return [keys.roster(), *map(keys.item, command.item_codes)]


@use_case(ActivateItem, roles="A", grade=CONFIRMED_KEY, reads=_reads)
def activate_item(tx: Transaction, command: ActivateItem) -> None:
    """All or none. Refuses: `id_reused` (named twice), `not_found`, `wrong_state`, `votes_missing`."""
    wanted = {code: keys.item(code) for code in command.item_codes}
    if len(wanted) < len(command.item_codes):
        raise Refusal("id_reused")
    documents = {code: tx.movable(key) for code, key in wanted.items()}
    for document in documents.values():
        if document["state"] == "active" and "proposed" not in document:
            raise Refusal("wrong_state", state="active")
    require_majority(tx, "item", wanted)
    for code, document in documents.items():
        tx.edit(wanted[code], document, **_activated(document))
    tx.emit(item_codes=list(wanted))


def _activated(document: Document) -> Document:
    if document["state"] == "proposed":
        return {"state": "active"}
    # The proposal is the whole content: members that it lacks go.
    return {name: None for name in business(document)} | document["proposed"] | {"state": "active"}
