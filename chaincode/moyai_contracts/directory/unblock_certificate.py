"""A certificate's block is lifted."""
from __future__ import annotations

from moyai_contracts import keys
from moyai_contracts.api.directory import UnblockCertificate
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import CONSOLE, use_case


@use_case(UnblockCertificate, services=(CONSOLE,), roles="A", unaccounted=(CONSOLE,))
def unblock_certificate(tx: Transaction, command: UnblockCertificate) -> None:
    """The document stays, so that a late copy of the same command finds what it did.

    Refuses: `not_found`, `wrong_state`.
    """
    key = keys.blocked(tx.creator.msp_id, command.fingerprint)
    document = tx.movable(key)
    if document["status"] != "blocked":
        raise Refusal("wrong_state", state=document["status"])
    tx.edit(key, document, status="lifted", reason=command.reason)
    tx.emit(msp_id=tx.creator.msp_id, fingerprint=command.fingerprint, reason=command.reason)
