"""Fabric's messages as this client writes and reads them: proposals, envelopes, results."""
from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from fabric_protos.common import common_pb2
from fabric_protos.orderer import ab_pb2
from fabric_protos.peer import chaincode_pb2, proposal_pb2, proposal_response_pb2, transaction_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from moyai_client.identity import Identity

FOR_EVER = 2**64 - 1


@dataclass(frozen=True)
class Proposal:
    """A signed proposal under its transaction id."""

    transaction_id: str
    signed: proposal_pb2.SignedProposal


def new_proposal(identity: Identity, channel: str, chaincode: str, arguments: Sequence[bytes]) -> Proposal:
    """A proposal with a fresh nonce and the time of now; `arguments` begin with the function's name."""
    nonce, transaction_id = identity.new_transaction()
    chaincode_id = chaincode_pb2.ChaincodeID(name=chaincode)
    extension = proposal_pb2.ChaincodeHeaderExtension(chaincode_id=chaincode_id)
    header = _header(identity, nonce, common_pb2.ChannelHeader(
        type=common_pb2.ENDORSER_TRANSACTION, channel_id=channel, tx_id=transaction_id, timestamp=_now(),
        extension=extension.SerializeToString()))
    spec = chaincode_pb2.ChaincodeInvocationSpec(chaincode_spec=chaincode_pb2.ChaincodeSpec(
        type=chaincode_pb2.ChaincodeSpec.GOLANG, chaincode_id=chaincode_id,
        input=chaincode_pb2.ChaincodeInput(args=list(arguments))))
    payload = proposal_pb2.ChaincodeProposalPayload(input=spec.SerializeToString())
    content = proposal_pb2.Proposal(header=header.SerializeToString(), payload=payload.SerializeToString())
    data = content.SerializeToString()
    return Proposal(transaction_id, proposal_pb2.SignedProposal(proposal_bytes=data, signature=identity.sign(data)))


def seek_envelope(identity: Identity, channel: str, start: int, last: int | None) -> common_pb2.Envelope:
    """The signed request for blocks from `start` to `last`, without an end where `last` is None."""
    nonce, transaction_id = identity.new_transaction()
    header = _header(identity, nonce, common_pb2.ChannelHeader(
        type=common_pb2.DELIVER_SEEK_INFO, channel_id=channel, tx_id=transaction_id, timestamp=_now()))
    seek = ab_pb2.SeekInfo(
        start=ab_pb2.SeekPosition(specified=ab_pb2.SeekSpecified(number=start)),
        stop=ab_pb2.SeekPosition(specified=ab_pb2.SeekSpecified(number=FOR_EVER if last is None else last)),
        behavior=ab_pb2.SeekInfo.BLOCK_UNTIL_READY)
    payload = common_pb2.Payload(header=header, data=seek.SerializeToString()).SerializeToString()
    return common_pb2.Envelope(payload=payload, signature=identity.sign(payload))


def result_in(envelope: bytes) -> bytes:
    """What the contract returned, read from an endorsed transaction."""
    payload = common_pb2.Payload.FromString(common_pb2.Envelope.FromString(envelope).payload)
    transaction = transaction_pb2.Transaction.FromString(payload.data)
    action = transaction_pb2.ChaincodeActionPayload.FromString(transaction.actions[0].payload).action
    answer = proposal_response_pb2.ProposalResponsePayload.FromString(action.proposal_response_payload)
    return proposal_pb2.ChaincodeAction.FromString(answer.extension).response.payload


def _header(identity: Identity, nonce: bytes, channel_header: common_pb2.ChannelHeader) -> common_pb2.Header:
    signature_header = common_pb2.SignatureHeader(creator=identity.creator, nonce=nonce)
    return common_pb2.Header(channel_header=channel_header.SerializeToString(),
                             signature_header=signature_header.SerializeToString())


def _now() -> Timestamp:
    nanoseconds = time.time_ns()
    return Timestamp(seconds=nanoseconds // 10**9, nanos=nanoseconds % 10**9)
