"""A served contract and a fake peer connected to it."""
from __future__ import annotations

import time
from typing import Callable, Iterator

import pytest
from fabric_protos.peer.chaincode_pb2 import ChaincodeAdditionalParams

from moyai_shim import Response, Stub
from moyai_shim.service import ContractServer, ContractService, Limits
from tests.unit.shim.fake_peer import FULL_BATCHES, FakePeer

Invoke = Callable[[Stub], Response]
PACKAGE_ID = "moyai_1:0123"


def wait_for(condition: Callable[[], object], timeout: float = 5) -> None:
    """Poll until a condition holds; AssertionError if it does not in time."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "the awaited condition did not come true"
        time.sleep(0.01)


class FunctionContract:
    """Contract made of one function."""

    def __init__(self, invoke: Invoke) -> None:
        self.invoke = invoke


class Bench:
    """Starts services and peers, and stops what a test leaves."""

    def __init__(self) -> None:
        self.servers: list[ContractServer] = []
        self.peers: list[FakePeer] = []

    def serve(self, invoke: Invoke, limits: Limits = Limits()) -> ContractServer:
        """Service of a contract on a free port."""
        server = ContractServer(ContractService(FunctionContract(invoke), PACKAGE_ID, limits), "127.0.0.1:0", None)
        server.start()
        self.servers.append(server)
        return server

    def connect(
        self, server: ContractServer, offered: ChaincodeAdditionalParams | None = FULL_BATCHES
    ) -> FakePeer:
        """Peer of a service, past its registration."""
        peer = FakePeer(f"127.0.0.1:{server.port}", offered)
        self.peers.append(peer)
        assert peer.ready.wait(5)
        return peer

    def peer(
        self,
        invoke: Invoke,
        limits: Limits = Limits(),
        offered: ChaincodeAdditionalParams | None = FULL_BATCHES,
    ) -> FakePeer:
        """Peer of a new service."""
        return self.connect(self.serve(invoke, limits), offered)


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Services and fake peers of one test."""
    made = Bench()
    yield made
    for peer in made.peers:
        peer.close()
    for server in made.servers:
        server.stop(1)
    breaches = [breach for peer in made.peers for breach in peer.breaches]
    assert not breaches, breaches
