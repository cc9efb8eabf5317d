"""One peer's stream: messages out in order, replies in to the transactions that wait for them."""
from __future__ import annotations

import logging
import queue
import threading
import time
from dataclasses import dataclass
from typing import Callable, Iterable, Iterator

from fabric_protos.peer.chaincode_pb2 import ChaincodeID
from fabric_protos.peer.chaincode_shim_pb2 import ChaincodeMessage

from moyai_shim.conversation import Key, TransactionConversation
from moyai_shim.errors import MessageTooLarge
from moyai_shim.peer_requests import BatchSizes

LOG = logging.getLogger("moyai_shim")
MAX_MESSAGE_BYTES = 100 * 1024 * 1024
"""What peers accept in one message; a larger one would end the stream for every transaction on it."""


@dataclass(frozen=True, slots=True)
class Task:
    """A transaction to run, with its way to the peer."""

    message: ChaincodeMessage
    conversation: TransactionConversation
    sizes: BatchSizes
    answer: Callable[[ChaincodeMessage], None]


class Stream:
    """Both directions of one `Connect` call.

    `start` hands a task to a thread; it must return at once. A transaction has `time_limit` seconds from its arrival.
    """

    def __init__(self, package_id: str, start: Callable[[Task], None], time_limit: float) -> None:
        self._start = start
        self._time_limit = time_limit
        self._sizes = BatchSizes()
        self._outgoing: queue.SimpleQueue[ChaincodeMessage | None] = queue.SimpleQueue()
        self._running: dict[Key, TransactionConversation] = {}
        self._is_draining = False
        self._is_closed = False
        self._lock = threading.Lock()
        registration = ChaincodeID(name=package_id).SerializeToString()
        self._outgoing.put(ChaincodeMessage(type=ChaincodeMessage.REGISTER, payload=registration))

    def outgoing(self) -> Iterator[ChaincodeMessage]:
        """Messages for the peer in the order they were sent, until the stream is closed."""
        while (message := self._outgoing.get()) is not None:
            yield message

    def read(self, incoming: Iterable[ChaincodeMessage]) -> None:
        """Take the peer's messages until it hangs up; then nobody waits for a reply any more."""
        try:
            for message in incoming:
                self._receive(message)
        except Exception as error:  # a lost connection arrives as whatever the transport raises
            LOG.warning("stream=lost error=%s", type(error).__name__)
        finally:
            self.close()

    def drain(self) -> None:
        """Refuse new transactions, let the running ones finish, then close."""
        with self._lock:
            self._is_draining = True
            if not self._running:
                self._outgoing.put(None)

    def close(self) -> None:
        """End the stream; running transactions are told that no reply will come."""
        with self._lock:
            self._is_closed = True
            abandoned = list(self._running.values())
            self._running.clear()
            self._outgoing.put(None)
        for conversation in abandoned:
            conversation.abandon()

    def _receive(self, message: ChaincodeMessage) -> None:
        match message.type:
            case ChaincodeMessage.TRANSACTION | ChaincodeMessage.INIT:
                self._begin(message)
            case ChaincodeMessage.RESPONSE | ChaincodeMessage.ERROR:
                self._reply(message)
            case ChaincodeMessage.READY:
                self._sizes = BatchSizes.from_ready(message.payload)
                LOG.info("stream=ready write_batch=%d read_batch=%d", self._sizes.writes, self._sizes.reads)
            case ChaincodeMessage.KEEPALIVE:
                self._outgoing.put(ChaincodeMessage(type=ChaincodeMessage.KEEPALIVE))
            case ChaincodeMessage.REGISTERED:
                LOG.info("stream=registered")
            case _:
                LOG.warning("stream=unexpected type=%d", message.type)

    def _begin(self, message: ChaincodeMessage) -> None:
        key = (message.channel_id, message.txid)
        with self._lock:
            if self._is_closed:
                return
            if self._is_draining:
                self._outgoing.put(error_answer(key, "the contract service is shutting down"))
                return
            if key in self._running:
                # To answer it would end the first one in mid-request; the peer itself lets no second one through.
                LOG.warning("tx=%s refused=running_already", message.txid[:8])
                return
            conversation = TransactionConversation(key, time.monotonic() + self._time_limit, self._send)
            self._running[key] = conversation
        self._start(Task(message, conversation, self._sizes, self._finish))

    def _reply(self, message: ChaincodeMessage) -> None:
        conversation = self._running.get((message.channel_id, message.txid))
        if conversation is None:
            LOG.warning("tx=%s reply=unexpected", message.txid[:8])
            return
        conversation.receive(message)

    def _send(self, message: ChaincodeMessage) -> None:
        size = message.ByteSize()
        if size > MAX_MESSAGE_BYTES:
            raise MessageTooLarge(f"a message of {size} bytes is more than the peer takes")
        self._outgoing.put(message)

    def _finish(self, answer: ChaincodeMessage) -> None:
        """Send a transaction's answer; from then on the peer may send the same transaction id again."""
        with self._lock:
            if self._running.pop((answer.channel_id, answer.txid), None) is None:
                return
            self._outgoing.put(answer)
            if self._is_draining and not self._running:
                self._outgoing.put(None)


def error_answer(key: Key, text: str) -> ChaincodeMessage:
    """Answer of a transaction that failed."""
    channel_id, tx_id = key
    return ChaincodeMessage(type=ChaincodeMessage.ERROR, payload=text.encode(), txid=tx_id, channel_id=channel_id)
