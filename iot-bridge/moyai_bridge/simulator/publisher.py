"""Some hundred devices on one broker, each with its own certificate and connection, all in one thread. Paho is here."""
from __future__ import annotations

import json
import select
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from moyai_bridge.simulator.outbox import Outbox

MOST_DEVICES = 400
"""A connection a device; more would come near the limit of open files."""
_KEEPALIVE_SECONDS = 60
_PAUSE_SECONDS = 0.05
_RETRY_SECONDS = 1.0
_HOUSEKEEPING_SECONDS = 1.0


@dataclass(frozen=True)
class BrokerAddress:
    """Where the broker is, and the file of the authority it is known by."""

    host: str
    port: int
    ca: Path


@dataclass(frozen=True)
class Credentials:
    """Files of a device's certificate and private key."""

    certificate: Path
    private_key: Path


class Device:
    """One device: its outbox and, while there is one, its connection.

    Every connection is a new session: what has to be kept is in the outbox, not in the library or the broker.
    """

    def __init__(self, device_id: str, credentials: Credentials, broker: BrokerAddress, outbox: Outbox) -> None:
        self.outbox = outbox
        self._id, self._credentials, self._broker = device_id, credentials, broker
        self._client: Client | None = None
        self._ready = False
        self._retry_at = 0.0

    @property
    def client(self) -> Client | None:
        """The connection, if there is one."""
        return self._client

    def connect(self, now: float) -> None:
        """Tries to connect, at most once in a while. A broker that is away is tried again the next time."""
        if self._client is not None and self._client.socket() is None:
            self._lose()  # publishing on a connection that had just broken closed it
        if self._client is not None or now < self._retry_at:
            return
        self._retry_at = now + _RETRY_SECONDS
        client = Client(CallbackAPIVersion.VERSION2, client_id=self._id, protocol=MQTTv5)
        client.tls_set(str(self._broker.ca), str(self._credentials.certificate), str(self._credentials.private_key),
                       tls_version=ssl.PROTOCOL_TLS_CLIENT)
        client.on_connect, client.on_message = self._connected, self._message
        try:
            client.connect(self._broker.host, self._broker.port, keepalive=_KEEPALIVE_SECONDS, clean_start=True)
        except OSError:
            return
        self._client = client

    def publish(self, reading: int, now: float) -> int:
        """Publishes what is due; how many messages."""
        if self._client is None or not self._ready:
            return 0
        published = 0
        for sending in self.outbox.due(reading, now):
            for _ in range(sending.copies):
                self._client.publish(f"m/{self._id}/registers", sending.payload, qos=1)
                published += 1
        return published

    def attend(self, readable: bool, writable: bool, housekeeping: bool) -> None:
        """Reads and writes what is possible without waiting; notices when the connection is gone."""
        client = self._client
        if client is None:
            return
        result = MQTTErrorCode.MQTT_ERR_SUCCESS
        if readable:
            result = client.loop_read()
            # What TLS has read already shows on no socket.
            while result == MQTTErrorCode.MQTT_ERR_SUCCESS and _has_more(client):
                result = client.loop_read()
        if writable and result == MQTTErrorCode.MQTT_ERR_SUCCESS:
            result = client.loop_write()
        if housekeeping and result == MQTTErrorCode.MQTT_ERR_SUCCESS:
            result = client.loop_misc()
        if result != MQTTErrorCode.MQTT_ERR_SUCCESS or client.socket() is None:
            self._lose()

    def close(self) -> None:
        """Ends the connection."""
        if self._client is not None:
            self._client.disconnect()
            self._client = None

    def _lose(self) -> None:
        self._client, self._ready = None, False
        self.outbox.disconnected()

    def _connected(self, client: Client, _userdata: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if not reason.is_failure:
            client.subscribe(f"m/{self._id}/durable", qos=1)
            self._ready = True

    def _message(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        told = json.loads(message.payload)
        self.outbox.durable(told["seq"], frozenset(told.get("missing", ())), time.monotonic())


class Publisher:
    """All devices until everything is durable."""

    def __init__(self, devices: Iterable[Device]) -> None:
        self._devices = list(devices)
        if len(self._devices) > MOST_DEVICES:
            raise ValueError(f"{len(self._devices)} devices; at most {MOST_DEVICES} have a connection of their own")
        self._housekeeping_at = 0.0

    @property
    def waiting(self) -> int:
        """Messages that are not durable yet."""
        return sum(len(device.outbox) for device in self._devices)

    @property
    def unsent(self) -> int:
        """Messages that were never published."""
        return sum(device.outbox.unsent for device in self._devices)

    def run(self, reading: Callable[[], int], stop: threading.Event, progress: Callable[[], None]) -> bool:
        """Publishes until all is durable; False if `stop` came first.

        `reading`: number of the latest reading that is over by the simulated clock. `progress` is called in between.
        """
        try:
            while not stop.is_set() and any(not device.outbox.empty for device in self._devices):
                self._once(reading())
                progress()
        finally:
            for device in self._devices:
                device.close()
        return not stop.is_set()

    def _once(self, reading: int) -> None:
        now = time.monotonic()
        for device in self._devices:
            if not device.outbox.empty:
                device.connect(now)
                device.publish(reading, now)
        housekeeping = now >= self._housekeeping_at
        if housekeeping:
            self._housekeeping_at = now + _HOUSEKEEPING_SECONDS
        poll, open_devices = select.poll(), {}
        for device in self._devices:
            client = device.client
            if client is not None and (socket := client.socket()) is not None:
                poll.register(socket, select.POLLIN | (select.POLLOUT if client.want_write() else 0))
                open_devices[socket.fileno()] = device
        events = dict(poll.poll(_PAUSE_SECONDS * 1000))
        for number, device in open_devices.items():
            event = events.get(number, 0)
            device.attend(bool(event & ~select.POLLOUT), bool(event & select.POLLOUT), housekeeping)


def _has_more(client: Client) -> bool:
    socket = client.socket()
    return isinstance(socket, ssl.SSLSocket) and socket.pending() > 0
