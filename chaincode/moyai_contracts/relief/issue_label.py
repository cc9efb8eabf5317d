"""S9: a label is printed anew; the old one is told by its serial."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.relief import MAX_LABEL_SERIAL, IssueLabel
from moyai_contracts.relief.boxes import is_sender_of
from moyai_contracts.relief.states import ON_THE_WAY, require_state
from moyai_contracts.transaction import Document, Transaction
from moyai_contracts.use_case import use_case


def _reads(command: IssueLabel, code6: str, scope: str) -> Iterable[str]:
    return (keys.package(scope, command.package_id),)


@use_case(IssueLabel, roles="PAC", reads=_reads)
def issue_label(tx: Transaction, command: IssueLabel) -> None:
    """By the sender or the receiver's office. Refuses: `not_found`, `foreign_record`, `wrong_state`, `too_many`
    (two digits are used up)."""
    key = keys.package(tx.scope, command.package_id)
    package = tx.movable(key)
    if not _is_receiver(tx, package) and not is_sender_of(tx, [package]):
        raise Refusal("foreign_record")
    require_state(package, "labelled", *ON_THE_WAY)
    serial = package["label_serial"] + 1
    if serial > MAX_LABEL_SERIAL:
        raise Refusal("too_many", max=MAX_LABEL_SERIAL)
    tx.edit(key, package, label_serial=serial)
    tx.emit(package_id=command.package_id, serial=serial)


def _is_receiver(tx: Transaction, package: Document) -> bool:
    return package["to"]["code6"] == tx.code6 and tx.actor is not None and tx.actor.role in ("A", "C")
