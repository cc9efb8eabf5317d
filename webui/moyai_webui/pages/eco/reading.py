"""E2: one reading: as it came, where its root stands on the ledger, whether that is true, and the file that says so."""
from __future__ import annotations

from datetime import datetime, timezone

from flask import Response, abort
from flask.typing import ResponseReturnValue

from moyai_webui.access import MEMBERS, OFFICE, roles
from moyai_webui.meter_readings import ReadingKey, ReadingRecord, Unproven
from moyai_webui.pages.blueprints import eco
from moyai_webui.pages.eco.own_devices import visible_device
from moyai_webui.pages.serving import found, metering, show
from moyai_webui.presentation.formats import jst
from moyai_webui.presentation.template_context import as_of_words


@eco.get("/readings/<device_id>/<name>")
@roles(*OFFICE, *MEMBERS)
def reading(device_id: str, name: str) -> ResponseReturnValue:
    """Green only when the check of this very moment succeeded."""
    record = _record(device_id, name)
    proof, reason, recorded_at = None, "", None
    try:
        proof = metering().prove(record.key)
        recorded_at = datetime.fromtimestamp(proof.facts.transaction.at, timezone.utc)
    except Unproven as error:
        reason = error.reason
    return show("reading.html", record=record, proof=proof, reason=reason, recorded_at=recorded_at,
                day=jst(record.at).date().isoformat(), as_of=as_of_words(metering().as_of()))


@eco.get("/readings/<device_id>/<name>/proof.json")
@roles(*OFFICE, *MEMBERS)
def reading_proof(device_id: str, name: str) -> ResponseReturnValue:
    """The file that `moyai verify` checks without us."""
    record = _record(device_id, name)
    try:
        proof = metering().prove(record.key)
    except Unproven:
        abort(503)
    return Response(proof.file, mimetype="application/json", headers={
        "Content-Disposition": f'attachment; filename="reading-{device_id[:8]}-{name}.json"'})


def _record(device_id: str, name: str) -> ReadingRecord:
    visible_device(device_id)
    return found(metering().reading(found(ReadingKey.read(device_id, name))))
