"""The contract service: a gRPC server that the peer connects to."""
from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import grpc
from fabric_protos.peer.chaincode_shim_pb2 import ChaincodeMessage
from fabric_protos.peer.chaincode_shim_pb2_grpc import ChaincodeServicer, add_ChaincodeServicer_to_server

from moyai_shim.stream import MAX_MESSAGE_BYTES, Stream, Task
from moyai_shim.stub import Contract
from moyai_shim.transaction import DEFAULT_TOTAL_QUERY_LIMIT
from moyai_shim.worker import Worker

MAX_STREAMS = 8
"""Peers have one stream each; a second one is a peer that came back before its first was found lost."""

_OPTIONS = [
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.so_reuseport", 0),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 30_000),
]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the service.

    `time_limit` (seconds) and the longest single request together stay below the peer's execution timeout;
    `total_query_limit` equals the peer's; `threads` is how many transactions run at once.
    """

    time_limit: float = 5.0
    threads: int = 64
    total_query_limit: int = DEFAULT_TOTAL_QUERY_LIMIT


class ContractService(ChaincodeServicer):
    """Serves one contract under one package id to every peer that connects."""

    def __init__(self, contract: Contract, package_id: str, limits: Limits) -> None:
        self._package_id = package_id
        self._limits = limits
        self._worker = Worker(contract, limits.total_query_limit)
        self._pool = ThreadPoolExecutor(limits.threads, thread_name_prefix="transaction")
        self._streams: set[Stream] = set()
        self._is_draining = False
        self._lock = threading.Lock()

    def Connect(
        self, request_iterator: Iterator[ChaincodeMessage], context: grpc.ServicerContext
    ) -> Iterator[ChaincodeMessage]:
        """One peer's stream; the caller's thread sends, a second one reads."""
        stream = Stream(self._package_id, self._start, self._limits.time_limit)
        with self._lock:
            if self._is_draining:
                context.abort(grpc.StatusCode.UNAVAILABLE, "the contract service is shutting down")
            self._streams.add(stream)
        threading.Thread(target=stream.read, args=(request_iterator,), name="reader", daemon=True).start()
        try:
            yield from stream.outgoing()
        finally:
            stream.close()
            with self._lock:
                self._streams.discard(stream)

    def drain(self) -> None:
        """Refuse new transactions and close each stream once its running ones are answered."""
        with self._lock:
            self._is_draining = True
            streams = list(self._streams)
        for stream in streams:
            stream.drain()

    def _start(self, task: Task) -> None:
        self._pool.submit(self._worker.run, task)


class ContractServer:
    """The service on an address."""

    def __init__(self, service: ContractService, address: str, credentials: grpc.ServerCredentials | None) -> None:
        """`address` is host:port, port 0 for a free one; without credentials the connection is plain.

        RuntimeError if the address cannot be bound.
        """
        self._service = service
        self._server = grpc.server(
            ThreadPoolExecutor(MAX_STREAMS, thread_name_prefix="stream"),
            options=_OPTIONS,
            maximum_concurrent_rpcs=MAX_STREAMS,
        )
        add_ChaincodeServicer_to_server(service, self._server)
        if credentials is None:
            self.port = self._server.add_insecure_port(address)
        else:
            self.port = self._server.add_secure_port(address, credentials)

    def start(self) -> None:
        """Accept connections."""
        self._server.start()

    def stop(self, grace: float) -> None:
        """Drain: new work is refused, running work is answered, then the streams close; `grace` seconds at most."""
        self._service.drain()
        self._server.stop(grace).wait()


def mutual_tls(certificate: Path, key: Path, client_ca: Path) -> grpc.ServerCredentials:
    """Server credentials (PEM files) that trust clients of one authority alone."""
    return grpc.ssl_server_credentials(
        [(key.read_bytes(), certificate.read_bytes())],
        root_certificates=client_ca.read_bytes(),
        require_client_auth=True,
    )
