"""A peer's side of the chaincode protocol over real gRPC, strict where Fabric is silent."""
from __future__ import annotations

import queue
import threading
from collections import defaultdict
from typing import Callable, Iterator, Mapping

import grpc
from fabric_protos.common.common_pb2 import ChannelHeader, Header, SignatureHeader
from fabric_protos.ledger.queryresult.kv_query_result_pb2 import KV, KeyModification
from fabric_protos.msp.identities_pb2 import SerializedIdentity
from fabric_protos.peer import chaincode_shim_pb2 as shim
from fabric_protos.peer.chaincode_pb2 import ChaincodeAdditionalParams, ChaincodeID, ChaincodeInput
from fabric_protos.peer.chaincode_shim_pb2_grpc import ChaincodeStub
from fabric_protos.peer.proposal_pb2 import ChaincodeProposalPayload, Proposal, SignedProposal
from fabric_protos.peer.proposal_response_pb2 import Response

from moyai_shim.memory import make_creator

Message = shim.ChaincodeMessage
REQUESTS = {
    Message.GET_STATE, Message.PUT_STATE, Message.DEL_STATE, Message.GET_STATE_BY_RANGE, Message.QUERY_STATE_NEXT,
    Message.GET_HISTORY_FOR_KEY, Message.GET_STATE_METADATA, Message.PUT_STATE_METADATA, Message.GET_STATE_MULTIPLE,
    Message.WRITE_BATCH_STATE, Message.GET_PRIVATE_DATA_HASH, Message.PURGE_PRIVATE_DATA,
}
CHANNEL = "moyai"
FULL_BATCHES = ChaincodeAdditionalParams(
    use_write_batch=True, max_size_write_batch=1000, use_get_multiple_keys=True, max_size_get_multiple_keys=1000
)


class FakePeer:
    """Keeps `state`, answers requests, and records every message and every breach of the protocol.

    `before_reply(message)` runs in a thread before a request is answered: tests hold replies back with it.
    """

    def __init__(self, address: str, offered: ChaincodeAdditionalParams | None = FULL_BATCHES) -> None:
        self.state: dict[str, bytes] = {}
        self.history: dict[str, list[KeyModification]] = {}
        self.received: list[Message] = []
        self.breaches: list[str] = []
        self.package_id = ""
        self.before_reply: Callable[[Message], None] = lambda message: None
        self.override: dict[int, Callable[[Message], bytes | Exception]] = {}
        self.ready = threading.Event()
        self.closed = threading.Event()
        self._offered = offered
        self._outgoing: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._answers: dict[str, queue.SimpleQueue[Message]] = defaultdict(queue.SimpleQueue)
        self._outstanding: set[str] = set()
        self._pages: dict[str, list[KeyModification]] = {}
        self._channel = grpc.insecure_channel(address)
        self._call = ChaincodeStub(self._channel).Connect(iter(self._outgoing.get, None))
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def close(self) -> None:
        """Hang up as a dying peer does."""
        self._call.cancel()
        self._channel.close()
        self._reader.join(5)

    def begin(self, tx_id: str, *args: str | bytes, transient: Mapping[str, bytes] | None = None) -> None:
        """Send a transaction without waiting."""
        encoded = [arg.encode() if isinstance(arg, str) else arg for arg in args]
        self._outgoing.put(Message(
            type=Message.TRANSACTION,
            payload=ChaincodeInput(args=encoded).SerializeToString(),
            txid=tx_id,
            channel_id=CHANNEL,
            proposal=signed_proposal(tx_id, transient or {}),
        ))

    def answer(self, tx_id: str, timeout: float = 10) -> Message:
        """The COMPLETED or ERROR of a transaction; queue.Empty if none comes."""
        return self._answers[tx_id].get(timeout=timeout)

    def run(self, tx_id: str, *args: str | bytes, transient: Mapping[str, bytes] | None = None) -> Message:
        """Send a transaction and wait for its answer."""
        self.begin(tx_id, *args, transient=transient)
        return self.answer(tx_id)

    def send(self, message: Message) -> None:
        """Send any message."""
        self._outgoing.put(message)

    def types(self, tx_id: str) -> list[str]:
        """Names of the messages a transaction sent, in order."""
        return [Message.Type.Name(message.type) for message in self.received if message.txid == tx_id]

    def requests(self, message_type: int) -> list[Message]:
        """Received messages of one type."""
        return [message for message in self.received if message.type == message_type]

    def _read(self) -> None:
        try:
            for message in self._call:
                self.received.append(message)
                self._take(message)
        except grpc.RpcError:
            pass  # hung up, by either side: `closed` tells
        finally:
            self.closed.set()

    def _take(self, message: Message) -> None:
        if message.type == Message.REGISTER:
            self.package_id = ChaincodeID.FromString(message.payload).name
            self._outgoing.put(Message(type=Message.REGISTERED))
            payload = self._offered.SerializeToString() if self._offered else b""
            self._outgoing.put(Message(type=Message.READY, payload=payload))
            self.ready.set()
        elif message.type in (Message.COMPLETED, Message.ERROR):
            if message.txid in self._outstanding:
                self.breaches.append(f"{message.txid} ended while a request was unanswered")
            self._answers[message.txid].put(message)
        elif message.type in REQUESTS:
            if message.txid in self._outstanding:
                self.breaches.append(f"{message.txid} sent a second request")
            self._outstanding.add(message.txid)
            threading.Thread(target=self._reply, args=(message,), daemon=True).start()

    def _reply(self, message: Message) -> None:
        self.before_reply(message)
        handle = self.override.get(message.type, self._handle)
        result = handle(message)
        self._outstanding.discard(message.txid)
        is_error = isinstance(result, Exception)
        self._outgoing.put(Message(
            type=Message.ERROR if is_error else Message.RESPONSE,
            payload=str(result).encode() if is_error else result,
            txid=message.txid,
            channel_id=message.channel_id,
        ))

    def _handle(self, message: Message) -> bytes:
        match message.type:
            case Message.GET_STATE:
                return self.state.get(shim.GetState.FromString(message.payload).key, b"")
            case Message.GET_STATE_MULTIPLE:
                keys = shim.GetStateMultiple.FromString(message.payload).keys
                values = [self.state.get(key, b"") for key in keys]
                return shim.GetStateMultipleResult(values=values).SerializeToString()
            case Message.GET_STATE_BY_RANGE:
                return self._page(shim.GetStateByRange.FromString(message.payload)).SerializeToString()
            case Message.GET_HISTORY_FOR_KEY:
                key = shim.GetHistoryForKey.FromString(message.payload).key
                self._pages[message.txid] = list(self.history.get(key, []))
                return self._next(message.txid).SerializeToString()
            case Message.QUERY_STATE_NEXT:
                return self._next(message.txid).SerializeToString()
            case _:
                return b""

    def _page(self, request: shim.GetStateByRange) -> shim.QueryResponse:
        paging = shim.QueryMetadata.FromString(request.metadata)
        start = paging.bookmark or request.startKey
        keys = [key for key in sorted(self.state) if key >= start and (not request.endKey or key < request.endKey)]
        bookmark = keys[paging.pageSize] if len(keys) > paging.pageSize else ""
        pairs = [KV(key=key, value=self.state[key]) for key in keys[:paging.pageSize]]
        return shim.QueryResponse(
            results=[shim.QueryResultBytes(resultBytes=pair.SerializeToString()) for pair in pairs],
            metadata=shim.QueryResponseMetadata(bookmark=bookmark).SerializeToString(),
        )

    def _next(self, tx_id: str, size: int = 100) -> shim.QueryResponse:
        rest = self._pages[tx_id]
        self._pages[tx_id] = rest[size:]
        return shim.QueryResponse(
            results=[shim.QueryResultBytes(resultBytes=item.SerializeToString()) for item in rest[:size]],
            has_more=len(rest) > size,
            id="iterator",
        )


def response_of(message: Message) -> Response:
    """Answer inside COMPLETED."""
    assert message.type == Message.COMPLETED, message
    return Response.FromString(message.payload)


def signed_proposal(tx_id: str, transient: Mapping[str, bytes]) -> SignedProposal:
    """Proposal as a client signs it (the peer alone looks at the signature)."""
    creator = make_creator("Org1MSP", "webui")
    channel_header = ChannelHeader(channel_id=CHANNEL, tx_id=tx_id)
    channel_header.timestamp.seconds = 1_704_790_800
    identity = SerializedIdentity(mspid=creator.msp_id, id_bytes=creator.certificate)
    header = Header(
        channel_header=channel_header.SerializeToString(),
        signature_header=SignatureHeader(creator=identity.SerializeToString(), nonce=b"nonce").SerializeToString(),
    )
    payload = ChaincodeProposalPayload(TransientMap=transient)
    proposal = Proposal(header=header.SerializeToString(), payload=payload.SerializeToString())
    return SignedProposal(proposal_bytes=proposal.SerializeToString(), signature=b"signature")


def tx_ids(count: int) -> Iterator[str]:
    """Distinct transaction ids."""
    return (f"{number:064x}" for number in range(count))
