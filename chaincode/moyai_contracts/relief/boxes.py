"""A box and the dispatches that its lines belong to."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.transaction import Document, Transaction


def dispatches_of(tx: Transaction, packages: Iterable[Document]) -> dict[str, Document]:
    """Dispatch id → document, of all lines of the boxes, read in one round trip."""
    wanted = {line["dispatch_id"]: keys.dispatch(tx.scope, line["need_id"], line["dispatch_id"])
              for package in packages for line in package["lines"]}
    tx.load(wanted.values())
    return {dispatch_id: tx.need_document(key) for dispatch_id, key in wanted.items()}


def place(destination: Document) -> str:
    """A box's destination as offices are written: `172022/CC0000000504`."""
    return f"{destination['code6']}/{destination['site']}"
