"""What own and common catalogue items have in common."""
from __future__ import annotations

from typing import Iterable, Sequence

from moyai_contracts import keys
from moyai_contracts.api.directory import ItemLine
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.directory.drafts import members_of
from moyai_contracts.transaction import Document, Transaction


def item_keys(lines: Iterable[ItemLine]) -> Iterable[str]:
    """Keys of the items and of those that they equal."""
    for line in lines:
        yield keys.item(line.item_code)
        if line.same_as is not None:
            yield keys.item(line.same_as)


def members(line: ItemLine) -> Document:
    """Members of an item's document, without its state."""
    return members_of(line, "item_code", "rev") | {"retired": bool(line.retired)}


def owner(item_code: str) -> str:
    """The code of the municipality whose catalogue an item belongs to; `COMMON` for that of all members."""
    return item_code.partition("-")[0]


def require_known(tx: Transaction, lines: Sequence[ItemLine]) -> None:
    """Items named by `same_as` exist or come with the same command, or Refusal `not_found`."""
    coming = {line.item_code for line in lines}
    for line in lines:
        if line.same_as is not None and line.same_as not in coming:
            tx.need_document(keys.item(line.same_as))


def require_same_unit(document: Document | None, line: ItemLine) -> None:
    """The unit in which needs and offers are counted stays, or Refusal `wrong_state`.

    No point read tells whether an item is in use, so that every active one counts as used.
    """
    if document is not None and document["state"] == "active" and document["base_unit"] != line.base_unit:
        raise Refusal("wrong_state", state="active")
