"""A peer for tests: the Gateway and Deliver services over TLS, answering as a test scripts it."""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2, gateway_pb2_grpc
from fabric_protos.peer import (
    chaincode_pb2, events_pb2_grpc, proposal_pb2, proposal_response_pb2, transaction_pb2)
from google.protobuf import any_pb2

from moyai_client.rpc_status import METADATA_KEY, Status
from tests.unit.client.certificates import key_pem, make_certificate

Script = Callable[[Any], Any]


class Failure(Exception):
    """What a script raises to fail a call: status name, text, and (msp id, message) of the peers behind it."""

    def __init__(self, status: str, message: str = "", details: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(status, message)
        self.status, self.message, self.details = status, message, details


class FakePeer(gateway_pb2_grpc.GatewayServicer, events_pb2_grpc.DeliverServicer):
    """Serves on a free port until `stop`; `scripts` maps a method's name to what answers it, `calls` counts them."""

    def __init__(self, msp_id: str, port: int = 0) -> None:
        self.msp_id = msp_id
        self.scripts: dict[str, Script] = {}
        self.calls: Counter[str] = Counter()
        self.certificate, self._key = make_certificate("localhost")
        self.port = port
        self.start()

    @property
    def address(self) -> str:
        """host:port."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts to serve, again on the same port after a stop."""
        self._server = grpc.server(ThreadPoolExecutor(64), options=(("grpc.so_reuseport", 0),))
        gateway_pb2_grpc.add_GatewayServicer_to_server(self, self._server)
        events_pb2_grpc.add_DeliverServicer_to_server(self, self._server)
        credentials = grpc.ssl_server_credentials([(key_pem(self._key), self.certificate)])
        self.port = self._server.add_secure_port(f"127.0.0.1:{self.port}", credentials)
        self._server.start()

    def stop(self) -> None:
        """Cuts all connections."""
        self._server.stop(0).wait()

    def Evaluate(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._answer("Evaluate", request, context)

    def Endorse(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._answer("Endorse", request, context)

    def Submit(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._answer("Submit", request, context)

    def CommitStatus(self, request: Any, context: grpc.ServicerContext) -> Any:
        return self._answer("CommitStatus", request, context)

    def Deliver(self, request_iterator: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        self.calls["Deliver"] += 1
        yield from self.scripts["Deliver"](next(request_iterator))

    def _answer(self, method: str, request: Any, context: grpc.ServicerContext) -> Any:
        self.calls[method] += 1
        try:
            return self.scripts[method](request)
        except Failure as failure:
            if failure.details:
                context.set_trailing_metadata(((METADATA_KEY, _status(failure)),))
            context.abort(grpc.StatusCode[failure.status], failure.message)


def _status(failure: Failure) -> bytes:
    details = []
    for msp_id, message in failure.details:
        packed = any_pb2.Any()
        packed.Pack(gateway_pb2.ErrorDetail(address="peer:7051", msp_id=msp_id, message=message))
        details.append(packed)
    status = Status(code=10, message=failure.message)
    for packed in details:
        status.details.add(type_url=packed.type_url, value=packed.value)
    return status.SerializeToString()


def evaluated(payload: bytes) -> Script:
    """A script that answers every evaluation with one payload."""
    return lambda request: gateway_pb2.EvaluateResponse(result=proposal_response_pb2.Response(
        status=200, payload=payload))


def endorsed(result: bytes = b"{}") -> Script:
    """A script that endorses every proposal with one result and nothing written."""
    return lambda request: gateway_pb2.EndorseResponse(
        prepared_transaction=common_pb2.Envelope(payload=endorse_payload(request, result)))


def endorse_payload(request: gateway_pb2.EndorseRequest, result: bytes, *, results: bytes = b"",
                    events: bytes = b"") -> bytes:
    """The payload of the prepared transaction that a gateway makes from a proposal and a contract's answer."""
    proposal = proposal_pb2.Proposal.FromString(request.proposed_transaction.proposal_bytes)
    action = proposal_pb2.ChaincodeAction(
        response=proposal_response_pb2.Response(status=200, payload=result), results=results, events=events)
    response = proposal_response_pb2.ProposalResponsePayload(extension=action.SerializeToString())
    payload = transaction_pb2.ChaincodeActionPayload(
        chaincode_proposal_payload=proposal.payload,
        action=transaction_pb2.ChaincodeEndorsedAction(proposal_response_payload=response.SerializeToString()))
    transaction = transaction_pb2.Transaction(
        actions=[transaction_pb2.TransactionAction(payload=payload.SerializeToString())])
    header = common_pb2.Header.FromString(proposal.header)
    return common_pb2.Payload(header=header, data=transaction.SerializeToString()).SerializeToString()


def arguments_of(request: Any) -> list[bytes]:
    """Function name and arguments of a proposal."""
    proposal = proposal_pb2.Proposal.FromString(request.proposed_transaction.proposal_bytes)
    payload = proposal_pb2.ChaincodeProposalPayload.FromString(proposal.payload)
    return list(chaincode_pb2.ChaincodeInvocationSpec.FromString(payload.input).chaincode_spec.input.args)


def submitted(request: Any) -> Any:
    """A script whose orderer takes everything."""
    return gateway_pb2.SubmitResponse()


def committed(code: str = "VALID", block_number: int = 7) -> Script:
    """A script for a transaction that is in a block."""
    return lambda request: gateway_pb2.CommitStatusResponse(
        result=transaction_pb2.TxValidationCode.Value(code), block_number=block_number)


def failing(status: str, message: str = "", *details: tuple[str, str]) -> Script:
    """A script that fails every call."""
    def script(request: Any) -> Any:
        raise Failure(status, message, details)
    return script


def in_order(*scripts: Script) -> Script:
    """A script that behaves like each one in turn and stays with the last."""
    remaining = list(scripts)

    def script(request: Any) -> Any:
        return (remaining.pop(0) if len(remaining) > 1 else remaining[0])(request)
    return script
