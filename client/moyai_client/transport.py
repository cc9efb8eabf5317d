"""The only place that knows gRPC: channels, deadlines, streams, and whose turn it is when a peer is away.

Channels are made on first use and belong to the process that made them, so a server may open its ledger before it
forks its workers.
"""
from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from typing import Any

# gRPC reads these when it is imported. Without the first a child that inherits a used channel hangs in its first call;
# the second keeps each peer's restart out of every program's error output.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "1")
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

import grpc  # noqa: E402
from fabric_protos.gateway.gateway_pb2_grpc import GatewayStub  # noqa: E402
from fabric_protos.peer.events_pb2_grpc import DeliverStub  # noqa: E402
from fabric_protos.peer.peer_pb2_grpc import EndorserStub  # noqa: E402

from moyai_client.profile import GatewayEndpoint  # noqa: E402
from moyai_client.rpc_status import PeerDetail, peer_details  # noqa: E402

LARGEST_MESSAGE = 100 * 1024 * 1024
REST_SECONDS = 3.0
STOP_CHECK_SECONDS = 0.1

# Short back-off: a peer returns about a second after it died, and its gateway should be used again at once.
CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", LARGEST_MESSAGE),
    ("grpc.max_send_message_length", LARGEST_MESSAGE),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 2000),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.keepalive_time_ms", 120_000),
    ("grpc.keepalive_timeout_ms", 10_000),
)


class RpcFailure(Exception):
    """A call that failed: gRPC's status name, its text, and what the peers behind the gateway answered."""

    def __init__(self, status: str, message: str, details: tuple[PeerDetail, ...] = ()) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message
        self.details = details


class _ProcessChannels:
    """Channels of one process; another process never touches them, not even to close them."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.lock = threading.Lock()
        self.channels: dict[str, grpc.Channel] = {}


class Transport:
    """Calls to the gateways of one profile, the own one first."""

    def __init__(self, endpoints: tuple[GatewayEndpoint, ...]) -> None:
        self._endpoints = endpoints
        self._process = _ProcessChannels()
        self._resting: dict[str, float] = {}

    def in_turn(self) -> list[GatewayEndpoint]:
        """All endpoints in the order to ask them: as in the profile, those that were just away at the end."""
        now = time.monotonic()
        return sorted(self._endpoints, key=lambda endpoint: self._resting.get(endpoint.address, 0.0) > now)

    def call(self, endpoint: GatewayEndpoint, method: str, request: Any, deadline: float, *,
             may_wait: bool = False) -> Any:
        """One unary call of the gateway service; raises RpcFailure.

        `deadline` in seconds; an endpoint that lets it pass counts as away, unless the call `may_wait` by its nature.
        """
        return self._unary(endpoint, getattr(GatewayStub(self._channel(endpoint)), method), request, deadline, may_wait)

    def process_proposal(self, endpoint: GatewayEndpoint, signed: Any, deadline: float) -> Any:
        """A peer's own answer to a signed proposal, with its signature, which the gateway drops; raises RpcFailure."""
        stub = EndorserStub(self._channel(endpoint))
        return self._unary(endpoint, stub.ProcessProposal, signed, deadline, False)

    def _unary(self, endpoint: GatewayEndpoint, method: Any, request: Any, deadline: float, may_wait: bool) -> Any:
        try:
            response = method(request, timeout=deadline)
        except grpc.RpcError as error:
            failure = _failure(error)
            silent = failure.status == "DEADLINE_EXCEEDED" and not may_wait
            if silent or (failure.status == "UNAVAILABLE" and not failure.details):
                self._resting[endpoint.address] = time.monotonic() + REST_SECONDS
            raise failure from None
        self._resting.pop(endpoint.address, None)
        return response

    def deliver(self, endpoint: GatewayEndpoint, envelope: Any, stop: threading.Event | None) -> Iterator[Any]:
        """The answers of the peer's Deliver service to one signed request, until it ends or `stop` is set."""
        stream = DeliverStub(self._channel(endpoint)).Deliver(iter((envelope,)))
        ended = threading.Event()
        if stop is not None:
            threading.Thread(target=_cancel_on_stop, args=(stream, stop, ended), daemon=True).start()
        try:
            yield from stream
        except grpc.RpcError as error:
            if stop is None or not stop.is_set():
                raise _failure(error) from None
        finally:
            ended.set()
            stream.cancel()

    def close(self) -> None:
        """Closes the channels of this process; the next call makes new ones."""
        if self._process.pid != os.getpid():
            return
        with self._process.lock:
            for channel in self._process.channels.values():
                channel.close()
            self._process.channels.clear()

    def _channel(self, endpoint: GatewayEndpoint) -> grpc.Channel:
        if self._process.pid != os.getpid():
            self._process = _ProcessChannels()
        process = self._process
        with process.lock:
            channel = process.channels.get(endpoint.address)
            if channel is None:
                credentials = grpc.ssl_channel_credentials(endpoint.tls_ca.read_bytes())
                options = (*CHANNEL_OPTIONS, ("grpc.ssl_target_name_override", endpoint.server_name))
                channel = process.channels[endpoint.address] = grpc.secure_channel(
                    endpoint.address, credentials, options)
            return channel


def _cancel_on_stop(stream: grpc.Call, stop: threading.Event, ended: threading.Event) -> None:
    while not ended.wait(STOP_CHECK_SECONDS):
        if stop.is_set():
            stream.cancel()
            return


def _failure(error: grpc.RpcError) -> RpcFailure:
    return RpcFailure(error.code().name, error.details() or "", peer_details(error.trailing_metadata()))
