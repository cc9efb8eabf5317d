"""A stolen service certificate ends in the next block."""
from __future__ import annotations

from moyai_contracts import keys
from moyai_contracts.api.directory import BlockCertificate
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import CONSOLE, use_case


@use_case(BlockCertificate, services=(CONSOLE,), roles="A", unaccounted=(CONSOLE,))
def block_certificate(tx: Transaction, command: BlockCertificate) -> None:
    """Of the signer's own MSP. Refuses: `bad_argument` (the certificate that signs), `wrong_state`."""
    if command.fingerprint == tx.creator.fingerprint:
        raise Refusal("bad_argument", field="fingerprint")
    key = keys.blocked(tx.creator.msp_id, command.fingerprint)
    earlier = tx.replaceable(key)
    if earlier is not None and earlier["status"] == "blocked":
        raise Refusal("wrong_state", state="blocked")
    tx.put(key, {"status": "blocked", "since": tx.at, "reason": command.reason})
    tx.emit(msp_id=tx.creator.msp_id, fingerprint=command.fingerprint, reason=command.reason)
