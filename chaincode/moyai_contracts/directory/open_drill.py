"""S12: a municipality begins a drill, or takes part in another's."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.directory import OpenDrill
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import use_case


def _reads(command: OpenDrill, code6: str, scope: str) -> Iterable[str]:
    yield keys.drill(code6, command.drill_id)
    for site in command.sites or ():
        yield keys.site(code6, site)


@use_case(OpenDrill, roles="A", reads=_reads)
def open_drill(tx: Transaction, command: OpenDrill) -> None:
    """For the signer's own municipality. Refuses: `bad_argument` (days), `id_reused`, `not_found` (site)."""
    if command.starts_on and command.ends_on and command.starts_on > command.ends_on:
        raise Refusal("bad_argument", field="ends_on")
    key = keys.drill(tx.code6, command.drill_id)
    tx.new([key])
    for site in command.sites or ():
        tx.need_document(keys.site(tx.code6, site))
    tx.create(key, {"opened_by": tx.by, "title": command.title, "starts_on": command.starts_on,
                    "ends_on": command.ends_on, "sites": None if command.sites is None else list(command.sites),
                    "status": "open"})
    tx.emit(code6=tx.code6, drill_id=command.drill_id, title=command.title)
