"""The broker's side of the bridge: takes messages, acknowledges what is kept, publishes what is durable. Paho is here.

Messages that arrive within a few milliseconds are kept by one commit. An acknowledgement belongs to the connection
its message came on: after another connect the same number may be another message.
"""
from __future__ import annotations

import queue
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from paho.mqtt.client import Client, DisconnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from moyai_bridge.gathering_socket import GatheringSocket
from moyai_bridge.sequences import Sequence as DeviceSequence
from moyai_bridge.spool import SpoolFull

TOPICS = ("$share/bridges/m/+/registers", "$share/bridges/m/+/echonet")
WINDOW = 500
"""Messages that the broker is asked to send ahead of their acknowledgement, that one commit keeps, and that this side
sends ahead."""
SESSION_SECONDS = 7 * 24 * 3600
"""How long the broker keeps messages for a bridge that is away."""
GATHER_SECONDS = 0.005
WAKE_SECONDS = 0.2
FULL_PAUSE_SECONDS = 1.0
IDLE_SECONDS = 3.0
"""A bridge that has left its subscriptions and hears nothing for so long has all that was meant for it."""
_KEEPALIVE_SECONDS = 30

log = structlog.get_logger()

_Arrived = tuple[int, MQTTMessage, int]
"""Number of the connection, message, UTC seconds of arrival."""


@dataclass(frozen=True)
class Broker:
    """Where the broker is, and who the bridge is there: client id and files of its certificate."""
    host: str
    port: int
    ca: Path
    certificate: Path
    key: Path
    client_id: str

    def tls(self) -> ssl.SSLContext:
        """How to speak to it, on sockets that gather."""
        context = ssl.create_default_context(cafile=self.ca)
        context.load_cert_chain(self.certificate, self.key)
        context.sslsocket_class = GatheringSocket
        return context


class GatheringClient(Client):
    """Paho's client, which flushes its gathering socket after all packets that wait at the moment."""

    def want_write(self) -> bool:
        connection = self.socket()
        return super().want_write() or isinstance(connection, GatheringSocket) and connection.has_gathered

    def loop_write(self) -> MQTTErrorCode:
        result = super().loop_write()
        connection = self.socket()
        if isinstance(connection, GatheringSocket):
            try:
                connection.flush()
            except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
                pass  # the rest goes when the connection takes it: `want_write` says so
            except OSError as error:
                log.info("the connection is broken, as reading will tell", reason=str(error))
        return result


class MqttSource:
    """One bridge's connection to the broker; it is opened again for as long as it is wanted."""

    def __init__(self, broker: Broker, keep: Callable[[Sequence[tuple[str, bytes, int]]], None]) -> None:
        """`keep`: puts (topic, payload, UTC seconds of arrival) on the disk, or raises SpoolFull."""
        self._broker, self._keep = broker, keep
        self._arrived: queue.SimpleQueue[_Arrived] = queue.SimpleQueue()
        self._connection = 0
        self._connection_lock = threading.Lock()
        self._stop, self._draining, self._unsubscribed = threading.Event(), threading.Event(), threading.Event()
        self._last_arrival = time.monotonic()
        self._came, self._settled = 0, 0  # messages; each is counted by one thread alone
        self._broker_trouble, self._disk_trouble = "not connected", ""
        self.failure: BaseException | None = None
        """What ended the thread that keeps messages; None while it runs."""
        self._client = self._make_client()
        self._keeper = threading.Thread(target=self._keep_on, name="keeper")

    @property
    def trouble(self) -> str:
        """Why nothing is taken or acknowledged at the moment; empty if all is well."""
        return self._disk_trouble or self._broker_trouble

    def start(self) -> None:
        """Begins to connect, in the background."""
        self._keeper.start()
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = SESSION_SECONDS
        properties.ReceiveMaximum = WINDOW
        self._client.connect_async(self._broker.host, self._broker.port, keepalive=_KEEPALIVE_SECONDS,
                                   clean_start=False, properties=properties)
        self._client.loop_start()

    def stop(self) -> None:
        """Goes away; the broker keeps what comes meanwhile."""
        self._stop.set()
        self._keeper.join()
        self._client.disconnect()
        self._client.loop_stop()

    def begin_draining(self) -> None:
        """Leaves the subscriptions: the other bridges get what comes from now on."""
        self._draining.set()
        self._last_arrival = time.monotonic()
        self._client.unsubscribe(list(TOPICS))

    def is_drained(self) -> bool:
        """Whether everything that was meant for this bridge has come and is kept."""
        return (self._unsubscribed.is_set() and not self.trouble and self._came == self._settled
                and time.monotonic() - self._last_arrival > IDLE_SECONDS)

    def leave(self) -> None:
        """Goes away for good: the broker keeps nothing for this bridge any more."""
        self._stop.set()
        self._keeper.join()
        properties = Properties(PacketTypes.DISCONNECT)
        properties.SessionExpiryInterval = 0
        self._client.disconnect(properties=properties)
        self._client.loop_stop()

    def publish_durable(self, device_id: str, sequence: DeviceSequence) -> None:
        """Tells a device what is in the database.

        Not retained: the broker saves its whole store at every change, and would save one message of every device
        there is. One that is away and wants to hear keeps a session; one that heard nothing sends again, and is told.
        """
        self._client.publish(f"m/{device_id}/durable", sequence.message(), qos=1)

    def _make_client(self) -> Client:
        client = GatheringClient(CallbackAPIVersion.VERSION2, client_id=self._broker.client_id, protocol=MQTTv5,
                                 manual_ack=True)
        client.tls_set_context(self._broker.tls())
        client.max_inflight_messages_set(WINDOW)
        client.reconnect_delay_set(1, 10)
        client.on_connect, client.on_disconnect = self._connected, self._disconnected
        client.on_subscribe, client.on_message = self._subscribed, self._message
        client.on_connect_fail, client.on_unsubscribe = self._not_connected, self._left
        return client

    def _connected(self, client: Client, _userdata: Any, _flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if reason.is_failure:
            self._broker_trouble = f"the broker refuses the connection: {reason}"
            log.error("not connected", reason=str(reason))
            return
        self._broker_trouble = ""
        self._last_arrival = time.monotonic()
        log.info("connected", broker=f"{self._broker.host}:{self._broker.port}")
        if self._draining.is_set():
            client.unsubscribe(list(TOPICS))
        else:
            client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in TOPICS])

    def _disconnected(self, _client: Client, _userdata: Any, _flags: DisconnectFlags, reason: ReasonCode,
                      _properties: Any) -> None:
        with self._connection_lock:
            self._connection += 1
        if not self._stop.is_set():
            self._broker_trouble = f"not connected: {reason}"
            log.warning("disconnected", reason=str(reason))

    def _not_connected(self, _client: Client, _userdata: Any) -> None:
        self._broker_trouble = "the broker does not answer"

    def _subscribed(self, _client: Client, _userdata: Any, _mid: int, reasons: list[ReasonCode],
                    _properties: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            self._broker_trouble = f"the broker refuses the subscription: {', '.join(map(str, reasons))}"
            log.error("not subscribed", reasons=[str(reason) for reason in reasons])

    def _left(self, _client: Client, _userdata: Any, _mid: int, _reasons: list[ReasonCode], _properties: Any) -> None:
        self._unsubscribed.set()

    def _message(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        self._last_arrival = time.monotonic()
        self._came += 1
        self._arrived.put((self._connection, message, int(time.time())))

    def _keep_on(self) -> None:
        try:
            while not self._stop.is_set():
                gathered = self._gather()
                group = [item for item in gathered if item[0] == self._connection]
                if group and self._kept([(message.topic, message.payload, at) for _, message, at in group]):
                    self._acknowledge(group)
                self._settled += len(gathered)
        except BaseException as error:
            self.failure = error

    def _gather(self) -> list[_Arrived]:
        """What arrives within a few milliseconds of the first; nothing, if nothing comes."""
        group: list[_Arrived] = []
        wait, end = WAKE_SECONDS, 0.0
        while len(group) < WINDOW:
            try:
                group.append(self._arrived.get(timeout=wait))
            except queue.Empty:
                break
            end = end or time.monotonic() + GATHER_SECONDS
            wait = max(0.0, end - time.monotonic())
        return group

    def _kept(self, group: Sequence[tuple[str, bytes, int]]) -> bool:
        """Tries until they are on the disk, or until the bridge is to stop."""
        while True:
            try:
                self._keep(group)
            except SpoolFull as error:
                if not self._disk_trouble:
                    log.error("the disk is full: nothing is acknowledged until there is room", reason=str(error))
                self._disk_trouble = f"disk full: {error}"
                if self._stop.wait(FULL_PAUSE_SECONDS):
                    return False
            else:
                if self._disk_trouble:
                    log.info("there is room on the disk again")
                self._disk_trouble = ""
                return True

    def _acknowledge(self, group: Sequence[_Arrived]) -> None:
        with self._connection_lock:
            for connection, message, _ in group:
                if connection == self._connection:
                    self._client.ack(message.mid, message.qos)
