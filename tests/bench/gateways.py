"""Connections that publish for many devices each.

Ten thousand devices would be as many connections, each with its certificate: real ones open them over hours and hold
them, and here they would measure handshakes. So these have a right that no device has, given to them in the access file
of the bench's own broker: to write below every device's topic, and to read what every device is told.
"""
from __future__ import annotations

import json
import signal
import ssl
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from tests.network.broker_site import BrokerSite, Pair, until

PATIENCE_SECONDS = 900.0
RIGHT = "\nuser {name}\ntopic write m/+/registers\ntopic read m/+/durable\n"


class Gateways:
    """`count` connections that publish with QoS 1, and one more that hears what devices are told."""

    def __init__(self, site: BrokerSite, count: int) -> None:
        pairs = [site.device() for _ in range(count + 1)]
        access = site.settings.broker_access_file
        access.write_text(access.read_text("utf-8") + "".join(RIGHT.format(name=pair.name) for pair in pairs), "utf-8")
        site.consortium.kill(site.program, signal.SIGHUP)
        self._changed = threading.Condition()
        self._connected, self._acknowledged, self._wanted = 0, 0, 0
        self._told: set[str] = set()
        self._listener, *self._clients = [self._connect(site, pair) for pair in pairs]
        until(lambda: self._connected > count)
        self._listener.subscribe("m/+/durable")

    def publish(self, messages: Sequence[tuple[str, str]], seq: int) -> tuple[float, float]:
        """Publishes (topic, payload), one message a device with this sequence, as fast as the broker takes them.

        When the first was published, and when the broker had acknowledged the last.
        """
        with self._changed:
            self._acknowledged, self._wanted = 0, seq
            self._told.clear()
        first = time.monotonic()
        for number, message in enumerate(messages):
            self._clients[number % len(self._clients)].publish(*message, qos=1)
        self._wait(lambda: self._acknowledged >= len(messages))
        return first, time.monotonic()

    def wait_durable(self, devices: int) -> float:
        """When so many devices were told that what was published last is durable."""
        self._wait(lambda: len(self._told) >= devices)
        return time.monotonic()

    def close(self) -> None:
        """Ends the connections."""
        for client in (self._listener, *self._clients):
            client.disconnect()
            client.loop_stop()

    def _connect(self, site: BrokerSite, pair: Pair) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, client_id=pair.name, protocol=MQTTv5)
        context: ssl.SSLContext = site.context(pair)
        client.tls_set_context(context)
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_publish, client.on_message = self._on_publish, self._on_message
        client.connect(site.member.host, site.member.ports.broker)
        client.loop_start()
        return client

    def _wait(self, condition: Any) -> None:
        with self._changed:
            if not self._changed.wait_for(condition, PATIENCE_SECONDS):
                raise TimeoutError(f"{self._acknowledged} messages acknowledged, {len(self._told)} devices told")

    def _on_connect(self, _client: Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        with self._changed:
            self._connected += not reason.is_failure
            self._changed.notify_all()

    def _on_disconnect(self, client: Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if reason.is_failure:
            print(f"a connection of the bench broke: {reason}", file=sys.stderr)

    def _on_publish(self, _client: Client, _data: Any, _mid: int, reason: ReasonCode, _properties: Any) -> None:
        if reason.is_failure:
            raise ValueError(f"the broker refuses a message: {reason}")
        with self._changed:
            self._acknowledged += 1
            self._changed.notify_all()

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        if json.loads(message.payload)["seq"] >= self._wanted:
            with self._changed:
                self._told.add(message.topic)
                self._changed.notify_all()
