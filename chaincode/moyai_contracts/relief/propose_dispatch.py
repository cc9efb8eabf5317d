"""S6: a shelter asks its office to request dispatches."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.relief import ProposedLine, ProposeDispatch
from moyai_contracts.relief.match import require_possible
from moyai_contracts.relief.request_dispatch import (
    asked_keys, create_needs, match_of, new_keys, require_ids, told_needs)
from moyai_contracts.transaction import Document, Transaction
from moyai_contracts.use_case import use_case


def _reads(command: ProposeDispatch, code6: str, scope: str) -> Iterable[str]:
    return asked_keys(command.dispatches, code6, scope)


@use_case(ProposeDispatch, roles="S", reads=_reads)
def propose_dispatch(tx: Transaction, command: ProposeDispatch) -> None:
    """Takes nothing: what could be asked for now may be gone when the office approves. Refuses as
    `request_dispatch`."""
    require_ids(command.dispatches)
    tx.new(new_keys(command.dispatches, tx.scope))
    create_needs(tx, command.dispatches)
    told = [_propose(tx, line) for line in command.dispatches]
    tx.emit(needs=told_needs(command.dispatches), dispatches=told)


def _propose(tx: Transaction, line: ProposedLine) -> Document:
    match = match_of(tx, line)
    _, offer = require_possible(tx, match)
    # As long as it is no request it holds nothing: all of it counts as released.
    tx.create(keys.dispatch(tx.scope, line.need_id, line.dispatch_id),
              match.terms(offer) | {"released": line.quantity, "packages": [], "state": "proposed"})
    return match.told(offer)
