"""Checks a transaction's proof: pure, offline, with nothing but the proof and the municipalities' authorities."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.peer import chaincode_pb2, proposal_pb2, proposal_response_pb2, transaction_pb2
from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet

from moyai_client.blocks import header_hash_input
from moyai_client.proof.certificates import Authorities
from moyai_client.proof.files import Answer, BlockHeader, TransactionProof, from_base64
from moyai_client.proof.not_proven import NotProven

SENDERS, PEERS, ORDERERS = ("client", "admin"), ("peer",), ("orderer",)
LEDGER_QUERIES, QUESTION = "qscc", b"GetTransactionByID"


@dataclass(frozen=True)
class TransactionFacts:
    """What is proven.

    `sender`: MSP id of the municipality whose service signed; `at` UTC seconds that it claimed; `endorsers` and
    `witnesses` MSP ids of the peers that endorsed, and that answered. `is_alone`: the block holds this transaction and
    no other, so that its number is proven too; else the number is the word of whoever made the file. `fingerprints` of
    the authorities that all this rests on.
    """

    transaction_id: str
    channel: str
    chaincode: str
    function: str
    arguments: tuple[bytes, ...]
    sender: str
    at: int
    endorsers: tuple[str, ...]
    witnesses: tuple[str, ...]
    asked_at: int
    block_number: int
    is_alone: bool
    fingerprints: dict[str, str]


def verify_transaction(proof: TransactionProof, trusted: Authorities | None = None) -> TransactionFacts:
    """What the proof proves. `trusted`: the municipalities' authorities as the reader knows them; without them the
    proof's own count, whose fingerprints the reader has to compare. Raises NotProven or UnreadableProof."""
    authorities = Authorities.named(proof.authorities)
    if trusted is not None:
        if trusted.fingerprints != authorities.fingerprints:
            raise NotProven("the file rests on other certificates than those given")
        authorities = trusted
    try:
        return _verify(proof, authorities)
    except (DecodeError, IndexError, UnicodeDecodeError) as error:
        raise NotProven(f"a part of the proof is not what it should be: {error!r}") from error


def _verify(proof: TransactionProof, authorities: Authorities) -> TransactionFacts:
    envelope = _read(common_pb2.Envelope, from_base64(proof.envelope), "the transaction")
    payload = common_pb2.Payload.FromString(envelope.payload)
    channel_header = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
    at = channel_header.timestamp.seconds
    _require(channel_header.type == common_pb2.ENDORSER_TRANSACTION, "the envelope holds no transaction of a contract")
    _require(channel_header.channel_id == proof.channel, "the transaction belongs to another channel")
    sender = _check_sender(proof, payload, envelope, authorities, at)
    action = _action(payload)
    endorsers = _check_endorsements(payload, action, authorities, at)
    asked_at, question_hash = _check_question(proof)
    witnesses = [_check_answer(answer, proof, question_hash, authorities, asked_at) for answer in proof.answers]
    _require(len(set(witnesses)) == len(witnesses), "a municipality's peer answers twice")
    authorities.require_majority(witnesses, "the answers")
    _check_block(proof.block, authorities, at)
    content = proposal_pb2.ChaincodeProposalPayload.FromString(action.chaincode_proposal_payload)
    spec = chaincode_pb2.ChaincodeInvocationSpec.FromString(content.input).chaincode_spec
    function, *arguments = spec.input.args
    return TransactionFacts(
        transaction_id=proof.transaction_id, channel=proof.channel, chaincode=_chaincode(channel_header, action),
        function=function.decode(), arguments=tuple(arguments), sender=sender, at=at, endorsers=tuple(endorsers),
        witnesses=tuple(sorted(witnesses)), asked_at=asked_at, block_number=proof.block.number,
        is_alone=hashlib.sha256(from_base64(proof.envelope)).hexdigest() == proof.block.data_hash,
        fingerprints=authorities.fingerprints)


def _check_sender(proof: TransactionProof, payload: Any, envelope: Any, authorities: Authorities, at: int) -> str:
    """The id follows from nonce and creator, who signed the whole."""
    header = common_pb2.SignatureHeader.FromString(payload.header.signature_header)
    channel_header = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
    computed = hashlib.sha256(header.nonce + header.creator).hexdigest()
    _require(proof.transaction_id == channel_header.tx_id == computed,
             "the transaction id does not follow from the transaction")
    sender = authorities.signer(header.creator, SENDERS, at)
    sender.require(envelope.signature, envelope.payload, "the transaction")
    return sender.msp_id


def _action(payload: Any) -> Any:
    """The one action of a contract's transaction."""
    actions = transaction_pb2.Transaction.FromString(payload.data).actions
    _require(len(actions) == 1, "the transaction has not one action")
    _require(actions[0].header == payload.header.signature_header, "the transaction's two headers differ")
    return transaction_pb2.ChaincodeActionPayload.FromString(actions[0].payload)


def _chaincode(channel_header: Any, action: Any) -> str:
    """The chaincode that ran, as sender and endorsers name it."""
    asked = proposal_pb2.ChaincodeHeaderExtension.FromString(channel_header.extension).chaincode_id.name
    answer = proposal_response_pb2.ProposalResponsePayload.FromString(action.action.proposal_response_payload)
    ran: str = proposal_pb2.ChaincodeAction.FromString(answer.extension).chaincode_id.name
    _require(asked == ran, "the transaction was endorsed by another chaincode")
    return ran


def _check_endorsements(payload: Any, action: Any, authorities: Authorities, at: int) -> list[str]:
    """A majority of the municipalities' peers signed this very result of this very proposal."""
    result = action.action.proposal_response_payload
    answer = proposal_response_pb2.ProposalResponsePayload.FromString(result)
    _require(answer.proposal_hash == _proposal_hash(payload.header, action.chaincode_proposal_payload),
             "the endorsed result belongs to another proposal")
    endorsers = set()
    for endorsement in action.action.endorsements:
        peer = authorities.signer(endorsement.endorser, PEERS, at)
        peer.require(endorsement.signature, result + endorsement.endorser, "an endorsement")
        endorsers.add(peer.msp_id)
    authorities.require_majority(endorsers, "the endorsements")
    return sorted(endorsers)


def _check_question(proof: TransactionProof) -> tuple[int, bytes]:
    """The peers were asked for this transaction on this channel: when, and the hash that their answers name."""
    question = _read(proposal_pb2.Proposal, from_base64(proof.question), "the question")
    header = _read(common_pb2.Header, question.header, "the question's header")
    payload = _read(proposal_pb2.ChaincodeProposalPayload, question.payload, "the question's content")
    _require(not question.extension and not payload.TransientMap, "the question says more than its hash covers")
    channel_header = common_pb2.ChannelHeader.FromString(header.channel_header)
    spec = chaincode_pb2.ChaincodeInvocationSpec.FromString(payload.input).chaincode_spec
    wanted = [QUESTION, proof.channel.encode(), proof.transaction_id.encode()]
    _require(channel_header.channel_id == proof.channel and spec.chaincode_id.name == LEDGER_QUERIES
             and list(spec.input.args) == wanted, "the peers were asked something else")
    return channel_header.timestamp.seconds, _proposal_hash(header, question.payload)


def _check_answer(answer: Answer, proof: TransactionProof, question_hash: bytes, authorities: Authorities,
                  asked_at: int) -> str:
    """The peer says that exactly this transaction is on its ledger, and valid."""
    payload, endorser = from_base64(answer.payload), from_base64(answer.endorser)
    peer = authorities.signer(endorser, PEERS, asked_at)
    peer.require(from_base64(answer.signature), payload + endorser, "an answer")
    said = proposal_response_pb2.ProposalResponsePayload.FromString(payload)
    _require(said.proposal_hash == question_hash, f"the answer of {peer.msp_id} is to another question")
    action = proposal_pb2.ChaincodeAction.FromString(said.extension)
    _require(action.chaincode_id.name == LEDGER_QUERIES and action.response.status == common_pb2.SUCCESS,
             f"the answer of {peer.msp_id} does not come from its ledger")
    processed = transaction_pb2.ProcessedTransaction.FromString(action.response.payload)
    _require(processed.transactionEnvelope.SerializeToString() == from_base64(proof.envelope),
             f"{peer.msp_id} has another transaction under this id")
    _require(processed.validationCode == transaction_pb2.VALID, f"{peer.msp_id} holds the transaction to be invalid")
    return peer.msp_id


def _check_block(block: BlockHeader, authorities: Authorities, at: int) -> None:
    """An orderer signed this header."""
    header = common_pb2.BlockHeader(number=block.number, previous_hash=bytes.fromhex(block.previous_hash),
                                    data_hash=bytes.fromhex(block.data_hash))
    metadata = _read(common_pb2.Metadata, from_base64(block.signatures), "the block's signatures")
    _require(len(metadata.signatures) > 0, "no orderer signed the block")
    for signature in metadata.signatures:
        creator = common_pb2.SignatureHeader.FromString(signature.signature_header).creator
        orderer = authorities.signer(creator, ORDERERS, at)
        orderer.require(signature.signature, metadata.value + signature.signature_header + header_hash_input(header),
                        "the block")
        rebuilt = common_pb2.MetadataSignature(signature_header=signature.signature_header,
                                               signature=signature.signature)
        _require(rebuilt == signature, "the block's signatures say more than they sign")


def _proposal_hash(header: Any, chaincode_proposal_payload: bytes) -> bytes:
    return hashlib.sha256(header.channel_header + header.signature_header + chaincode_proposal_payload).digest()


def _read(message: Any, data: bytes, what: str) -> Any:
    """A message whose bytes are written in the one way that Fabric writes them."""
    read = message.FromString(data)
    if read.SerializeToString(deterministic=True) != data or len(UnknownFieldSet(read)):
        raise NotProven(f"{what} is not written as Fabric writes it")
    return read


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise NotProven(otherwise)
