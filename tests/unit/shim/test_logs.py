"""The service tells what it did and never what it was told."""
from __future__ import annotations

import logging
import re

import pytest
from fabric_protos.peer.chaincode_shim_pb2 import GetState

from moyai_shim import Response, Stub, error, success
from tests.unit.shim.conftest import Bench, wait_for
from tests.unit.shim.fake_peer import Message

SECRET = "0a1b2c-secret"
LINE = re.compile(r"tx=[0-9a-f]{8} function=(relief\.register_need|\?) status=\d{3} ms=\d+( error=\w+@[\w.<>]+:\d+)?")


def handle(stub: Stub) -> Response:
    """Let the secret through every door there is."""
    function, parameters = stub.get_function_and_parameters()
    stub.get_state(SECRET)
    if parameters[0] == "raise":
        raise ValueError(SECRET)
    if parameters[0] == "refuse":
        return error(SECRET, 409)
    if parameters[0] == "ledger":
        stub.get_private_data("members", SECRET)
    stub.put_state(SECRET, SECRET.encode())
    stub.set_event(SECRET, SECRET.encode())
    return success(SECRET.encode())


def test_one_line_a_transaction_without_any_payload(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    peer = bench.peer(handle)
    peer.override[Message.GET_STATE] = refuse_private_reads
    transient = {SECRET: SECRET.encode()}
    for number, way in enumerate(["succeed", "raise", "refuse", "ledger"]):
        peer.run(f"{number:064x}", "relief.register_need", way, SECRET, transient=transient)
    peer.run("f" * 64, f"{SECRET}\nfunction", "succeed")
    wait_for(lambda: len(transaction_lines(caplog)) == 5)
    lines = transaction_lines(caplog)
    assert all(LINE.fullmatch(line) for line in lines), lines
    assert [re.search(r"status=(\d+)", line)[1] for line in lines] == ["200", "500", "409", "500", "200"]
    assert "error=ValueError@test_logs.py:" in lines[1]
    assert "error=LedgerError@test_logs.py:" in lines[3]
    assert lines[4].startswith("tx=ffffffff function=? ")
    assert SECRET not in caplog.text


def refuse_private_reads(message: Message) -> bytes | Exception:
    """The peer's own words may hold a key."""
    request = GetState.FromString(message.payload)
    return RuntimeError(f"no read access to {request.key}") if request.collection else b""


def transaction_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Lines about transactions."""
    return [record.getMessage() for record in caplog.records if record.getMessage().startswith("tx=")]
