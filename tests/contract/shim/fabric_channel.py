"""The real channel, asked through each organisation's own gateway."""
from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2
from fabric_protos.peer import chaincode_pb2, proposal_pb2, proposal_response_pb2, transaction_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from moyai_client.block_stream import BlockStream
from moyai_client.identity import Identity
from moyai_client.profile import Profile
from moyai_client.transport import RpcFailure, Transport
from moyai_shim import Creator
from tests.contract.shim.channel import CHANNEL, Outcome, Pending, Record

REFUSED = re.compile(r"chaincode response (\d{3}), (.*)", re.DOTALL)
RAISED = re.compile(r"error in simulation: transaction returned with failure: (.*)", re.DOTALL)
SECONDS = 15.0


@dataclass(frozen=True)
class Envelope:
    """A signed transaction and the organisation that sends it."""

    organisation: int
    tx_id: str
    signed: common_pb2.Envelope


class FabricChannel:
    """A channel of real peers, with `chaincode` on it; `profiles` are one client of each organisation."""

    def __init__(self, profiles: Sequence[Profile], chaincode: str) -> None:
        self.organisations = tuple(profile.msp_id for profile in profiles)
        self.profiles = profiles
        self._chaincode = chaincode
        self._identities = [
            Identity.load(profile.msp_id, profile.certificate, profile.private_key) for profile in profiles
        ]
        self._transports = [Transport(profile.gateways) for profile in profiles]
        self._blocks: dict[str, int] = {}

    def creator(self, organisation: int) -> Creator:
        identity = self._identities[organisation]
        return Creator(identity.msp_id, identity.certificate)

    def now(self) -> int:
        return int(time.time())

    def evaluate(
        self, function: str, *args: str | bytes, organisation: int = 0, transient: Mapping[str, bytes] | None = None
    ) -> Outcome:
        tx_id, signed = self._proposal(organisation, function, args, transient)
        request = gateway_pb2.EvaluateRequest(
            transaction_id=tx_id, channel_id=CHANNEL, proposed_transaction=signed,
            target_organizations=[self.organisations[organisation]])
        try:
            result = self._call(organisation, "Evaluate", request).result
        except RpcFailure as failure:
            return refusal(tx_id, failure)
        return Outcome(tx_id, result.status, result.message, result.payload)

    def endorse(
        self,
        function: str,
        *args: str | bytes,
        organisation: int = 0,
        transient: Mapping[str, bytes] | None = None,
        endorsers: Sequence[int] | None = None,
    ) -> Pending:
        tx_id, signed = self._proposal(organisation, function, args, transient)
        request = gateway_pb2.EndorseRequest(
            transaction_id=tx_id, channel_id=CHANNEL, proposed_transaction=signed,
            endorsing_organizations=[self.organisations[number] for number in endorsers or ()])
        try:
            envelope = self._call(organisation, "Endorse", request).prepared_transaction
        except RpcFailure as failure:
            return Pending(refusal(tx_id, failure), None)
        envelope.signature = self._identities[organisation].sign(envelope.payload)
        response = response_in(envelope)
        outcome = Outcome(tx_id, response.status, response.message, response.payload)
        return Pending(outcome, Envelope(organisation, tx_id, envelope))

    def commit(self, pending: Pending) -> str:
        envelope = pending.envelope
        self._call(envelope.organisation, "Submit", gateway_pb2.SubmitRequest(
            transaction_id=envelope.tx_id, channel_id=CHANNEL, prepared_transaction=envelope.signed))
        answers = [self._commit_status(number, envelope.tx_id) for number in range(len(self.organisations))]
        self._blocks[envelope.tx_id] = answers[0].block_number
        (code,) = {transaction_pb2.TxValidationCode.Name(answer.result) for answer in answers}
        return code

    def transaction(self, tx_id: str) -> Record:
        number = self._blocks[tx_id]
        profile = self.profiles[0]
        stream = BlockStream(
            self._transports[0], self._identities[0], profile.own_gateway, CHANNEL, self._chaincode)
        (block,) = stream.follow(number, last=number)
        (found,) = [transaction for transaction in block.transactions if transaction.tx_id == tx_id]
        event = (found.event.name, found.event.payload) if found.event else None
        return Record(found.code, event, dict(found.writes))

    def _call(self, organisation: int, method: str, request: Any) -> Any:
        own = self.profiles[organisation].own_gateway
        return self._transports[organisation].call(own, method, request, SECONDS)

    def _commit_status(self, organisation: int, tx_id: str) -> gateway_pb2.CommitStatusResponse:
        identity = self._identities[organisation]
        request = gateway_pb2.CommitStatusRequest(
            transaction_id=tx_id, channel_id=CHANNEL, identity=identity.creator).SerializeToString()
        return self._call(organisation, "CommitStatus", gateway_pb2.SignedCommitStatusRequest(
            request=request, signature=identity.sign(request)))

    def _proposal(
        self, organisation: int, function: str, args: Sequence[str | bytes], transient: Mapping[str, bytes] | None
    ) -> tuple[str, proposal_pb2.SignedProposal]:
        identity = self._identities[organisation]
        nonce, tx_id = identity.new_transaction()
        chaincode_id = chaincode_pb2.ChaincodeID(name=self._chaincode)
        extension = proposal_pb2.ChaincodeHeaderExtension(chaincode_id=chaincode_id)
        channel_header = common_pb2.ChannelHeader(
            type=common_pb2.ENDORSER_TRANSACTION, channel_id=CHANNEL, tx_id=tx_id,
            timestamp=Timestamp(seconds=self.now()), extension=extension.SerializeToString())
        signature_header = common_pb2.SignatureHeader(creator=identity.creator, nonce=nonce)
        encoded = [arg.encode() if isinstance(arg, str) else arg for arg in (function, *args)]
        spec = chaincode_pb2.ChaincodeInvocationSpec(chaincode_spec=chaincode_pb2.ChaincodeSpec(
            chaincode_id=chaincode_id, input=chaincode_pb2.ChaincodeInput(args=encoded)))
        payload = proposal_pb2.ChaincodeProposalPayload(
            input=spec.SerializeToString(), TransientMap=dict(transient or {}))
        header = common_pb2.Header(channel_header=channel_header.SerializeToString(),
                                   signature_header=signature_header.SerializeToString())
        data = proposal_pb2.Proposal(
            header=header.SerializeToString(), payload=payload.SerializeToString()).SerializeToString()
        return tx_id, proposal_pb2.SignedProposal(proposal_bytes=data, signature=identity.sign(data))


def refusal(tx_id: str, failure: RpcFailure) -> Outcome:
    """The contract's answer inside a failed call; a failure of the network itself is raised."""
    for detail in failure.details:
        if found := REFUSED.fullmatch(detail.message):
            return Outcome(tx_id, int(found[1]), found[2], b"")
        if found := RAISED.fullmatch(detail.message):
            return Outcome(tx_id, 500, found[1], b"")
    raise failure


def response_in(envelope: common_pb2.Envelope) -> proposal_response_pb2.Response:
    """Answer of the contract inside an endorsed transaction."""
    payload = common_pb2.Payload.FromString(envelope.payload)
    transaction = transaction_pb2.Transaction.FromString(payload.data)
    action = transaction_pb2.ChaincodeActionPayload.FromString(transaction.actions[0].payload).action
    answer = proposal_response_pb2.ProposalResponsePayload.FromString(action.proposal_response_payload)
    return proposal_pb2.ChaincodeAction.FromString(answer.extension).response
