"""S1: a site needs something."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import NeedLine, RegisterNeed
from moyai_contracts.transaction import Document, Transaction
from moyai_contracts.use_case import use_case


def needed_keys(lines: Iterable[NeedLine], code6: str, scope: str) -> Iterable[str]:
    """Keys that new needs are checked against."""
    for line in lines:
        yield keys.need(scope, line.need_id)
        yield keys.site(code6, line.site)
        yield keys.site_status(scope, code6, line.site)
        yield keys.item(line.item)


def _reads(command: RegisterNeed, code6: str, scope: str) -> Iterable[str]:
    return needed_keys(command.needs, code6, scope)


@use_case(RegisterNeed, roles="ACS", reads=_reads)
def register_need(tx: Transaction, command: RegisterNeed) -> None:
    """Refuses: `id_reused`, `not_found`, `foreign_record`, `site_closed`, `wrong_state` (retired item)."""
    tx.new(keys.need(tx.scope, line.need_id) for line in command.needs)
    tx.require_past(command.made_at)
    for line in command.needs:
        create_need(tx, line)
    tx.emit(needs=[{"need_id": line.need_id, "site": line.site, "item": line.item, "quantity": line.quantity}
                   for line in command.needs], made_at=command.made_at, queued=command.queued)


def create_need(tx: Transaction, line: NeedLine) -> Document:
    """Writes one open need and gives it back; also the new need that a request for dispatch brings along."""
    site = tx.need_document(keys.site(tx.code6, line.site))
    item = tx.need_document(keys.item(line.item))
    tx.require_cover(line.site)
    status = tx.get(keys.site_status(tx.scope, tx.code6, line.site))
    if site["retired"] or status is None or not status["open"]:
        raise Refusal("site_closed")
    if item["state"] != "active" or item["retired"]:
        raise Refusal("wrong_state", state="retired" if item["retired"] else item["state"])
    key = keys.need(tx.scope, line.need_id)
    tx.create(key, {
        "code6": tx.code6, "site_id": line.site, "item": line.item, "attributes": line.attributes or {},
        "quantity": line.quantity, "committed": 0, "needed_by": line.needed_by, "priority": line.priority,
        "headcount": line.headcount, "note": line.note, "state": "open"})
    return tx.need_document(key)
