"""Whole blocks as plain data: what happened (event), what was asked (arguments), what is now written."""
from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2
from fabric_protos.msp import identities_pb2
from fabric_protos.peer import chaincode_event_pb2, chaincode_pb2, proposal_pb2, proposal_response_pb2, transaction_pb2
from google.protobuf.message import DecodeError
from moyai_contracts.api import canonical

from moyai_client.errors import BrokenChain

VALID = "VALID"


@dataclass(frozen=True)
class Event:
    """A contract's event: its name and decoded payload."""

    name: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class Transaction:
    """One transaction of the chaincode, valid or not; `timestamp` is the signer's claim in UTC seconds.

    `writes` are those of the chaincode's public namespace, None for a deleted key; in an invalid transaction they and
    the event are what would have been.
    """

    tx_id: str
    number_in_block: int
    valid: bool
    code: str
    timestamp: int
    msp_id: str
    function: str
    arguments: list[bytes]
    event: Event | None
    writes: list[tuple[str, bytes | None]]


@dataclass(frozen=True)
class Block:
    """One block; hashes are raw bytes, `header_hash` is computed from the header."""

    number: int
    previous_hash: bytes
    data_hash: bytes
    header_hash: bytes
    transactions: tuple[Transaction, ...]


def decode_block(block: common_pb2.Block, chaincode: str) -> Block:
    """The transactions of one chaincode in a block; a configuration block has none.

    Raises BrokenChain where the content is not what the header's data hash says.
    """
    header = block.header
    if hashlib.sha256(b"".join(block.data.data)).digest() != header.data_hash:
        raise BrokenChain(f"the content of block {header.number} does not match its data hash")
    codes = block.metadata.metadata[common_pb2.TRANSACTIONS_FILTER]
    return Block(
        number=header.number,
        previous_hash=header.previous_hash,
        data_hash=header.data_hash,
        header_hash=header_hash(header),
        transactions=tuple(_transactions(block.data.data, codes, chaincode)),
    )


def _transactions(envelopes: Any, codes: bytes, chaincode: str) -> Iterator[Transaction]:
    for number, data in enumerate(envelopes):
        code = transaction_pb2.TxValidationCode.Name(codes[number])
        try:
            transaction = _transaction(data, number, code, chaincode)
        except (DecodeError, IndexError, UnicodeDecodeError, canonical.NotCanonical):
            # Anybody in the channel may have garbage ordered; the peers mark it invalid and it says nothing to us.
            if code == VALID:
                raise
            continue
        if transaction is not None:
            yield transaction


def _transaction(data: bytes, number: int, code: str, chaincode: str) -> Transaction | None:
    payload = common_pb2.Payload.FromString(common_pb2.Envelope.FromString(data).payload)
    channel_header = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
    if channel_header.type != common_pb2.ENDORSER_TRANSACTION:
        return None
    content = transaction_pb2.Transaction.FromString(payload.data)
    action = transaction_pb2.ChaincodeActionPayload.FromString(content.actions[0].payload)
    proposal = proposal_pb2.ChaincodeProposalPayload.FromString(action.chaincode_proposal_payload)
    spec = chaincode_pb2.ChaincodeInvocationSpec.FromString(proposal.input).chaincode_spec
    if spec.chaincode_id.name != chaincode:
        return None
    response = proposal_response_pb2.ProposalResponsePayload.FromString(action.action.proposal_response_payload)
    result = proposal_pb2.ChaincodeAction.FromString(response.extension)
    creator = common_pb2.SignatureHeader.FromString(payload.header.signature_header).creator
    function, *arguments = spec.input.args
    return Transaction(
        tx_id=channel_header.tx_id,
        number_in_block=number,
        valid=code == VALID,
        code=code,
        timestamp=channel_header.timestamp.seconds,
        msp_id=identities_pb2.SerializedIdentity.FromString(creator).mspid,
        function=function.decode(),
        arguments=arguments,
        event=_event(result.events),
        writes=list(_writes(result.results, chaincode)),
    )


def _event(data: bytes) -> Event | None:
    if not data:
        return None
    event = chaincode_event_pb2.ChaincodeEvent.FromString(data)
    return Event(event.event_name, canonical.decode(event.payload))


def _writes(results: bytes, chaincode: str) -> Iterator[tuple[str, bytes | None]]:
    """Public writes in the order of the write set; hashed private collections are other members' secrets."""
    for namespace in rwset_pb2.TxReadWriteSet.FromString(results).ns_rwset:
        if namespace.namespace == chaincode:
            for write in kv_rwset_pb2.KVRWSet.FromString(namespace.rwset).writes:
                yield write.key, None if write.is_delete else write.value


def header_hash(header: common_pb2.BlockHeader) -> bytes:
    """SHA-256 of the header's bytes."""
    return hashlib.sha256(header_hash_input(header)).digest()


def header_hash_input(header: common_pb2.BlockHeader) -> bytes:
    """What is hashed and signed of a header: ASN.1 DER, a SEQUENCE of INTEGER number, OCTET STRINGs previous_hash and
    data_hash."""
    number = header.number.to_bytes(header.number.bit_length() // 8 + 1)
    body = b"".join((_der(0x02, number), _der(0x04, header.previous_hash), _der(0x04, header.data_hash)))
    return _der(0x30, body)


def _der(tag: int, content: bytes) -> bytes:
    """One DER element; contents here are shorter than 128 bytes."""
    return bytes((tag, len(content))) + content
