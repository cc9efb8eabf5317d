"""S4: what a municipality does not want to be sent now."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import EVERY_ITEM, SetIntake
from moyai_contracts.business_date import is_over, japanese_date
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import use_case


def _reads(command: SetIntake, code6: str, scope: str) -> Iterable[str]:
    yield keys.intake(scope, code6, command.item)
    if command.item != EVERY_ITEM:
        yield keys.item(command.item)


@use_case(SetIntake, roles="AC", reads=_reads)
def set_intake(tx: Transaction, command: SetIntake) -> None:
    """The last write wins. Refuses: `bad_argument` (a stop without its last day, or with one that has passed),
    `not_found` (item)."""
    key = keys.intake(tx.scope, tx.code6, command.item)
    tx.replaceable(key)
    if command.stopped and (command.until is None or is_over(command.until, japanese_date(tx.at))):
        raise Refusal("bad_argument", field="until")
    if command.item != EVERY_ITEM:
        tx.need_document(keys.item(command.item))
    tx.put(key, {"stopped": command.stopped, "until": command.until, "note": command.note})
    tx.emit(code6=tx.code6, item=command.item, stopped=command.stopped, until=command.until, note=command.note)


def stopped_until(tx: Transaction, code6: str, item: str) -> str | None:
    """The last day on which a municipality takes no offers of an item; None where it takes them."""
    stops = [keys.intake(tx.scope, code6, item), keys.intake(tx.scope, code6, EVERY_ITEM)]
    tx.load(stops)
    found = (tx.get(key) for key in stops)
    days = [intake["until"] for intake in found
            if intake is not None and intake["stopped"] and not is_over(intake["until"], japanese_date(tx.at))]
    return max(days, default=None)
