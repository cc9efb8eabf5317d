"""Fabric's Gateway service: evaluate, endorse, submit, commit status; each asked of the gateways in turn.

This module decides what a failed call means (FABRIC.md §7); what is asked again is decided in `retry`.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from fabric_protos.common import common_pb2, ledger_pb2
from fabric_protos.gateway import gateway_pb2
from fabric_protos.peer import transaction_pb2

from moyai_client.errors import EndorsementsDiffer, MoyaiError, NotSent, Refused, refusal_in
from moyai_client.identity import Identity
from moyai_client.profile import GatewayEndpoint
from moyai_client.proposal import new_proposal, result_in
from moyai_client.transport import RpcFailure, Transport

Answer = TypeVar("Answer")

EVALUATE_SECONDS = 10.0
ENDORSE_SECONDS = 10.0
SUBMIT_SECONDS = 5.0
COMMIT_SECONDS = 5.0
GLANCE_SECONDS = 0.5

# After these the trouble may pass by itself. UNKNOWN without a contract's answer is the gateway's concurrency limit.
TEMPORARY = frozenset({"UNAVAILABLE", "FAILED_PRECONDITION", "UNKNOWN", "RESOURCE_EXHAUSTED"})


@dataclass(frozen=True)
class Endorsed:
    """An endorsed and signed transaction: `envelope` is what is submitted, `result` what the contract returned."""

    transaction_id: str
    envelope: bytes
    result: bytes


@dataclass(frozen=True)
class Committed:
    """Where a transaction stands in the chain; `code` is Fabric's validation code, VALID among them."""

    code: str
    block_number: int


class Gateway:
    """The four calls for one identity on one channel."""

    def __init__(self, transport: Transport, identity: Identity, channel: str) -> None:
        self._transport = transport
        self._identity = identity
        self._channel = channel

    def evaluate(self, chaincode: str, arguments: Sequence[bytes], *, only: GatewayEndpoint | None = None) -> bytes:
        """One peer's answer, nothing is recorded; `only` asks that peer alone. Raises Refused or NotSent."""
        def ask(endpoint: GatewayEndpoint) -> bytes:
            proposal = new_proposal(self._identity, self._channel, chaincode, arguments)
            request = gateway_pb2.EvaluateRequest(
                transaction_id=proposal.transaction_id, channel_id=self._channel, proposed_transaction=proposal.signed,
                target_organizations=[endpoint.msp_id] if only else [])
            return self._transport.call(endpoint, "Evaluate", request, EVALUATE_SECONDS).result.payload

        return self._in_turn(ask, [only] if only else self._transport.in_turn())

    def height(self, endpoint: GatewayEndpoint) -> int:
        """The number of blocks that one peer has. Raises NotSent."""
        answer = self.evaluate("qscc", (b"GetChainInfo", self._channel.encode()), only=endpoint)
        return ledger_pb2.BlockchainInfo.FromString(answer).height

    def endorse(self, chaincode: str, arguments: Sequence[bytes]) -> Endorsed:
        """Collects endorsements and signs. Raises Refused, EndorsementsDiffer or NotSent."""
        def ask(endpoint: GatewayEndpoint) -> Endorsed:
            proposal = new_proposal(self._identity, self._channel, chaincode, arguments)
            request = gateway_pb2.EndorseRequest(
                transaction_id=proposal.transaction_id, channel_id=self._channel, proposed_transaction=proposal.signed)
            envelope = self._transport.call(endpoint, "Endorse", request, ENDORSE_SECONDS).prepared_transaction
            envelope.signature = self._identity.sign(envelope.payload)
            signed = envelope.SerializeToString()
            return Endorsed(proposal.transaction_id, signed, result_in(signed))

        return self._in_turn(ask, self._transport.in_turn())

    def submit(self, envelope: bytes, transaction_id: str) -> str | None:
        """Hands the envelope to the ordering service; None when an orderer took it, else what the gateways said.

        Neither answer is proof: an orderer may lose what it took, and may have taken what seems to have failed.
        """
        request = gateway_pb2.SubmitRequest(transaction_id=transaction_id, channel_id=self._channel,
                                            prepared_transaction=common_pb2.Envelope.FromString(envelope))
        failures = []
        for endpoint in self._transport.in_turn():
            try:
                self._transport.call(endpoint, "Submit", request, SUBMIT_SECONDS)
                return None
            except RpcFailure as failure:
                failures.append(f"{endpoint.msp_id}: {failure}")
        return "; ".join(failures)

    def commit_status(self, transaction_id: str) -> Committed | None:
        """Waits for the commit at the first gateway that can be asked; the others then know it or nobody does.

        None when none of them knows the transaction.
        """
        request = gateway_pb2.CommitStatusRequest(
            transaction_id=transaction_id, channel_id=self._channel, identity=self._identity.creator)
        data = request.SerializeToString()
        signed = gateway_pb2.SignedCommitStatusRequest(request=data, signature=self._identity.sign(data))
        seconds = COMMIT_SECONDS
        for endpoint in self._transport.in_turn():
            try:
                status = self._transport.call(endpoint, "CommitStatus", signed, seconds, may_wait=True)
            except RpcFailure as failure:
                if failure.status == "DEADLINE_EXCEEDED":
                    seconds = GLANCE_SECONDS
                continue
            return Committed(transaction_pb2.TxValidationCode.Name(status.result), status.block_number)
        return None

    def _in_turn(self, ask: Callable[[GatewayEndpoint], Answer], endpoints: Sequence[GatewayEndpoint]) -> Answer:
        """The first answer; a refusal is one. Where nobody answers, NotSent tells what each gateway said."""
        details: list[str] = []
        temporary = False
        for endpoint in endpoints:
            try:
                return ask(endpoint)
            except RpcFailure as failure:
                error = meaning(failure, endpoint)
                if not isinstance(error, NotSent):
                    raise error from None
                temporary = temporary or error.temporary
                details.append(str(error))
        raise NotSent("no gateway could serve the request", tuple(details), temporary=temporary)


def meaning(failure: RpcFailure, endpoint: GatewayEndpoint) -> MoyaiError:
    """What a failed evaluation or endorsement means.

    An endorsement that fails at other municipalities' peers alone was granted by the gateway's own peer, which is
    asked first: then the peers' views differ, which passes as soon as they stand at the same block.
    """
    refusal = _first_refusal(failure)
    messages = tuple(f"{detail.msp_id} {detail.address}: {detail.message}" for detail in failure.details)
    own_failed = any(detail.msp_id == endpoint.msp_id for detail in failure.details)
    if failure.status == "ABORTED" and failure.details and not own_failed:
        return EndorsementsDiffer(messages, refusal)
    if refusal is not None:
        return refusal
    return NotSent(f"{endpoint.msp_id} {endpoint.address}: {failure}", messages,
                   temporary=failure.status in TEMPORARY)


def _first_refusal(failure: RpcFailure) -> Refused | None:
    found: list[Any] = [refusal_in(detail.message) for detail in failure.details]
    return next((refusal for refusal in found if refusal is not None), None)
