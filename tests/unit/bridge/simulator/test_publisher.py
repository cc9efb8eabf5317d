"""A device notices a connection that broke while it published, and sends again on the next one."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from moyai_bridge.simulator import publisher
from moyai_bridge.simulator.meter import Sending
from moyai_bridge.simulator.outbox import Outbox
from moyai_bridge.simulator.publisher import BrokerAddress, Credentials, Device

PAYLOAD = b"{}"


class Connection:
    """A client of the MQTT library; `breaks` closes its socket at a publication, as a dead broker does."""

    made: list[Connection] = []

    def __init__(self, *_: Any, **__: Any) -> None:
        self.published: list[bytes] = []
        self.breaks = False
        self._open = False
        self.made.append(self)

    def tls_set(self, *_: Any, **__: Any) -> None:
        pass

    def connect(self, *_: Any, **__: Any) -> None:
        self._open = True

    def socket(self) -> object | None:
        return object() if self._open else None

    def publish(self, _topic: str, payload: bytes, **_: Any) -> None:
        self.published.append(payload)
        self._open = self._open and not self.breaks


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    monkeypatch.setattr(publisher, "Client", Connection)
    monkeypatch.setattr(Connection, "made", [])
    nowhere = Path("nowhere")
    outbox = Outbox([Sending(1, 0, 0, 1, PAYLOAD)])
    return Device("D", Credentials(nowhere, nowhere), BrokerAddress("localhost", 1, nowhere), outbox)


def connected(device: Device, now: float) -> Connection:
    device.connect(now)
    device._ready = True  # the broker said so
    return Connection.made[-1]


def test_a_connection_that_broke_while_publishing_is_opened_again(device: Device) -> None:
    first = connected(device, 0.0)
    first.breaks = True
    assert device.publish(0, 0.0) == 1 and first.socket() is None
    second = connected(device, 5.0)
    assert second is not first and device.publish(0, 5.0) == 1
    assert second.published == [PAYLOAD]


def test_a_connection_that_stands_is_kept(device: Device) -> None:
    first = connected(device, 0.0)
    assert device.publish(0, 0.0) == 1
    device.connect(5.0)
    assert Connection.made == [first] and device.publish(0, 5.0) == 0
