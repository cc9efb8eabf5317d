"""One municipality's voice on a proposal."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.directory import CastVote
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.directory.votes import content_hash
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import CONFIRMED_KEY, use_case


def _proposal(command: CastVote) -> str:
    return keys.municipality(command.ref) if command.kind == "municipality" else keys.item(command.ref)


def _reads(command: CastVote, code6: str, scope: str) -> Iterable[str]:
    return _proposal(command), keys.vote(command.kind, command.ref, command.hash, code6)


@use_case(CastVote, roles="A", grade=CONFIRMED_KEY, reads=_reads)
def cast_vote(tx: Transaction, command: CastVote) -> None:
    """A later vote of the same municipality on the same content replaces the earlier one.

    Refuses: `not_found`, `stale_revision` (the proposal is not what the voter saw, or was decided).
    """
    key = keys.vote(command.kind, command.ref, command.hash, tx.code6)
    tx.replaceable(key)
    if content_hash(tx, _proposal(command)) != command.hash:
        raise Refusal("stale_revision")
    tx.put(key, {"choice": command.choice})
    tx.emit(kind=command.kind, ref=command.ref, hash=command.hash, choice=command.choice)
