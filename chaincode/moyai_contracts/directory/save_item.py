"""S10: items of the own municipality's catalogue."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.directory import ItemLine, SaveItem
from moyai_contracts.directory import items
from moyai_contracts.directory.drafts import Draft, save
from moyai_contracts.transaction import Document, Transaction
from moyai_contracts.use_case import use_case


def _reads(command: SaveItem, code6: str, scope: str) -> Iterable[str]:
    return items.item_keys(command.items)


@use_case(SaveItem, roles="A", reads=_reads)
def save_item(tx: Transaction, command: SaveItem) -> None:
    """Refuses: `foreign_record` (another's or a common code), `id_reused`, `not_found`, `stale_revision`,
    `wrong_state` (unit)."""
    for line in command.items:
        tx.require_own(items.owner(line.item_code))
    result = save(tx, [_draft(line) for line in command.items])
    items.require_known(tx, command.items)
    tx.emit(**result)


def _draft(line: ItemLine) -> Draft:
    def members(document: Document | None) -> Document:
        items.require_same_unit(document, line)
        return items.members(line) | {"state": "active"}
    return Draft(line.item_code, keys.item(line.item_code), line.rev, members)
