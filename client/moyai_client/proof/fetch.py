"""Makes a transaction's proof: the block from one peer, and a signed answer from each municipality's peer."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fabric_protos.common import common_pb2, configtx_pb2
from fabric_protos.msp import msp_config_pb2
from fabric_protos.peer import proposal_response_pb2

from moyai_client.errors import NotSent
from moyai_client.gateway import Gateway
from moyai_client.identity import Identity
from moyai_client.profile import GatewayEndpoint
from moyai_client.proof.certificates import to_authority
from moyai_client.proof.files import TRANSACTION, VERSION, Answer, Authority, BlockHeader, TransactionProof, to_base64
from moyai_client.proof.transaction import LEDGER_QUERIES, QUESTION, verify_transaction
from moyai_client.proposal import Proposal, new_proposal
from moyai_client.retry import wait_until
from moyai_client.transport import RpcFailure, Transport

ANSWER_SECONDS = 5.0
CATCH_UP_SECONDS = 3.0
"""How long a peer that does not have the block yet is waited for."""


def fetch_transaction_proof(transport: Transport, gateway: Gateway, identity: Identity,
                            endpoints: Sequence[GatewayEndpoint], channel: str,
                            transaction_id: str) -> TransactionProof:
    """The proof of a valid transaction, verified before it is handed out.

    Raises NotSent where no peer has the transaction, NotProven where fewer than a majority say that it is valid.
    """
    block = common_pb2.Block.FromString(
        gateway.evaluate(LEDGER_QUERIES, (b"GetBlockByTxID", channel.encode(), transaction_id.encode())))
    question = new_proposal(identity, channel, LEDGER_QUERIES, (QUESTION, channel.encode(), transaction_id.encode()))
    proof = TransactionProof(
        format=TRANSACTION, version=VERSION, channel=channel, transaction_id=transaction_id,
        envelope=to_base64(_envelope(block, transaction_id)), block=_header(block),
        question=to_base64(question.signed.proposal_bytes), answers=_answers(transport, endpoints, question),
        authorities=fetch_authorities(gateway, channel))
    verify_transaction(proof)
    return proof


def fetch_authorities(gateway: Gateway, channel: str) -> tuple[Authority, ...]:
    """The certificate authority of each municipality, as the channel's configuration has it.

    Raises NotSent where no peer answers.
    """
    block = common_pb2.Block.FromString(gateway.evaluate("cscc", (b"GetConfigBlock", channel.encode())))
    payload = common_pb2.Payload.FromString(common_pb2.Envelope.FromString(block.data.data[0]).payload)
    group = configtx_pb2.ConfigEnvelope.FromString(payload.data).config.channel_group.groups["Application"]
    found = []
    for _, organisation in sorted(group.groups.items()):
        msp = msp_config_pb2.FabricMSPConfig.FromString(
            msp_config_pb2.MSPConfig.FromString(organisation.values["MSP"].value).config)
        (root,) = msp.root_certs
        found.append(to_authority(msp.name, root))
    return tuple(found)


def _envelope(block: common_pb2.Block, transaction_id: str) -> bytes:
    for data in block.data.data:
        payload = common_pb2.Payload.FromString(common_pb2.Envelope.FromString(data).payload)
        if common_pb2.ChannelHeader.FromString(payload.header.channel_header).tx_id == transaction_id:
            return data
    raise NotSent(f"the peer's block {block.header.number} lacks transaction {transaction_id}", temporary=False)


def _header(block: common_pb2.Block) -> BlockHeader:
    signatures = block.metadata.metadata[common_pb2.SIGNATURES]
    return BlockHeader(block.header.number, block.header.previous_hash.hex(), block.header.data_hash.hex(),
                       to_base64(signatures))


def _answers(transport: Transport, endpoints: Sequence[GatewayEndpoint], question: Proposal) -> tuple[Answer, ...]:
    """Of all peers that have the transaction within a few seconds."""
    answers: dict[str, Answer] = {}

    def all_answered() -> bool:
        for endpoint in endpoints:
            if endpoint.msp_id not in answers and (answer := _ask(transport, endpoint, question)) is not None:
                answers[endpoint.msp_id] = answer
        return len(answers) == len(endpoints)

    wait_until(all_answered, CATCH_UP_SECONDS)
    if not answers:
        raise NotSent("no municipality's peer answers for the transaction")
    return tuple(answers.values())


def _ask(transport: Transport, endpoint: GatewayEndpoint, question: Proposal) -> Answer | None:
    """The peer's signed answer; None where it is away or has not got so far."""
    try:
        response: Any = transport.process_proposal(endpoint, question.signed, ANSWER_SECONDS)
    except RpcFailure:
        return None
    return _signed(response)


def _signed(response: proposal_response_pb2.ProposalResponse) -> Answer | None:
    if response.response.status != common_pb2.SUCCESS:
        return None
    return Answer(payload=to_base64(response.payload), endorser=to_base64(response.endorsement.endorser),
                  signature=to_base64(response.endorsement.signature))
