"""A broker killed with -9: what it had acknowledged and saved is there, and what a device keeps is never lost."""
from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import pytest

from tests.network.broker_site import BrokerSite, Client, Pair, until
from tests.network.consortium import RunningConsortium

OSHIMA = "133612"
SESSION_SECONDS = 3600
TOPIC = "$share/bridges/m/+/registers"
DEVICES, KILLS = 4, 3


@pytest.fixture(scope="module")
def site(consortium: RunningConsortium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerSite]:
    made = BrokerSite(consortium, OSHIMA, tmp_path_factory.mktemp("devices"))
    consortium.stop("meters")
    done = consortium.moyai("network", "start", made.program)
    assert done.returncode == 0, done.stderr
    yield made
    with made.client(made.bridge):
        pass  # A clean start ends the bridge's session.
    consortium.stop("meters")


@pytest.fixture(scope="module")
def devices(site: BrokerSite) -> list[Pair]:
    return [site.device() for _ in range(DEVICES)]


def kill(site: BrokerSite) -> None:
    """kill -9; returns when the broker serves again."""
    site.consortium.wait_restarted(site.program, site.consortium.kill(site.program))
    site.wait_listening()


def receive(bridge: Client) -> set[tuple[str, bytes]]:
    """All that waits for the bridge: its queue is empty when its own next message arrives."""
    assert bridge.subscribe("m/bridge-1/durable") == 1
    assert bridge.publish("m/bridge-1/durable", b"end") == 0
    until(lambda: ("m/bridge-1/durable", b"end") in bridge.received)
    return set(bridge.received)


def test_what_was_acknowledged_and_saved_survives(site: BrokerSite, devices: list[Pair]) -> None:
    """The bridge is away; its messages wait for it on the broker's disk."""
    with site.client(site.bridge, session_seconds=SESSION_SECONDS) as bridge:
        assert bridge.subscribe(TOPIC) == 1
    sent = [(f"m/{devices[0].name}/registers", b"%d" % number) for number in range(200)]
    with site.client(devices[0]) as device:
        saved = site.store.stat().st_mtime_ns
        assert [device.publish(*message) for message in sent] == [0] * len(sent)
        until(lambda: site.store.stat().st_mtime_ns > saved)
        last = site.store.stat().st_mtime_ns
        # One more change, saved after all of them.
        assert device.publish(f"m/{devices[0].name}/registers", b"last") == 0
        until(lambda: site.store.stat().st_mtime_ns > last)
    kill(site)
    with site.client(site.bridge, session_seconds=SESSION_SECONDS) as bridge:
        assert set(sent) <= receive(bridge)


class Meter(threading.Thread):
    """Sends one reading after the other, each when the one before was acknowledged; connects again when cut off."""

    def __init__(self, site: BrokerSite, pair: Pair, stop: threading.Event) -> None:
        super().__init__()
        self._site, self._pair, self._stopping = site, pair, stop
        self.topic = f"m/{pair.name}/registers"
        self.acknowledged: list[list[int]] = []
        """Of each connection."""
        self._number = 0

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._send_until_cut_off()
            except (OSError, AssertionError):
                self._stopping.wait(0.1)

    def _send_until_cut_off(self) -> None:
        with self._site.client(self._pair) as client:
            self.acknowledged.append([])
            while not self._stopping.is_set():
                if client.publish(self.topic, b"%d" % self._number) != 0:
                    return
                self.acknowledged[-1].append(self._number)
                self._number += 1


def test_a_kill_under_load_takes_at_most_the_last_acknowledged_message_of_each_device(
        site: BrokerSite, devices: list[Pair]) -> None:
    """Mosquitto acknowledges before it has saved: so a reading is a device's to keep until `durable` names it."""
    seed = random.randrange(1 << 30)
    chance, stop = random.Random(seed), threading.Event()
    with site.client(site.bridge, session_seconds=SESSION_SECONDS) as bridge:
        assert bridge.subscribe(TOPIC) == 1
    meters = [Meter(site, pair, stop) for pair in devices]
    for meter in meters:
        meter.start()
    for _ in range(KILLS):
        stop.wait(0.5 + chance.random())
        kill(site)
    stop.wait(0.5)
    stop.set()
    for meter in meters:
        meter.join()
    with site.client(site.bridge, session_seconds=SESSION_SECONDS) as bridge:
        arrived = receive(bridge)
    for meter in meters:
        assert sum(map(len, meter.acknowledged)) > 20, seed
        for acknowledged in meter.acknowledged:
            lost = [number for number in acknowledged if (meter.topic, b"%d" % number) not in arrived]
            assert lost in ([], acknowledged[-1:]), seed


def test_a_device_that_keeps_what_is_not_durable_loses_nothing(site: BrokerSite, devices: list[Pair]) -> None:
    """Every reading arrives that the device sends again until the bridge's word says that it is durable."""
    arrived: set[bytes] = set()
    numbers = [b"%d" % number for number in range(60)]
    pair = devices[1]
    topic, durable = f"m/{pair.name}/registers", f"m/{pair.name}/durable"

    def bridge_once() -> None:
        """Takes what waits, and says so."""
        with site.client(site.bridge, session_seconds=SESSION_SECONDS) as bridge:
            assert bridge.subscribe(TOPIC) == 1
            arrived.update(payload for at, payload in receive(bridge) if at == topic)
            known = next((number for number, text in enumerate(numbers) if text not in arrived), len(numbers))
            assert bridge.publish(durable, b"%d" % known) == 0

    with site.client(pair, session_seconds=SESSION_SECONDS) as device:
        device.subscribe(durable)
    bridge_once()
    kept = list(numbers)
    while kept:
        with site.client(pair, session_seconds=SESSION_SECONDS) as device:
            for number in kept:
                device.publish(topic, number)
        kill(site)
        bridge_once()
        with site.client(pair, session_seconds=SESSION_SECONDS) as device:
            kept = numbers[int(device.wait_received(1)[-1][1]):]
    assert arrived >= set(numbers)
