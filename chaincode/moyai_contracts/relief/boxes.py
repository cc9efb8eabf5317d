"""A box, the dispatches that its lines belong to, and its way."""
from __future__ import annotations

from typing import Iterable, Mapping

from moyai_contracts import keys
from moyai_contracts.api.relief import MAX_LABEL_SERIAL
from moyai_contracts.relief.bookkeeping import rest
from moyai_contracts.relief.ownership import is_sender
from moyai_contracts.relief.states import PACKAGE, require_edge
from moyai_contracts.transaction import Document, Transaction


def dispatches_of(tx: Transaction, packages: Iterable[Document]) -> dict[str, Document]:
    """Dispatch id → document, of all lines of the boxes, read in one round trip."""
    wanted = {line["dispatch_id"]: keys.dispatch(tx.scope, line["need_id"], line["dispatch_id"])
              for package in packages for line in package["lines"]}
    tx.load(wanted.values())
    return {dispatch_id: tx.need_document(key) for dispatch_id, key in wanted.items()}


def boxes_of(tx: Transaction, dispatches: Iterable[Document]) -> dict[str, Document]:
    """Package id → document, of all boxes of the dispatches, read in one round trip."""
    wanted = {package_id: keys.package(tx.scope, package_id)
              for dispatch in dispatches for package_id in dispatch["packages"]}
    tx.load(wanted.values())
    return {package_id: tx.need_document(key) for package_id, key in wanted.items()}


def place(destination: Mapping[str, str]) -> str:
    """A box's destination as offices are written: `172022/CC0000000504`."""
    return f"{destination['code6']}/{destination['site']}"


def is_sender_of(tx: Transaction, packages: Iterable[Document]) -> bool:
    """Whether the actor may act for the supporters of all that is in the boxes."""
    return all(is_sender(tx, dispatch["supporter"], dispatch["home"])
               for dispatch in dispatches_of(tx, packages).values())


def next_serial(package: Document) -> int:
    """The serial of a label that tells what the printed one does not; the last one stays when they are used up."""
    return min(int(package["label_serial"]) + 1, MAX_LABEL_SERIAL)


def take_out(tx: Transaction, package_id: str, dispatch_id: str, reason: str) -> None:
    """A dispatch's lines leave a box that has not left; a box with nothing else in it is void.

    Raises Refusal `wrong_state`.
    """
    key = keys.package(tx.scope, package_id)
    package = tx.need_document(key)
    require_edge(PACKAGE, package, "voided")
    others = [line for line in package["lines"] if line["dispatch_id"] != dispatch_id]
    if others:
        tx.edit(key, package, lines=others, label_serial=next_serial(package))
    else:
        tx.edit(key, package, state="voided", reason=reason)


def book_unannounced(tx: Transaction, package: Document, dispatches: Mapping[str, Document]) -> None:
    """The sender never said that the box had left; that it is here says so. Other boxes of its dispatches stay as
    they are: they may be received or shipped later."""
    need_of = {line["dispatch_id"]: line["need_id"] for line in package["lines"]}
    for dispatch_id, dispatch in dispatches.items():
        if dispatch["state"] == "requested":
            tx.edit(keys.dispatch(tx.scope, need_of[dispatch_id], dispatch_id), dispatch, state="shipped",
                    shipped=rest(dispatch))
