"""Items for the common catalogue, or changes of them, for the members to vote on."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.directory import COMMON, ItemLine, ProposeItem
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.directory import items
from moyai_contracts.directory.drafts import Draft, save
from moyai_contracts.transaction import Document, Transaction
from moyai_contracts.use_case import CONFIRMED_KEY, use_case


def _reads(command: ProposeItem, code6: str, scope: str) -> Iterable[str]:
    return items.item_keys(command.items)


@use_case(ProposeItem, roles="A", grade=CONFIRMED_KEY, reads=_reads)
def propose_item(tx: Transaction, command: ProposeItem) -> None:
    """An active item goes on as it is while the change, in its member `proposed`, waits for votes.

    Refuses: `bad_argument` (not a common code), `id_reused`, `not_found`, `stale_revision`, `wrong_state` (unit).
    """
    if any(items.owner(line.item_code) != COMMON for line in command.items):
        raise Refusal("bad_argument", field="item_code")
    result = save(tx, [_draft(line) for line in command.items])
    items.require_known(tx, command.items)
    tx.emit(**result)


def _draft(line: ItemLine) -> Draft:
    def members(document: Document | None) -> Document:
        items.require_same_unit(document, line)
        if document is not None and document["state"] == "active":
            proposed = {name: value for name, value in items.members(line).items() if value is not None}
            return {"proposed": proposed}
        return items.members(line) | {"state": "proposed"}
    return Draft(line.item_code, keys.item(line.item_code), line.rev, members)
