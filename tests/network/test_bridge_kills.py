"""Broker and bridge killed with -9 under load: every reading is in the database once, and its root on the ledger."""
from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moyai_bridge import status
from moyai_bridge.bridge import CURRENT_SECONDS
from moyai_bridge.monthly_row import Month
from moyai_bridge.store import schema
from moyai_bridge.store.devices import ACTIVE, DeviceRegistry
from moyai_bridge.store.readings import Readings
from moyai_contracts.api.devices import KINDS
from moyai_database.database import Database

from tests.network.broker_site import BrokerSite, Client, Pair, until
from tests.network.consortium import MOYAI, RunningConsortium
from tests.unit.bridge.readings import new_device

NANAO = "172022"
HALF_HOUR = 1800
START = Month.named("2024-01").start
DEVICES, ROUNDS = 6, 40
PATIENCE_SECONDS = 90
SESSION_SECONDS = 3600


class Meter:
    """A device that keeps a reading until it hears that it is durable."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.kept: dict[int, bytes] = {}
        self.sent: set[int] = set()

    def measure(self, seq: int) -> None:
        """One more reading."""
        self.kept[seq] = json.dumps({
            "v": 1, "seq": seq, "at": START + seq * HALF_HOUR, "registers": {"import": 1000 + seq, "export": 7 * seq},
            "unit": "Wh", "coefficient": {"n": 1, "d": 1}}).encode()

    def send(self, site: BrokerSite) -> None:
        """Sends all that is not durable, on a connection of its own, and hears what is.

        Between the connections it sleeps; its session hears for it.
        """
        try:
            with site.client(self.pair, session_seconds=SESSION_SECONDS) as client:
                client.subscribe(f"m/{self.pair.name}/durable")
                for seq, payload in sorted(self.kept.items()):
                    if client.publish(f"m/{self.pair.name}/registers", payload) is None:
                        break
                    self.sent.add(seq)
                self._hear(client)
        except (ConnectionError, AssertionError, OSError):
            return  # the broker is dead; what is kept is sent again

    def _hear(self, client: Client) -> None:
        for _, payload in list(client.received):
            durable = json.loads(payload)
            for seq in [seq for seq in self.kept if seq in self.sent and seq <= durable["seq"]
                        and seq not in durable["missing"]]:
                del self.kept[seq]


class Site:
    """The meters of a municipality with its bridge, and a second one that a test may start."""

    def __init__(self, consortium: RunningConsortium, folder: Path) -> None:
        self.consortium = consortium
        self.broker = BrokerSite(consortium, NANAO, folder)
        self.folder = consortium.state.bridge(NANAO)
        self.program = f"bridge-{NANAO}-1"
        self.database: Database = schema.open_readings(f"sqlite:///{self.folder / 'readings.sqlite'}")
        schema.prepare(self.database)
        self.registry, self.readings = DeviceRegistry(self.database), Readings(self.database)

    def meter(self) -> Meter:
        """A device with a certificate, known to the office."""
        pair = self.broker.device()
        self.registry.add(new_device(device_id=pair.name, kind=KINDS[-2]), int(time.time()))
        self.registry.set_state(pair.name, ACTIVE)
        return Meter(pair)

    def rows(self, query: str, *values: Any) -> list[Any]:
        """What stands in the database, past the bridge's own code."""
        connection = sqlite3.connect(self.folder / "readings.sqlite")
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def stored(self, meter: Meter) -> list[tuple[str, int, int]]:
        return self.rows("SELECT register, seq, raw FROM reading WHERE device_id = ? ORDER BY register, seq",
                         meter.pair.name)

    def kill(self, program: str) -> None:
        """kill -9, as soon as it runs."""
        until(lambda: self.consortium.pids(program))
        self.consortium.kill(program)

    def status(self) -> status.Status | None:
        return status.read(self.folder / "spool-1.status.json")


@pytest.fixture(scope="module")
def site(consortium: RunningConsortium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    consortium.state.bridge(NANAO).mkdir(parents=True, exist_ok=True)
    made = Site(consortium, tmp_path_factory.mktemp("meters"))
    for command in (("directory", "bootstrap"), ("network", "start", made.broker.program),
                    ("network", "start", made.program)):
        done = consortium.moyai(*command)
        assert done.returncode == 0, done.stderr
    yield made
    made.database.close()
    consortium.stop("meters")


def _expected(rounds: int) -> list[tuple[str, int, int]]:
    return [("export", seq, 7 * seq) for seq in range(rounds)] + [("import", seq, 1000 + seq) for seq in range(rounds)]


def test_kills_under_load_lose_and_double_nothing(site: Site) -> None:
    meters = [site.meter() for _ in range(DEVICES)]
    for seq in range(ROUNDS):
        for meter in meters:
            meter.measure(seq)
        for meter in meters[seq % 2::2]:
            meter.send(site.broker)
        if seq % 10 == 0:
            site.broker.wait_listening()
        if seq % 10 == 5:
            site.kill(site.program)
        if seq % 10 == 8:
            site.kill(site.broker.program)
    until(lambda: all(not meter.kept for meter in meters) or [meter.send(site.broker) for meter in meters] == [],
          PATIENCE_SECONDS)
    for meter in meters:
        assert site.stored(meter) == _expected(ROUNDS)
    names = ", ".join(f"'{meter.pair.name}'" for meter in meters)
    until(lambda: not site.rows(f"SELECT 1 FROM reading JOIN batch USING (batch) WHERE device_id IN ({names}) "
                                "AND state <> 'anchored'"), PATIENCE_SECONDS)


def test_the_proof_of_a_reading_is_one_file(site: Site, tmp_path: Path) -> None:
    meter = site.meter()
    meter.measure(3)
    until(lambda: not meter.kept or meter.send(site.broker), PATIENCE_SECONDS)
    until(lambda: site.rows("SELECT 1 FROM reading JOIN batch USING (batch) WHERE device_id = ? AND "
                            "state = 'anchored'", meter.pair.name), PATIENCE_SECONDS)
    file = tmp_path / "proof.json"
    environment = {"MOYAI_MUNICIPALITY": NANAO, "MOYAI_BRIDGE_PROFILE": str(site.consortium.profile(NANAO, "bridge"))}
    done = site.consortium.moyai("bridge", "prove", "--device", meter.pair.name, "--register", "import", "--at",
                                 str(START + 3 * HALF_HOUR), str(file), **environment)
    assert done.returncode == 0, done.stderr
    told = subprocess.run([MOYAI, "verify", file], capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "1003" in told.stdout


def test_the_time_of_what_is_read_stands_still_while_the_bridge_or_the_broker_does(site: Site) -> None:
    """Nothing is spooled or missing then, and yet nobody knows what the meters said meanwhile."""
    def moves(since: int | None) -> bool:
        return site.readings.as_of() != since

    until(lambda: (site.readings.as_of() or 0) > time.time() - 2 * CURRENT_SECONDS)
    site.consortium.stop(site.broker.program)
    time.sleep(1)  # the bridge hears of it
    stuck = site.readings.as_of()
    time.sleep(CURRENT_SECONDS + 2)
    assert not moves(stuck)
    site.consortium.start(site.broker.program)
    until(lambda: moves(stuck))
    site.consortium.kill(site.program, signal.SIGSTOP)
    stuck = site.readings.as_of()
    time.sleep(CURRENT_SECONDS + 2)
    assert not moves(stuck)
    site.consortium.kill(site.program, signal.SIGCONT)
    until(lambda: moves(stuck))


def test_a_stranger_without_registration_is_a_dead_letter(site: Site) -> None:
    meter = Meter(site.broker.device())
    meter.measure(0)
    meter.send(site.broker)
    until(lambda: site.rows("SELECT reason FROM dead_letter WHERE topic = ?", f"m/{meter.pair.name}/registers"))
    assert site.stored(meter) == []


def test_a_drained_bridge_leaves_nothing_behind(site: Site) -> None:
    """It ends by itself, with its spool empty, its session gone and all its readings on the ledger."""
    meter = site.meter()
    for seq in range(20):
        meter.measure(seq)
    meter.send(site.broker)
    done = site.consortium.moyai("bridge", "drain", str(site.folder / "spool-1.status.json"))
    assert (done.returncode, done.stdout.strip()) == (0, "drained"), done.stderr
    assert site.rows("SELECT count(*) FROM reading JOIN batch USING (batch) WHERE state <> 'anchored'") == [(0,)]
    drained = site.status()
    assert drained is not None and (drained.state, drained.spooled) == (status.DRAINED, 0)
    site.consortium.restart(site.program)
    until(lambda: not meter.kept or meter.send(site.broker), PATIENCE_SECONDS)
    assert site.stored(meter) == _expected(20)
