"""S9: a box is here that no receipt fits."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api import schema
from moyai_contracts.api.identifiers import parse_label
from moyai_contracts.api.relief import RecordArrival
from moyai_contracts.relief.arrivals import misfit, open_misfit, write_arrival
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import use_case


def _package_id(command: RecordArrival) -> str | None:
    """The id of the box whose label was seen, as far as it could be read."""
    label = parse_label(command.label_seen) if command.label_seen else None
    return label[0] if label else None


def _reads(command: RecordArrival, code6: str, scope: str) -> Iterable[str]:
    yield keys.site(code6, command.site)
    yield keys.arrival(scope, code6, command.site, command.arrival_id)
    package_id = _package_id(command)
    if package_id:
        yield keys.package(scope, package_id)


@use_case(RecordArrival, roles="ACS", reads=_reads)
def record_arrival(tx: Transaction, command: RecordArrival) -> None:
    """Never refused for its content. Where the label tells of a box that was called off or belongs elsewhere, its
    sender hears of it. Refuses: `id_reused`, `not_found` (site), `time_out_of_range`."""
    package_id = _package_id(command)
    tx.new([keys.arrival(tx.scope, tx.code6, command.site, command.arrival_id)])
    tx.require_past(command.scanned_at)
    lines = schema.to_json(command.lines)
    clock_off = command.scanned_at > tx.at or None
    write_arrival(tx, command.site, command.arrival_id, {
        "lines": lines, "label_seen": command.label_seen, "reason": command.reason, "note": command.note,
        "scanned_at": command.scanned_at, "queued": bool(command.queued), "clock_off": clock_off})
    package = tx.get(keys.package(tx.scope, package_id)) if package_id else None
    reason = misfit(package, tx.code6, command.site)
    discrepancy_id = None
    if package_id and reason:
        discrepancy_id = open_misfit(tx, package_id, package, reason, {
            "lines": lines, "scanned_at": command.scanned_at, "code6": tx.code6, "site": command.site,
            "arrival_id": command.arrival_id})
    tx.emit(arrival_id=command.arrival_id, code6=tx.code6, site=command.site, lines=lines,
            label_seen=command.label_seen, reason=command.reason, scanned_at=command.scanned_at,
            queued=command.queued, clock_off=clock_off, discrepancy_id=discrepancy_id)
