"""S9: a box has reached a hub on its way."""
from __future__ import annotations

from typing import Any, Iterable

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import HandOverPackage
from moyai_contracts.relief.arrivals import found_lines, open_misfit, write_arrival
from moyai_contracts.relief.boxes import book_unannounced, dispatches_of, is_sender_of, place
from moyai_contracts.relief.states import CALLED_OFF, PACKAGE, require_edge
from moyai_contracts.transaction import Document, Replayed, Transaction
from moyai_contracts.use_case import use_case


def _reads(command: HandOverPackage, code6: str, scope: str) -> Iterable[str]:
    yield keys.package(scope, command.package_id)


@use_case(HandOverPackage, roles="PACS", reads=_reads)
def hand_over_package(tx: Transaction, command: HandOverPackage) -> None:
    """By the hub or the sender. A hub may be left out; one that was passed is the earlier result. What a hub scanned
    and its queue sends later is not refused for its label: it becomes an arrival there.

    Refuses: `label_unknown`, `time_out_of_range`, `foreign_record`, `package_voided` with `reason`, `wrong_site`
    (no hub of the route), `wrong_state`; `not_found` (site of an arrival).
    """
    if command.queued:
        tx.new([keys.arrival(tx.scope, command.code6, command.site, tx.op)])
    key = keys.package(tx.scope, command.package_id)
    package = None if tx.get(key) is None else tx.movable(key)
    tx.require_past(command.scanned_at)
    at_own_hub = command.code6 == tx.code6 and tx.actor is not None and tx.actor.role != "P"
    if at_own_hub:
        tx.require_cover(command.site)
    elif package is not None and not is_sender_of(tx, [package]):
        raise Refusal("foreign_record")
    reason = _misfit(command, package)
    if package is not None and reason is None:
        _hand_over(tx, command, package)
    elif command.queued and at_own_hub:
        _arrive(tx, command, package, reason or "unknown")
    else:
        raise _refusal(command, package, reason)


def _misfit(command: HandOverPackage, package: Document | None) -> str | None:
    if package is None:
        return "unknown"
    if package["state"] in CALLED_OFF:
        return str(package["state"])
    return None if _hub(command) in package["route"] else "wrong_site"


def _refusal(command: HandOverPackage, package: Document | None, reason: str | None) -> Refusal:
    if package is None:
        return Refusal("label_unknown")
    if reason == "wrong_site":
        ahead = [*package["route"][package["leg"]:], package["to"]]
        return Refusal("wrong_site", site=place(ahead[0]))
    return Refusal("package_voided", reason=package.get("reason"))


def _hub(command: HandOverPackage) -> Document:
    return {"code6": command.code6, "site": command.site}


def _hand_over(tx: Transaction, command: HandOverPackage, package: Document) -> None:
    leg = package["route"].index(_hub(command)) + 1
    if leg <= package["leg"]:
        raise Replayed
    require_edge(PACKAGE, package, "handed_over")
    unannounced = package["state"] == "labelled"
    if unannounced:
        book_unannounced(tx, package, dispatches_of(tx, [package]))
    flags: dict[str, Any] = {"unannounced": unannounced or package.get("unannounced")}
    clock_off = not package.get("shipped_at", 0) <= command.scanned_at <= tx.at or None
    tx.edit(keys.package(tx.scope, command.package_id), package, state="handed_over", leg=leg,
            handed_at=command.scanned_at, **flags)
    tx.emit(package_id=command.package_id, code6=command.code6, site=command.site, leg=leg,
            scanned_at=command.scanned_at, queued=command.queued, clock_off=clock_off, **flags)


def _arrive(tx: Transaction, command: HandOverPackage, package: Document | None, reason: str) -> None:
    lines = found_lines(package, (), ())
    write_arrival(tx, command.site, tx.op, {
        "lines": lines, "label_seen": command.package_id, "reason": reason, "scanned_at": command.scanned_at,
        "queued": True})
    discrepancy_id = open_misfit(tx, command.package_id, package, reason, {
        "lines": lines, "scanned_at": command.scanned_at, "code6": tx.code6, "site": command.site,
        "arrival_id": tx.op})
    tx.emit(package_id=command.package_id, code6=command.code6, site=command.site,
            leg=package["leg"] if package else 0, scanned_at=command.scanned_at, queued=True, arrival_id=tx.op,
            arrival_reason=reason, discrepancy_id=discrepancy_id)
