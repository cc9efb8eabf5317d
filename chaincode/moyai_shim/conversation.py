"""One transaction's turn-taking with the peer: a request, its reply, the next request."""
from __future__ import annotations

import queue
import time
from typing import Callable

from fabric_protos.peer.chaincode_shim_pb2 import ChaincodeMessage

from moyai_shim.errors import DeadlineExceeded, LedgerError, StreamClosed

Key = tuple[str, str]
"""Channel and transaction id."""


class TransactionConversation:
    """Implements `moyai_shim.peer_requests.Conversation`.

    The deadline is looked at before a request, never while one is unanswered: a peer of 3.1.1 dies if a transaction
    ends while one of its queries runs.
    """

    def __init__(self, key: Key, deadline: float, send: Callable[[ChaincodeMessage], None]) -> None:
        self._key = key
        self._deadline = deadline
        self._send = send
        self._replies: queue.SimpleQueue[ChaincodeMessage | None] = queue.SimpleQueue()

    def ask(self, message_type: int, payload: bytes) -> bytes:
        """Send a request and wait for its reply, however long it takes."""
        self.check_deadline()
        channel_id, tx_id = self._key
        self._send(ChaincodeMessage(type=message_type, payload=payload, txid=tx_id, channel_id=channel_id))
        reply = self._replies.get()
        if reply is None:
            raise StreamClosed("the peer went away")
        if reply.type == ChaincodeMessage.ERROR:
            raise LedgerError(reply.payload.decode(errors="replace"))
        return reply.payload

    def check_deadline(self) -> None:
        """Raise DeadlineExceeded if the transaction's time (`time.monotonic()` seconds) is up."""
        if time.monotonic() >= self._deadline:
            raise DeadlineExceeded("the transaction took too long")

    def receive(self, reply: ChaincodeMessage) -> None:
        """Take the reply of the outstanding request."""
        self._replies.put(reply)

    def abandon(self) -> None:
        """The stream is lost: no reply will come."""
        self._replies.put(None)
