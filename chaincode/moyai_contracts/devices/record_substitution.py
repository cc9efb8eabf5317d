"""E2: values that nobody measured, set by hand or rule, are told apart for ever."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.devices import RecordSubstitution, SubstitutedRow
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.schema import to_json
from moyai_contracts.devices.ownership import own_device, require_register
from moyai_contracts.devices.periods import slot_start
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import BRIDGE, use_case


def _reads(command: RecordSubstitution, code6: str, scope: str) -> Iterable[str]:
    return [keys.substitution(code6, command.substitution_id), *(keys.device(row.device_id) for row in command.rows)]


@use_case(RecordSubstitution, roles="C", unaccounted=(BRIDGE,), reads=_reads)
def record_substitution(tx: Transaction, command: RecordSubstitution) -> None:
    """The values themselves stay off the ledger.

    Refuses: `bad_argument` (reason, slot, register, a row named twice), `id_reused`, `not_found`, `foreign_record`,
    `time_out_of_range`.
    """
    key = keys.substitution(tx.code6, command.substitution_id)
    tx.new([key])
    if len({(row.device_id, row.register, row.slot) for row in command.rows}) < len(command.rows):
        raise Refusal("bad_argument", field="rows")
    for row in command.rows:
        _check(tx, row)
    tx.create(key, {"rows": to_json(command.rows)})
    tx.emit(substitution_id=command.substitution_id, device_ids=sorted({row.device_id for row in command.rows}))


def _check(tx: Transaction, row: SubstitutedRow) -> None:
    if not row.reason:
        raise Refusal("bad_argument", field="reason")
    require_register(own_device(tx, row.device_id), row.register)
    start = slot_start(row.slot)
    if start is None:
        raise Refusal("bad_argument", field="slot")
    tx.require_past(start)
