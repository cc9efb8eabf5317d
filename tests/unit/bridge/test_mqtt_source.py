"""Keep, then acknowledge: nothing that is not on the disk, nothing of a connection that is gone."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from moyai_bridge import mqtt_source
from moyai_bridge.mqtt_source import Broker, MqttSource
from moyai_bridge.sequences import Sequence as DeviceSequence
from moyai_bridge.spool import SpoolFull

PATIENCE = 5.0
GOOD, BAD = SimpleNamespace(is_failure=False), SimpleNamespace(is_failure=True)


class Connection:
    """Stands for paho: what the source asks of it, and what the broker would do."""

    def __init__(self, *_: Any, **options: Any) -> None:
        self.options = options
        self.calls: list[tuple[str, Any]] = []
        self.acknowledged: list[int] = []

    def ack(self, mid: int, qos: int) -> None:
        assert qos == 1
        self.acknowledged.append(mid)

    def publish(self, topic: str, payload: bytes, **options: Any) -> None:
        self.calls.append(("publish", (topic, payload, options)))

    def disconnect(self, **options: Any) -> None:
        self.calls.append(("disconnect", options))

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments, **_: self.calls.append((name, arguments))

    def called(self, name: str) -> list[Any]:
        return [arguments for called, arguments in self.calls if called == name]


class Disk:
    """Keeps groups of messages while it has room and is `fast_enough`; `fault` is raised where there is one."""

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.groups: list[list[bytes]] = []
        self.has_room, self.tried, self.fast_enough = threading.Event(), threading.Event(), threading.Event()
        self.has_room.set()
        self.fast_enough.set()

    def keep(self, messages: Sequence[tuple[str, bytes, int]]) -> None:
        self.tried.set()
        assert self.fast_enough.wait(PATIENCE)
        if self.fault is not None:
            raise self.fault
        if not self.has_room.is_set():
            raise SpoolFull("no room")
        self.groups.append([payload for _, payload, _ in messages])


class Site:
    """A source over a stand-in of the broker and a disk."""

    def __init__(self) -> None:
        self.disk = Disk()
        self.source = MqttSource(Broker("host", 1, Path("ca"), Path("crt"), Path("key"), "bridge-1"), self.disk.keep)
        self.broker: Any = self.source._client
        self.source.start()

    def connect(self, reason: Any = GOOD) -> None:
        self.broker.on_connect(self.broker, None, None, reason, None)

    def disconnect(self) -> None:
        self.broker.on_disconnect(self.broker, None, None, "killed", None)

    def arrive(self, *mids: int) -> None:
        for mid in mids:
            self.broker.on_message(self.broker, None, SimpleNamespace(
                topic="m/x/registers", payload=b"%d" % mid, mid=mid, qos=1))


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(mqtt_source, "GatheringClient", Connection)
    monkeypatch.setattr(Broker, "tls", lambda broker: None)
    monkeypatch.setattr(mqtt_source, "FULL_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(mqtt_source, "IDLE_SECONDS", 0.05)
    site = Site()
    yield site
    site.source.stop()


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.005)


def test_the_session_lasts_and_its_window_is_bounded(site: Site) -> None:
    assert site.broker.options["manual_ack"] is True
    assert site.broker.options["client_id"] == "bridge-1"
    site.connect()
    (subscriptions,), = site.broker.called("subscribe")
    assert [topic for topic, _ in subscriptions] == [
        "$share/bridges/m/+/registers", "$share/bridges/m/+/echonet"]
    assert site.source.trouble == ""


def test_what_arrives_together_is_kept_by_one_commit_and_then_acknowledged(site: Site) -> None:
    site.connect()
    site.arrive(*range(50))
    _until(lambda: len(site.broker.acknowledged) == 50)
    assert [payload for group in site.disk.groups for payload in group] == [b"%d" % mid for mid in range(50)]
    assert len(site.disk.groups) < 25


def test_a_full_disk_stops_the_acknowledgements_and_says_so(site: Site) -> None:
    site.connect()
    site.disk.has_room.clear()
    site.arrive(1, 2)
    _until(lambda: site.source.trouble.startswith("disk full"))
    assert site.broker.acknowledged == []
    site.disconnect()
    site.connect()
    site.arrive(1, 2)  # the broker sends again what was not acknowledged
    site.disk.has_room.set()
    _until(lambda: site.broker.acknowledged == [1, 2])
    assert site.source.trouble == ""


def test_a_bridge_that_stops_on_a_full_disk_acknowledges_nothing(site: Site) -> None:
    site.connect()
    site.disk.has_room.clear()
    site.arrive(1)
    assert site.disk.tried.wait(PATIENCE)
    site.source.stop()
    assert site.broker.acknowledged == []


def test_a_number_of_another_connection_is_not_acknowledged(site: Site) -> None:
    """After a broker without memory the same number may be another message."""
    site.connect()
    site.disk.has_room.clear()
    site.arrive(1)
    _until(site.disk.tried.is_set)
    site.disconnect()
    site.connect()
    site.disk.has_room.set()
    site.arrive(7)
    _until(lambda: site.broker.acknowledged == [7])
    assert site.disk.groups == [[b"1"], [b"7"]]


def test_refusals_of_the_broker_are_told(site: Site) -> None:
    site.connect(BAD)
    assert "refuses the connection" in site.source.trouble
    site.connect()
    site.broker.on_subscribe(site.broker, None, 1, [GOOD, BAD], None)
    assert "refuses the subscription" in site.source.trouble


def test_draining_leaves_the_subscriptions_and_waits_for_what_was_sent(site: Site) -> None:
    site.connect()
    site.source.begin_draining()
    assert len(site.broker.called("unsubscribe")) == 1
    site.broker.on_unsubscribe(site.broker, None, 1, [GOOD], None)
    assert not site.source.is_drained()
    site.arrive(1)
    _until(site.source.is_drained)
    assert site.broker.acknowledged == [1]
    site.connect()  # whoever comes back while draining does not subscribe again
    assert len(site.broker.called("subscribe")) == 1
    site.source.leave()
    options, = site.broker.called("disconnect")
    assert options["properties"].SessionExpiryInterval == 0


def test_what_is_being_kept_is_not_drained(site: Site) -> None:
    """However long the disk takes: what was acknowledged has to go on to the database before the bridge leaves."""
    site.connect()
    site.disk.fast_enough.clear()
    site.source.begin_draining()
    site.broker.on_unsubscribe(site.broker, None, 1, [GOOD], None)
    site.arrive(1)
    assert site.disk.tried.wait(PATIENCE)
    time.sleep(2 * mqtt_source.IDLE_SECONDS)
    assert not site.source.is_drained()
    site.disk.fast_enough.set()
    _until(site.source.is_drained)


def test_an_unforeseen_fault_is_told(site: Site) -> None:
    site.connect()
    site.disk.fault = ZeroDivisionError("unforeseen")
    site.arrive(1)
    _until(lambda: site.source.failure is site.disk.fault)
    assert site.broker.acknowledged == []


def test_devices_are_told_what_is_durable(site: Site) -> None:
    site.source.publish_durable("d", DeviceSequence(9, (5, 6)))
    assert site.broker.called("publish") == [
        ("m/d/durable", b'{"missing":[5,6],"seq":9}', {"qos": 1})]
