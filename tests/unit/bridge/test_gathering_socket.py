"""Many small messages go out in few TLS records, in their order, and nothing is lost where the connection is slow."""
from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from moyai_bridge.gathering_socket import RECORD_BYTES, GatheringSocket

from tests.unit.client.certificates import write_identity

ACKNOWLEDGEMENTS = [bytes((0x40, 2, number >> 8, number & 255)) for number in range(500)]
MUCH = bytes(range(256)) * 40_000


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[tuple[GatheringSocket, ssl.SSLSocket]]:
    """Both ends, after the handshake; ours does not wait, as paho's does not."""
    certificate, key = write_identity(tmp_path, "broker", service="broker")
    there, here = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    there.load_cert_chain(certificate, key)
    here.check_hostname, here.verify_mode, here.sslsocket_class = False, ssl.CERT_NONE, GatheringSocket
    ends = socket.socketpair()
    broker = there.wrap_socket(ends[0], server_side=True, do_handshake_on_connect=False)
    shaking = threading.Thread(target=broker.do_handshake)
    shaking.start()
    ours = cast(GatheringSocket, here.wrap_socket(ends[1]))
    shaking.join()
    ours.setblocking(False)
    broker.settimeout(5)
    yield ours, broker
    ours.close()
    broker.close()


def _received(broker: ssl.SSLSocket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        found += broker.recv(1 << 20)
    return found


def test_what_is_gathered_goes_out_in_one_record(connection: tuple[GatheringSocket, ssl.SSLSocket]) -> None:
    ours, broker = connection
    assert [ours.send(message) for message in ACKNOWLEDGEMENTS] == [4] * 500
    assert ours.has_gathered
    ours.flush()
    assert not ours.has_gathered
    # A read gives one record at most.
    assert broker.recv(RECORD_BYTES) == b"".join(ACKNOWLEDGEMENTS)


def test_what_the_connection_does_not_take_waits(connection: tuple[GatheringSocket, ssl.SSLSocket]) -> None:
    ours, broker = connection
    ours.send(MUCH)
    with pytest.raises(ssl.SSLWantWriteError):
        ours.flush()
    assert ours.has_gathered
    received = b""
    while ours.has_gathered:
        received += broker.recv(1 << 20)
        try:
            ours.flush()
        except ssl.SSLWantWriteError:
            continue
    assert received + _received(broker, len(MUCH) - len(received)) == MUCH


def test_closing_sends_what_is_left(connection: tuple[GatheringSocket, ssl.SSLSocket]) -> None:
    ours, broker = connection
    ours.send(b"farewell")
    ours.close()
    assert broker.recv(100) == b"farewell"


def test_closing_a_broken_connection_is_no_trouble(connection: tuple[GatheringSocket, ssl.SSLSocket]) -> None:
    ours, broker = connection
    broker.close()
    for _ in range(3):
        ours.send(b"unheard")
    ours.close()
    assert ours.fileno() == -1
