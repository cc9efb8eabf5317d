"""The MQTT broker of a municipality on a real network, as devices and bridges meet it."""
from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from moyai_bridge.access import Access, AccessSettings
from moyai_bridge.device_certificates import DeviceCertificates
from tests.contract.scene import random_id
from tests.network.consortium import RunningConsortium

NOT_AUTHORISED = 135
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Pair:
    """Certificate and key files of a client; `name` is the one in the certificate."""

    name: str
    certificate: Path
    key: Path


class BrokerSite:
    """One municipality's broker, its device CA and its access files; `folder` keeps what devices are given."""

    def __init__(self, consortium: RunningConsortium, code6: str, folder: Path) -> None:
        self.consortium, self.code6, self.program = consortium, code6, f"broker-{code6}"
        self._folder, self._home = folder, consortium.state.home(code6)
        environment = json.loads((self._home.root / "bridge.json").read_text("utf-8"))
        self.settings = AccessSettings(**{name.removeprefix("MOYAI_").lower(): value
                                          for name, value in environment.items()})
        self.member = consortium.definition.municipality(code6)
        self.certificates = DeviceCertificates(self.settings)
        self.access = Access(self.settings, self.certificates)

    def device(self, device_id: str = "") -> Pair:
        """A device that was just enrolled."""
        device_id = device_id or random_id()
        enrolled = self.certificates.enrol(device_id)
        return self.pair(device_id, enrolled.certificate, enrolled.private_key)

    def pair(self, name: str, certificate: bytes, key: bytes) -> Pair:
        """Keeps a certificate with its key."""
        folder = self._folder / random_id()
        folder.mkdir(parents=True)
        for file, content in (("certificate.pem", certificate), ("key.pem", key)):
            (folder / file).write_bytes(content)
        return Pair(name, folder / "certificate.pem", folder / "key.pem")

    @property
    def bridge(self) -> Pair:
        """The first bridge's own."""
        folder = self._home.bridge("1")
        return Pair("bridge-1", folder / "certificate.pem", folder / "private_key.pem")

    @property
    def store(self) -> Path:
        """Where the broker keeps its messages."""
        return self._home.broker / "data" / "mosquitto.db"

    def client(self, pair: Pair, **options: Any) -> Client:
        """A client that is connected; leave it as a context."""
        return Client(self, pair, **options)

    def context(self, pair: Pair | None) -> ssl.SSLContext:
        """TLS as a device speaks it: it trusts the municipality's TLS CA alone."""
        context = ssl.create_default_context(cafile=str(self._home.tls_ca))
        if pair is not None:
            context.load_cert_chain(pair.certificate, pair.key)
        return context

    def lets_in(self, pair: Pair | None) -> bool:
        """Whether the broker accepts a connection with this certificate, or none."""
        name = (pair.name if pair else "nobody").encode()
        body = b"\x00\x04MQTT\x04\x02\x00\x3c" + len(name).to_bytes(2) + name
        try:
            with socket.create_connection((self.member.host, self.member.ports.broker), timeout=10) as plain:
                with self.context(pair).wrap_socket(plain, server_hostname=self.member.server_name) as secured:
                    secured.sendall(bytes((0x10, len(body))) + body)
                    answer = secured.recv(4)
        except (ssl.SSLError, ConnectionError):
            return False
        return answer == b"\x20\x02\x00\x00"

    def wait_listening(self) -> None:
        """Returns when somebody listens at the broker's port."""
        def listens() -> bool:
            try:
                socket.create_connection((self.member.host, self.member.ports.broker), timeout=2).close()
                return True
            except OSError:
                return False
        until(listens)


class Client:
    """A connected MQTT client: MQTT 5, or 3.1.1 where `version` says so. `received` are (topic, payload)."""

    def __init__(self, site: BrokerSite, pair: Pair, *, version: int = mqtt.MQTTv5, client_id: str = "",
                 session_seconds: int = 0) -> None:
        self.received: list[tuple[str, bytes]] = []
        self.lost: list[str] = []
        self._answers: dict[int, int] = {}
        self._changed = threading.Condition()
        self._connected = False
        self._mqtt = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=client_id or pair.name,
                                 protocol=version, reconnect_on_failure=False)
        self._mqtt.tls_set_context(site.context(pair))
        self._mqtt.on_connect = lambda client, data, flags, reason, properties: self._change(connected=True)
        self._mqtt.on_disconnect = lambda client, data, flags, reason, properties: self._change(lost=str(reason))
        self._mqtt.on_publish = lambda client, data, mid, reason, properties: self._answer(mid, reason.value)
        self._mqtt.on_subscribe = lambda client, data, mid, reasons, properties: self._answer(mid, reasons[0].value)
        self._mqtt.on_message = lambda client, data, message: self._change(message=message)
        options: dict[str, Any] = {}
        if version == mqtt.MQTTv5:
            options = {"clean_start": not session_seconds, "properties": Properties(PacketTypes.CONNECT)}
            options["properties"].SessionExpiryInterval = session_seconds
        self._mqtt.connect(site.member.host, site.member.ports.broker, **options)
        self._mqtt.loop_start()
        self._wait(lambda: self._connected or bool(self.lost))
        assert self._connected, self.lost

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._mqtt.disconnect()
        self._mqtt.loop_stop()

    def publish(self, topic: str, payload: bytes = b"{}") -> int | None:
        """Publishes at QoS 1; the broker's reason code (0: it has it), None where the connection broke before."""
        return self._answered(self._mqtt.publish(topic, payload, qos=1).mid)

    def subscribe(self, topic: str) -> int | None:
        """The broker's reason code, below 128 where it agrees."""
        return self._answered(self._mqtt.subscribe(topic, qos=1)[1] or 0)

    def wait_received(self, count: int) -> list[tuple[str, bytes]]:
        """Waits until so many messages have come."""
        self._wait(lambda: len(self.received) >= count)
        assert len(self.received) >= count, self.received
        return self.received

    def _answered(self, mid: int) -> int | None:
        self._wait(lambda: mid in self._answers or bool(self.lost))
        return self._answers.get(mid)

    def _answer(self, mid: int, reason: int) -> None:
        with self._changed:
            self._answers[mid] = reason
            self._changed.notify_all()

    def _change(self, *, connected: bool = False, lost: str = "", message: mqtt.MQTTMessage | None = None) -> None:
        with self._changed:
            self._connected = self._connected or connected
            if lost:
                self.lost.append(lost)
            if message is not None:
                self.received.append((message.topic, message.payload))
            self._changed.notify_all()

    def _wait(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            self._changed.wait_for(condition, timeout=PATIENCE_SECONDS)


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Waits for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)
