"""The contract of the chaincode `moyai`: one command or query in, one answer out."""
from __future__ import annotations

from typing import Any

from moyai_contracts import authority, queries, scopes
from moyai_contracts.api import QUERIES, canonical
from moyai_contracts.api.command import Command, fingerprint, parse
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.transaction import Documents, Replayed, Transaction
from moyai_contracts.use_case import USE_CASES, UseCase, discover
from moyai_shim import Response, Stub, success

discover("moyai_contracts.directory", "moyai_contracts.relief", "moyai_contracts.devices", "moyai_contracts.evidence")


class MoyaiContract:
    """Runs use cases and queries; a refusal is an answer whose message carries its code and parameters as JSON."""

    def invoke(self, stub: Stub) -> Response:
        """The result as canonical JSON, or status 4xx with `{"code","params"}` in the message."""
        try:
            function, text = _arguments(stub)
            run = queries.answer if function in QUERIES else _carry_out
            return success(run(stub, function, text))
        except Refusal as refusal:
            return Response(refusal.status, _message(refusal))


def _arguments(stub: Stub) -> tuple[str, str]:
    try:
        function, parameters = stub.get_function_and_parameters()
        (text,) = parameters
    except ValueError as error:  # not UTF-8, or more or fewer than one
        raise Refusal("bad_argument", field="arguments") from error
    return function, text


def _carry_out(stub: Stub, function: str, text: str) -> bytes:
    envelope, command, message = parse(function, text)
    case = USE_CASES[function]
    tx = Transaction(Documents(stub), stub.creator, stub.tx_id, stub.get_tx_timestamp(), envelope,
                     fingerprint(function, message))
    authority.check(tx, case, command, message)
    scopes.require_labels_of(tx.scope, message)
    try:
        _run(tx, case, command)
    except Replayed:
        return canonical.encode({"op": tx.op, "replayed": True})
    for key, document in tx.writes.items():
        if document is None:
            stub.del_state(key)
        else:
            stub.put_state(key, canonical.encode(document))
    stub.set_event(command.event, tx.event_payload())
    return canonical.encode({"op": tx.op})


def _run(tx: Transaction, case: UseCase, command: Command) -> None:
    """A late copy of what was done before its drill ended still finds its result; nothing else is done there."""
    closed = scopes.refusal(tx)
    try:
        case.run(tx, command)
    except Refusal:
        if closed is None:
            raise
    if closed is not None:
        raise closed


def _message(refusal: Refusal) -> str:
    params: dict[str, Any] = {key: value for key, value in refusal.params.items() if value is not None}
    return canonical.encode({"code": refusal.code, "params": params}).decode()
