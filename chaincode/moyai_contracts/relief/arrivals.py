"""A box that is here although no receipt fits it: it is written down, and its sender hears of it.

What has arrived is never refused for its label: the box is real.
"""
from __future__ import annotations

from typing import Any, Iterable

from moyai_contracts import keys
from moyai_contracts.relief.states import CALLED_OFF
from moyai_contracts.transaction import Document, Transaction

_KINDS = {"unknown": "unknown_label", "wrong_site": "wrong_site"} | dict.fromkeys(CALLED_OFF, "recalled_arrived")
"""Reason why no receipt fits → kind of the discrepancy that follows."""


def misfit(package: Document | None, code6: str, site: str) -> str | None:
    """Why a box with the label of `package` cannot be received at a site; None when it can."""
    if package is None:
        return "unknown"
    if package["state"] in CALLED_OFF:
        return str(package["state"])
    if (package["to"]["code6"], package["to"]["site"]) != (code6, site):
        return "wrong_site"
    return None


def write_arrival(tx: Transaction, site: str, arrival_id: str, fields: Document) -> None:
    """The arrival itself, at a site of the own municipality. Raises Refusal `not_found`."""
    tx.need_document(keys.site(tx.code6, site))
    tx.create(keys.arrival(tx.scope, tx.code6, site, arrival_id), fields | {"attested": tx.attested})


def open_misfit(tx: Transaction, package_id: str, package: Document | None, reason: str, received: Document) -> str:
    """The discrepancy that tells the sender, under the command's `op`; gives its id back."""
    open_discrepancy(tx, package_id, tx.op, _KINDS[reason], package, received)
    return tx.op


def open_discrepancy(tx: Transaction, package_id: str, discrepancy_id: str, kind: str, package: Document | None,
                     received: Document, **members: Any) -> None:
    """A difference between what was sent, as far as it is known, and what was received. Raises Refusal `id_reused`."""
    key = keys.discrepancy(tx.scope, package_id, discrepancy_id)
    tx.new([key])
    tx.create(key, {
        "kind": kind, "sent": {"lines": sent_lines(package)}, "received": received, "state": "open", **members})


def sent_lines(package: Document | None) -> list[Document]:
    """A box's lines as a discrepancy keeps them."""
    return [{name: line[name] for name in ("need_id", "dispatch_id", "item", "quantity")}
            for line in (package["lines"] if package else ())]


def found_lines(package: Document | None, counted: Iterable[Document], surplus: Iterable[Document]) -> list[Document]:
    """What was in a box, by item, from a receipt's counts; without counts, what the box is known to hold."""
    items = {line["dispatch_id"]: line["item"] for line in (package["lines"] if package else ())}
    counts = list(counted)
    if not counts and package is not None:
        return [{"item": line["item"], "quantity": line["quantity"]} for line in package["lines"]] + list(surplus)
    found = [{"item": items.get(line["dispatch_id"]), "quantity": line["good"] + line["damaged"] + line["refused"]}
             for line in counts]
    return [{name: value for name, value in line.items() if value is not None}
            for line in found if line["quantity"]] + list(surplus)
