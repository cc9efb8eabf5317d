"""An envelope of a block taken apart: who signs what, and under it proposal, result, reads, writes, endorsements."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Iterator

from hfc.protos.common import common_pb2
from hfc.protos.ledger.rwset import rwset_pb2
from hfc.protos.ledger.rwset.kvrwset import kv_rwset_pb2
from hfc.protos.peer import (
    chaincode_event_pb2, chaincode_pb2, proposal_pb2, proposal_response_pb2, transaction_pb2)

from moyai_auditor.examination.blocks import Unreadable
from moyai_auditor.examination.newer_messages import decode, newer

Version = "tuple[int, int] | None"
"""Block and place of the transaction that wrote a key last; None where it had no value."""

VALIDATION_PARAMETER = "VALIDATION_PARAMETER"


@dataclass(frozen=True)
class Write:
    """A key's new value, None where it is deleted."""

    key: str | bytes
    value: bytes | None


@dataclass(frozen=True)
class Range:
    """A range that was read, with what was found; `results` is None where only a hash of them is kept."""

    start: str
    end: str
    exhausted: bool
    results: tuple[tuple[str, Any], ...] | None


@dataclass(frozen=True)
class Space:
    """Reads and writes of one namespace, or of one private collection in it, where keys and values are hashes.

    `marks`: keys whose metadata is written, with the endorsement policy of the key (None where it is taken away).
    """

    namespace: str
    collection: str
    reads: tuple[tuple[str | bytes, Any], ...]
    writes: tuple[Write, ...]
    ranges: tuple[Range, ...] = ()
    marks: tuple[tuple[str | bytes, bytes | None], ...] = ()


@dataclass(frozen=True)
class Result:
    """What a chaincode was asked and what came of it."""

    chaincode: str
    version: str
    arguments: tuple[bytes, ...]
    status: int
    event_chaincode: str
    event_name: str
    event: bytes
    spaces: tuple[Space, ...]


@dataclass(frozen=True)
class Endorsed:
    """The endorsed part of a transaction: `proposal_hash` and `own_proposal_hash` must be equal."""

    action_header: bytes
    payload: bytes
    endorsements: tuple[tuple[bytes, bytes], ...]
    proposal_hash: bytes
    own_proposal_hash: bytes
    header_chaincode: str
    result: Result


@dataclass(frozen=True)
class Envelope:
    """One transaction: `at` its claimed time in UTC seconds; `content` is what lies in it, undecoded."""

    payload: bytes
    signature: bytes
    kind: int
    channel: str
    tx_id: str
    at: int
    epoch: int
    creator: bytes
    nonce: bytes
    channel_header: bytes
    signature_header: bytes
    extension: bytes
    content: bytes

    @property
    def own_tx_id(self) -> str:
        """The number that follows from nonce and creator."""
        return hashlib.sha256(self.nonce + self.creator).hexdigest()


CONFIG, ENDORSER_TRANSACTION = common_pb2.CONFIG, common_pb2.ENDORSER_TRANSACTION


def open_envelope(data: bytes) -> Envelope:
    """The outer layers. Raises Unreadable."""
    envelope = decode(common_pb2.Envelope, data)
    payload = decode(common_pb2.Payload, envelope.payload)
    channel = decode(common_pb2.ChannelHeader, payload.header.channel_header)
    signer = decode(common_pb2.SignatureHeader, payload.header.signature_header)
    return Envelope(
        payload=envelope.payload, signature=envelope.signature, kind=channel.type, channel=channel.channel_id,
        tx_id=channel.tx_id, at=channel.timestamp.seconds, epoch=channel.epoch, creator=signer.creator,
        nonce=signer.nonce, channel_header=payload.header.channel_header,
        signature_header=payload.header.signature_header, extension=channel.extension, content=payload.data)


def open_endorsed(envelope: Envelope) -> Endorsed:
    """The inner layers of an endorsed transaction. Raises Unreadable."""
    actions = decode(transaction_pb2.Transaction, envelope.content).actions
    if len(actions) != 1:
        raise Unreadable(f"a transaction has {len(actions)} actions instead of one")
    action = decode(transaction_pb2.ChaincodeActionPayload, actions[0].payload)
    response = decode(proposal_response_pb2.ProposalResponsePayload, action.action.proposal_response_payload)
    proposal = decode(proposal_pb2.ChaincodeProposalPayload, action.chaincode_proposal_payload)
    extension = decode(proposal_pb2.ChaincodeHeaderExtension, envelope.extension)
    return Endorsed(
        action_header=actions[0].header,
        payload=action.action.proposal_response_payload,
        endorsements=tuple((one.endorser, one.signature) for one in action.action.endorsements),
        proposal_hash=response.proposal_hash,
        own_proposal_hash=hashlib.sha256(envelope.channel_header + actions[0].header
                                         + action.chaincode_proposal_payload).digest(),
        header_chaincode=extension.chaincode_id.name,
        result=_result(decode(proposal_pb2.ChaincodeAction, response.extension), proposal.input))


def _result(action: Any, asked: bytes) -> Result:
    spec = decode(chaincode_pb2.ChaincodeInvocationSpec, asked).chaincode_spec
    event = decode(chaincode_event_pb2.ChaincodeEvent, action.events)
    sets = decode(rwset_pb2.TxReadWriteSet, action.results)
    if spec.chaincode_id.name != action.chaincode_id.name:
        raise Unreadable(f"{spec.chaincode_id.name} was asked and {action.chaincode_id.name} answers")
    return Result(
        chaincode=action.chaincode_id.name, version=action.chaincode_id.version, arguments=tuple(spec.input.args),
        status=action.response.status, event_chaincode=event.chaincode_id, event_name=event.event_name,
        event=event.payload, spaces=tuple(space for entry in sets.ns_rwset for space in _spaces(entry)))


def _spaces(entry: Any) -> Iterator[Space]:
    """The public space of a namespace, then its collections in the order of the set."""
    public = decode(kv_rwset_pb2.KVRWSet, entry.rwset)
    yield Space(
        entry.namespace, "",
        reads=tuple((read.key, _version(read)) for read in public.reads),
        writes=tuple(Write(one.key, None if one.is_delete or not one.value else one.value) for one in public.writes),
        ranges=tuple(map(_range, public.range_queries_info)),
        marks=tuple(_marks(newer("PublicMetadataWrites", entry.rwset).metadata_writes, text=True)))
    for collection in entry.collection_hashed_rwset:
        hashed = decode(kv_rwset_pb2.HashedRWSet, collection.hashed_rwset)
        yield Space(
            entry.namespace, collection.collection_name,
            reads=tuple((read.key_hash, _version(read)) for read in hashed.hashed_reads),
            writes=tuple(Write(one.key_hash, _value_hash(one)) for one in hashed.hashed_writes),
            marks=tuple(_marks(newer("HashedMetadataWrites", collection.hashed_rwset).metadata_writes, text=False)))


_HASH_OF_NOTHING = hashlib.sha256(b"").digest()


def _value_hash(write: Any) -> bytes | None:
    return None if write.is_delete or write.value_hash in (b"", _HASH_OF_NOTHING) else write.value_hash


def _version(read: Any) -> tuple[int, int] | None:
    return (read.version.block_num, read.version.tx_num) if read.HasField("version") else None


def _range(query: Any) -> Range:
    results = None
    if query.WhichOneof("reads_info") != "reads_merkle_hashes":
        results = tuple((read.key, _version(read)) for read in query.raw_reads.kv_reads)
    return Range(query.start_key, query.end_key, query.itr_exhausted, results)


def _marks(writes: Any, *, text: bool) -> Iterator[tuple[str | bytes, bytes | None]]:
    for data in writes:
        write = newer("MetadataWrite", data)
        entries = [newer("MetadataEntry", entry) for entry in write.entries]
        policy = next((entry.value for entry in entries if entry.name == VALIDATION_PARAMETER), None)
        yield (write.key.decode() if text else write.key), policy
