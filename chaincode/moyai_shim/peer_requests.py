"""A transaction's requests in the words of the chaincode protocol."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, Protocol, Sequence

from fabric_protos.ledger.queryresult import kv_query_result_pb2 as query_result
from fabric_protos.peer import chaincode_shim_pb2 as shim
from fabric_protos.peer.chaincode_pb2 import ChaincodeAdditionalParams
from google.protobuf.message import Message

from moyai_shim.errors import LedgerError
from moyai_shim.stub import KeyModification, Page
from moyai_shim.writes import VALIDATION_PARAMETER, Operation, Write

_Type = shim.ChaincodeMessage
_RECORD_TYPES = {
    Operation.PUT: shim.WriteRecord.PUT_STATE,
    Operation.DELETE: shim.WriteRecord.DEL_STATE,
    Operation.PURGE: shim.WriteRecord.PURGE_PRIVATE_DATA,
    Operation.SET_POLICY: shim.WriteRecord.PUT_STATE_METADATA,
}


@dataclass(frozen=True, slots=True)
class BatchSizes:
    """What the peer offered in READY: most writes and most keys in one message; 0 = no batches."""

    writes: int = 0
    reads: int = 0

    @classmethod
    def from_ready(cls, payload: bytes) -> BatchSizes:
        """Read READY's payload; peers before 3.1 send none."""
        offered = ChaincodeAdditionalParams.FromString(payload)
        return cls(
            writes=offered.max_size_write_batch if offered.use_write_batch else 0,
            reads=offered.max_size_get_multiple_keys if offered.use_get_multiple_keys else 0,
        )


class Conversation(Protocol):
    """Exchange of one request for one reply with the peer."""

    def ask(self, message_type: int, payload: bytes) -> bytes:
        """Send a request and wait for its reply, however long it takes; LedgerError if that is an error."""


class PeerRequests:
    """Implements `moyai_shim.transaction.Peer`; its methods are described there."""

    def __init__(self, conversation: Conversation, sizes: BatchSizes) -> None:
        self._conversation = conversation
        self._sizes = sizes

    @property
    def max_write_batch(self) -> int:
        return self._sizes.writes or 1

    def get_state(self, key: str, collection: str) -> bytes:
        return self._ask(_Type.GET_STATE, shim.GetState(key=key, collection=collection))

    def get_multiple_states(self, keys: Sequence[str]) -> list[bytes]:
        if not self._sizes.reads:
            return [self.get_state(key, "") for key in keys]
        values: list[bytes] = []
        for first in range(0, len(keys), self._sizes.reads):
            values += self._get_batch(keys[first:first + self._sizes.reads])
        return values

    def get_page(self, start: str, end: str, page_size: int, bookmark: str) -> Page:
        paging = shim.QueryMetadata(pageSize=page_size, bookmark=bookmark).SerializeToString()
        request = shim.GetStateByRange(startKey=start, endKey=end, metadata=paging)
        response = shim.QueryResponse.FromString(self._ask(_Type.GET_STATE_BY_RANGE, request))
        pairs = [query_result.KV.FromString(result.resultBytes) for result in response.results]
        following = shim.QueryResponseMetadata.FromString(response.metadata).bookmark
        return Page([(pair.key, pair.value) for pair in pairs], following)

    def get_history(self, key: str) -> Iterator[KeyModification]:
        answer = self._ask(_Type.GET_HISTORY_FOR_KEY, shim.GetHistoryForKey(key=key))
        while True:
            response = shim.QueryResponse.FromString(answer)
            for result in response.results:
                yield _modification(query_result.KeyModification.FromString(result.resultBytes))
            if not response.has_more:
                return
            answer = self._ask(_Type.QUERY_STATE_NEXT, shim.QueryStateNext(id=response.id))

    def get_private_data_hash(self, key: str, collection: str) -> bytes:
        return self._ask(_Type.GET_PRIVATE_DATA_HASH, shim.GetState(key=key, collection=collection))

    def get_policy(self, key: str) -> bytes:
        answer = self._ask(_Type.GET_STATE_METADATA, shim.GetStateMetadata(key=key))
        entries = shim.StateMetadataResult.FromString(answer).entries
        return next((entry.value for entry in entries if entry.metakey == VALIDATION_PARAMETER), b"")

    def write(self, writes: Sequence[Write]) -> None:
        if self._sizes.writes:
            self._ask(_Type.WRITE_BATCH_STATE, shim.WriteBatchState(rec=[_record(write) for write in writes]))
            return
        for write in writes:
            message_type, request = _single(write)
            self._ask(message_type, request)

    def _get_batch(self, keys: Sequence[str]) -> list[bytes]:
        answer = self._ask(_Type.GET_STATE_MULTIPLE, shim.GetStateMultiple(keys=keys))
        values = list(shim.GetStateMultipleResult.FromString(answer).values)
        if len(values) != len(keys):
            # A state database in trouble answers with an empty list: to take it for "absent" would be wrong.
            raise LedgerError(f"the peer returned {len(values)} values for {len(keys)} keys")
        return values

    def _ask(self, message_type: int, request: Message) -> bytes:
        return self._conversation.ask(message_type, request.SerializeToString())


def _modification(change: query_result.KeyModification) -> KeyModification:
    return KeyModification(change.tx_id, change.timestamp.seconds, None if change.is_delete else change.value)


def _record(write: Write) -> shim.WriteRecord:
    record = shim.WriteRecord(key=write.key, collection=write.collection, type=_RECORD_TYPES[write.operation])
    if write.operation is Operation.SET_POLICY:
        record.metadata.CopyFrom(_policy(write))
    else:
        record.value = write.value
    return record


def _single(write: Write) -> tuple[int, Message]:
    """The request that a peer without batches understands."""
    address = {"key": write.key, "collection": write.collection}
    match write.operation:
        case Operation.PUT:
            return _Type.PUT_STATE, shim.PutState(value=write.value, **address)
        case Operation.DELETE:
            return _Type.DEL_STATE, shim.DelState(**address)
        case Operation.PURGE:
            return _Type.PURGE_PRIVATE_DATA, shim.PurgePrivateState(**address)
        case Operation.SET_POLICY:
            return _Type.PUT_STATE_METADATA, shim.PutStateMetadata(metadata=_policy(write), **address)


def _policy(write: Write) -> shim.StateMetadata:
    return shim.StateMetadata(metakey=VALIDATION_PARAMETER, value=write.value)
