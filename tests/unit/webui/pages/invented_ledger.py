"""What `LedgerProofs` asks of a ledger, answered by an invented consortium whose signatures are real."""
from __future__ import annotations

from moyai_client import NotSent
from moyai_client.proof import Authorities, TransactionProof

from tests.unit.client.proof.invented_consortium import Forge

COMMAND = [b"relief.receive_package", b"{}"]
_PROOF = Forge(arguments=COMMAND).proof()
TRANSACTION_ID = _PROOF.transaction_id


class InventedLedger:
    """Proves one transaction, whatever it is asked for; `away`: too few peers answer."""

    def __init__(self) -> None:
        self.away = False
        self.asked: list[str] = []

    def prove(self, transaction_id: str) -> TransactionProof:
        self.asked.append(transaction_id)
        self._need_peers()
        return _PROOF

    def authorities(self) -> Authorities:
        self._need_peers()
        return Authorities.named(_PROOF.authorities)

    def _need_peers(self) -> None:
        if self.away:
            raise NotSent("no municipality's peer answers for the transaction")
