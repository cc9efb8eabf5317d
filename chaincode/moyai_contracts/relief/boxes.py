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


def site_param(tx: Transaction, package: Document) -> Document:
    """Parameters of `wrong_site`: where the box belongs, by name and by id."""
    destination = package["to"]
    site = tx.need_document(keys.site(destination["code6"], destination["site"]))
    return {"site": site["name"], "site_id": destination["site"]}
