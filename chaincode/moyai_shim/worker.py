"""Run one transaction in a thread of its own and send its answer."""
from __future__ import annotations

import logging
import re
import time
from dataclasses import dataclass

from fabric_protos.peer.chaincode_event_pb2 import ChaincodeEvent
from fabric_protos.peer.chaincode_shim_pb2 import ChaincodeMessage
from fabric_protos.peer.proposal_response_pb2 import Response as WireResponse

from moyai_shim.errors import MessageTooLarge
from moyai_shim.execution import Outcome, execute, failure, place_of
from moyai_shim.peer_requests import PeerRequests
from moyai_shim.proposal import read_invocation
from moyai_shim.stream import MAX_MESSAGE_BYTES, Task, error_answer
from moyai_shim.stub import Contract
from moyai_shim.transaction import Invocation, Transaction

LOG = logging.getLogger("moyai_shim")
_FUNCTION_NAME = re.compile(rb"[A-Za-z0-9_.:]{1,64}")


@dataclass(frozen=True, slots=True)
class Worker:
    """Runs the transactions of one contract. `total_query_limit` is that of the peer."""

    contract: Contract
    total_query_limit: int

    def run(self, task: Task) -> None:
        """Answer the peer, whatever happens."""
        started = time.monotonic()
        function = "?"
        try:
            task.conversation.check_deadline()
            invocation = read_invocation(task.message)
            function = _function(invocation)
            outcome = self._execute(invocation, task)
            answer = _answer(task.message, outcome)
        except BaseException as error:  # nothing may keep the peer waiting for its time-out
            outcome = failure(error)
            answer = _answer(task.message, outcome)
        task.answer(answer)
        _log(task.message.txid, function, outcome, time.monotonic() - started)

    def _execute(self, invocation: Invocation, task: Task) -> Outcome:
        peer = PeerRequests(task.conversation, task.sizes)
        return execute(self.contract, Transaction(invocation, peer, self.total_query_limit))


def _answer(message: ChaincodeMessage, outcome: Outcome) -> ChaincodeMessage:
    if outcome.error is not None:
        return error_answer((message.channel_id, message.txid), outcome.response.message)
    response = outcome.response
    wire = WireResponse(status=response.status, message=response.message, payload=response.payload)
    answer = ChaincodeMessage(
        type=ChaincodeMessage.COMPLETED,
        payload=wire.SerializeToString(),
        txid=message.txid,
        channel_id=message.channel_id,
    )
    if outcome.event is not None:
        answer.chaincode_event.CopyFrom(
            ChaincodeEvent(event_name=outcome.event.name, payload=outcome.event.payload, tx_id=message.txid)
        )
    if answer.ByteSize() > MAX_MESSAGE_BYTES:
        raise MessageTooLarge(f"an answer of {answer.ByteSize()} bytes is more than the peer takes")
    return answer


def _function(invocation: Invocation) -> str:
    """Name for the log; callers may send anything in its place, so only what looks like one is shown."""
    name = invocation.args[0] if invocation.args else b""
    return name.decode() if _FUNCTION_NAME.fullmatch(name) else "?"


def _log(tx_id: str, function: str, outcome: Outcome, seconds: float) -> None:
    line = "tx=%s function=%s status=%d ms=%d"
    values: list[object] = [tx_id[:8], function, outcome.response.status, round(seconds * 1000)]
    if outcome.error is None:
        LOG.info(line, *values)
    else:
        LOG.error(line + " error=%s", *values, place_of(outcome.error))
