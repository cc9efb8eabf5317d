"""S9: a box is received, and what was in it is counted."""
from __future__ import annotations

from typing import Any, Iterable

from moyai_contracts import keys
from moyai_contracts.api import schema
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import ReceivePackage
from moyai_contracts.relief.arrivals import found_lines, misfit, open_discrepancy, open_misfit, write_arrival
from moyai_contracts.relief.bookkeeping import NOT_RECEIVED, lost
from moyai_contracts.relief.boxes import book_unannounced, dispatches_of, place
from moyai_contracts.relief.counts import counted, fitted, require_sums
from moyai_contracts.relief.postings import Postings
from moyai_contracts.relief.states import CALLED_OFF, PACKAGE, require_edge
from moyai_contracts.transaction import Document, Replayed, Transaction
from moyai_contracts.use_case import use_case


def _reads(command: ReceivePackage, code6: str, scope: str) -> Iterable[str]:
    yield keys.package(scope, command.package_id)


@use_case(ReceivePackage, roles="ACS", reads=_reads)
def receive_package(tx: Transaction, command: ReceivePackage) -> None:
    """What was not received in good order is given back to the need, and every difference opens a discrepancy
    under the command's `op`. What waited in a queue is not refused for its label or its counts.

    Refuses: `label_unknown`, `time_out_of_range`, `foreign_record`, `wrong_site`, `bad_argument` (lines that the
    box does not have), `already_received` with `at`, `package_voided` with `reason`, `label_superseded` with
    `serial`, `count_mismatch` with `quantity`; queued only `time_out_of_range`, `not_found` (site).
    """
    if command.queued:
        tx.new([keys.arrival(tx.scope, tx.code6, command.site, tx.op)])
    key = keys.package(tx.scope, command.package_id)
    package = None if tx.get(key) is None else tx.movable(key)
    tx.require_past(command.scanned_at)
    reason = _misfit(tx, command, package)
    if package is None or reason is not None:
        _arrive(tx, command, package, reason or "unknown")
        return
    receipt = _receipt(tx, command, package)
    if package["state"] == "received":
        _received_again(tx, command, package, receipt)
    else:
        _receive(tx, command, package, receipt)


def _misfit(tx: Transaction, command: ReceivePackage, package: Document | None) -> str | None:
    """Why the box cannot be received under this label. Raises the Refusal instead to a person who can still act."""
    reason = misfit(package, tx.code6, command.site)
    is_newer = package is not None and command.label_serial > package["label_serial"]
    if command.queued:
        return reason or ("unknown" if is_newer else None)
    if package is None:
        raise Refusal("label_unknown")
    tx.require_own(package["to"]["code6"])
    if command.site != package["to"]["site"]:
        raise Refusal("wrong_site", site=place(package["to"]))
    if package["state"] in CALLED_OFF:
        raise Refusal("package_voided", reason=package.get("reason"))
    if package["state"] != "received":
        _check_serial(command, package)
    return None


def _check_serial(command: ReceivePackage, package: Document) -> None:
    if command.label_serial > package["label_serial"]:
        raise Refusal("label_unknown")
    if command.label_serial < package["label_serial"] and not command.accept_superseded:
        raise Refusal("label_superseded", serial=package["label_serial"])


def _arrive(tx: Transaction, command: ReceivePackage, package: Document | None, reason: str) -> None:
    """The box is here and no receipt fits it: an arrival, and a discrepancy that tells its sender."""
    surplus = schema.to_json(command.surplus or ())
    lines = found_lines(package, schema.to_json(command.lines), surplus)
    clock_off = command.scanned_at > tx.at or None
    write_arrival(tx, command.site, tx.op, {
        "lines": lines, "label_seen": f"{command.package_id}-{command.label_serial:02}", "reason": reason,
        "scanned_at": command.scanned_at, "queued": True, "clock_off": clock_off})
    discrepancy_id = open_misfit(tx, command.package_id, package, reason, {
        "lines": lines, "scanned_at": command.scanned_at, "code6": tx.code6, "site": command.site,
        "arrival_id": tx.op})
    tx.emit(package_id=command.package_id, to={"code6": tx.code6, "site": command.site}, lines=[], surplus=surplus,
            scanned_at=command.scanned_at, label_serial=command.label_serial, deltas=[], queued=True,
            clock_off=clock_off, arrival_id=tx.op, arrival_reason=reason, discrepancy_id=discrepancy_id)


def _receipt(tx: Transaction, command: ReceivePackage, package: Document) -> Document:
    surplus = schema.to_json(command.surplus or ())
    if command.queued:
        lines, beyond = fitted(package, command.lines)
        surplus = [*surplus, *beyond]
    else:
        lines = counted(package, command.lines)
    return {"lines": lines, "surplus": surplus, "scanned_at": command.scanned_at, "queued": bool(command.queued),
            "label_serial": command.label_serial, "attested": tx.attested}


def _received_again(tx: Transaction, command: ReceivePackage, package: Document, receipt: Document) -> None:
    """Equal counts are the earlier result; others are refused, or kept as a discrepancy if they waited in a queue."""
    former = package["receipt"]
    if (former["lines"], former["surplus"]) == (receipt["lines"], receipt["surplus"]):
        raise Replayed
    if not command.queued:
        raise Refusal("already_received", at=former["scanned_at"])
    open_discrepancy(tx, command.package_id, tx.op, "conflicting_scan", package, _received(receipt))
    tx.emit(package_id=command.package_id, to=package["to"], lines=receipt["lines"], surplus=receipt["surplus"],
            scanned_at=command.scanned_at, label_serial=command.label_serial, deltas=[], queued=True,
            discrepancy_id=tx.op, conflicting=True)


def _receive(tx: Transaction, command: ReceivePackage, package: Document, receipt: Document) -> None:
    require_edge(PACKAGE, package, "received")
    require_sums(package, receipt["lines"])
    dispatches = dispatches_of(tx, [package])
    unannounced = package["state"] == "labelled"
    if unannounced:
        book_unannounced(tx, package, dispatches)
    postings = _give_back(tx, package, receipt, dispatches)
    differs = bool(postings.deltas or receipt["surplus"])
    if differs:
        open_discrepancy(tx, command.package_id, tx.op, "count", package, _received(receipt))
    flags = {"unannounced": unannounced or package.get("unannounced"),
             "clock_off": _is_clock_off(tx, command, package) or None}
    tx.edit(keys.package(tx.scope, command.package_id), package, state="received", receipt=receipt, **flags)
    tx.emit(package_id=command.package_id, to=package["to"], lines=_event_lines(package, receipt, dispatches),
            surplus=receipt["surplus"], scanned_at=command.scanned_at, queued=command.queued,
            label_serial=command.label_serial, discrepancy_id=tx.op if differs else None,
            deltas=postings.deltas, **flags)


def _give_back(tx: Transaction, package: Document, receipt: Document, dispatches: dict[str, Document]) -> Postings:
    given = [(sent, lost(counts)) for sent, counts in zip(package["lines"], receipt["lines"], strict=True)]
    tx.load(keys.need(tx.scope, sent["need_id"]) for sent, quantity in given if quantity)
    postings = Postings(tx)
    for sent, quantity in given:
        postings.post(NOT_RECEIVED, quantity, need_id=sent["need_id"],
                      offer_id=dispatches[sent["dispatch_id"]]["offer_id"])
    return postings


def _is_clock_off(tx: Transaction, command: ReceivePackage, package: Document) -> bool:
    return not package.get("shipped_at", 0) <= command.scanned_at <= tx.at


def _event_lines(package: Document, receipt: Document, dispatches: dict[str, Document]) -> list[dict[str, Any]]:
    return [counts | {"need_id": sent["need_id"], "quantity": sent["quantity"],
                      "home": dispatches[sent["dispatch_id"]]["home"]}
            for sent, counts in zip(package["lines"], receipt["lines"], strict=True)]


def _received(receipt: Document) -> Document:
    return {name: receipt[name] for name in ("lines", "surplus", "scanned_at")}
