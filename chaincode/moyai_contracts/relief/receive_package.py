"""S9: a box is received, and what was in it is counted."""
from __future__ import annotations

from typing import Any, Iterable

from moyai_contracts import keys
from moyai_contracts.api import schema
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import ReceivePackage
from moyai_contracts.relief.bookkeeping import NOT_RECEIVED, lost
from moyai_contracts.relief.boxes import dispatches_of, place
from moyai_contracts.relief.postings import Postings
from moyai_contracts.relief.states import DISPATCH, PACKAGE, require_edge
from moyai_contracts.transaction import Document, Replayed, Transaction
from moyai_contracts.use_case import use_case


def _reads(command: ReceivePackage, code6: str, scope: str) -> Iterable[str]:
    return (keys.package(scope, command.package_id),)


@use_case(ReceivePackage, roles="ACS", reads=_reads)
def receive_package(tx: Transaction, command: ReceivePackage) -> None:
    """What was not received in good order is given back to the need, and every difference opens a discrepancy
    under the command's `op`.

    Refuses: `label_unknown`, `time_out_of_range`, `foreign_record`, `wrong_site`, `bad_argument` (lines that the
    box does not have), `already_received` with `at`, `package_voided` with `reason`, `label_superseded` with
    `serial`, `count_mismatch` with `quantity`.
    """
    key = keys.package(tx.scope, command.package_id)
    package = tx.movable(key, "label_unknown")
    tx.require_past(command.scanned_at)
    tx.require_own(package["to"]["code6"])
    if command.site != package["to"]["site"]:
        raise Refusal("wrong_site", site=place(package["to"]))
    receipt = _receipt(tx, command, package)
    if package["state"] == "received":
        _received_again(tx, command, package, receipt)
        return
    _check_label(command, package)
    _check_counts(package, receipt)
    _receive(tx, command, package, receipt)


def _receipt(tx: Transaction, command: ReceivePackage, package: Document) -> Document:
    """The counts in the order of the box's lines."""
    counted = {line.dispatch_id: line for line in command.lines}
    wanted = [line["dispatch_id"] for line in package["lines"]]
    if len(counted) < len(command.lines) or set(counted) != set(wanted):
        raise Refusal("bad_argument", field="lines")
    return {"lines": [schema.to_json(counted[dispatch_id]) for dispatch_id in wanted],
            "surplus": schema.to_json(command.surplus or ()), "scanned_at": command.scanned_at,
            "queued": bool(command.queued), "label_serial": command.label_serial, "attested": tx.attested}


def _received_again(tx: Transaction, command: ReceivePackage, package: Document, receipt: Document) -> None:
    """Equal counts are the earlier result; others are refused, or kept as a discrepancy if they waited in a queue."""
    former = package["receipt"]
    if (former["lines"], former["surplus"]) == (receipt["lines"], receipt["surplus"]):
        raise Replayed
    if not command.queued:
        raise Refusal("already_received", at=former["scanned_at"])
    _open_discrepancy(tx, command, "conflicting_scan", package, receipt)
    tx.emit(package_id=command.package_id, to=package["to"], lines=receipt["lines"], surplus=receipt["surplus"],
            scanned_at=command.scanned_at, label_serial=command.label_serial, deltas=[], queued=True,
            discrepancy_id=tx.op, conflicting=True)


def _check_label(command: ReceivePackage, package: Document) -> None:
    if package["state"] == "voided":
        raise Refusal("package_voided", reason=package["reason"])
    if command.label_serial > package["label_serial"]:
        raise Refusal("label_unknown")
    if command.label_serial < package["label_serial"] and not (command.accept_superseded or command.queued):
        raise Refusal("label_superseded", serial=package["label_serial"])


def _check_counts(package: Document, receipt: Document) -> None:
    for sent, counted in zip(package["lines"], receipt["lines"], strict=True):
        if counted["good"] + lost(counted) != sent["quantity"]:
            raise Refusal("count_mismatch", quantity=sent["quantity"])


def _receive(tx: Transaction, command: ReceivePackage, package: Document, receipt: Document) -> None:
    require_edge(PACKAGE, package, "received")
    dispatches = dispatches_of(tx, [package])
    unannounced = package["state"] == "labelled"
    if unannounced:
        _book_shipping(tx, package, dispatches)
    postings = _give_back(tx, package, receipt, dispatches)
    differs = bool(postings.deltas or receipt["surplus"])
    if differs:
        _open_discrepancy(tx, command, "count", package, receipt)
    flags = {"unannounced": unannounced or None, "clock_off": _is_clock_off(tx, command, package) or None}
    tx.edit(keys.package(tx.scope, command.package_id), package, state="received", receipt=receipt, **flags)
    tx.emit(package_id=command.package_id, to=package["to"], lines=_event_lines(package, receipt, dispatches),
            surplus=receipt["surplus"], scanned_at=command.scanned_at, queued=command.queued,
            label_serial=command.label_serial, discrepancy_id=tx.op if differs else None,
            deltas=postings.deltas, **flags)


def _book_shipping(tx: Transaction, package: Document, dispatches: dict[str, Document]) -> None:
    """The sender never said that the box had left; that it is here says so."""
    for line in package["lines"]:
        dispatch = dispatches[line["dispatch_id"]]
        require_edge(DISPATCH, dispatch, "shipped")
        tx.edit(keys.dispatch(tx.scope, line["need_id"], line["dispatch_id"]), dispatch, state="shipped",
                shipped=line["quantity"])


def _give_back(tx: Transaction, package: Document, receipt: Document, dispatches: dict[str, Document]) -> Postings:
    given = [(sent, lost(counted)) for sent, counted in zip(package["lines"], receipt["lines"], strict=True)]
    tx.load(keys.need(tx.scope, sent["need_id"]) for sent, quantity in given if quantity)
    postings = Postings(tx)
    for sent, quantity in given:
        postings.post(NOT_RECEIVED, quantity, need_id=sent["need_id"],
                      offer_id=dispatches[sent["dispatch_id"]]["offer_id"])
    return postings


def _is_clock_off(tx: Transaction, command: ReceivePackage, package: Document) -> bool:
    return not package.get("shipped_at", 0) <= command.scanned_at <= tx.at


def _event_lines(package: Document, receipt: Document, dispatches: dict[str, Document]) -> list[dict[str, Any]]:
    return [counted | {"need_id": sent["need_id"], "quantity": sent["quantity"],
                       "home": dispatches[sent["dispatch_id"]]["home"]}
            for sent, counted in zip(package["lines"], receipt["lines"], strict=True)]


def _open_discrepancy(tx: Transaction, command: ReceivePackage, kind: str, package: Document,
                      receipt: Document) -> None:
    key = keys.discrepancy(tx.scope, command.package_id, tx.op)
    tx.new([key])
    sent = [{name: line[name] for name in ("need_id", "dispatch_id", "item", "quantity")} for line in package["lines"]]
    tx.create(key, {"kind": kind, "sent": {"lines": sent}, "state": "open",
                    "received": {"lines": receipt["lines"], "surplus": receipt["surplus"],
                                 "scanned_at": command.scanned_at}})
