"""Meters: a half-hour of many homes, from the first publication until everybody has what they need of it."""
from __future__ import annotations

import json
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from moyai_bridge.decoders import DECODERS
from moyai_bridge.spool import Spooled
from moyai_bridge.store import schema, tables
from moyai_bridge.store.batches import Batches
from moyai_bridge.store.dead_letters import DeadLetters
from moyai_bridge.store.device_readings import DeviceReadings
from moyai_bridge.store.devices import ACTIVE, KEY_BYTES
from moyai_bridge.store.intake import Arrival, Intake
from moyai_bridge.store.readings import Readings
from moyai_database.database import Database
from sqlalchemy import insert

from tests.bench.gateways import Gateways
from tests.bench.report import Line
from tests.contract.scene import random_id
from tests.network.broker_site import BrokerSite
from tests.network.consortium import RunningConsortium

HOMES, MANY_HOMES, AWAY_HOMES = 10_000, 100_000, 10_000
REGISTERS = ("export", "generation", "import")
CONNECTIONS = 64
SAMPLE = 100
"""Homes whose residents' question is asked again and again until it is answered."""
HALF_HOUR = 1800
START = 1_767_193_200
"""2026-01-01T00:00 in Japan."""
BRIDGE = "1"
ANCHOR_SECONDS = 10
GOAL_SECONDS = 60
GROUP = 1000


@dataclass(frozen=True)
class Home:
    """A home with one meter."""

    device_id: str
    account: str


@dataclass(frozen=True)
class HalfHour:
    """Seconds from the first publication until all was acknowledged, named durable, answered to residents, anchored;
    bytes that blocks took for it on a peer."""

    acknowledged: float
    durable: float
    queryable: float
    anchored: float
    blocks: int


def measure(network: RunningConsortium, a_transaction_each: float) -> list[Line]:
    """A half-hour of some and of many homes, and how fast the broker takes messages.

    `a_transaction_each`: bytes that blocks take for a reading that is a transaction of its own.
    """
    code6 = network.codes[-1]
    for program in (f"broker-{code6}", f"bridge-{code6}-{BRIDGE}"):
        _start(network, program)
    with tempfile.TemporaryDirectory(prefix="moyai-bench-devices-") as folder, _opened(network, code6) as database:
        site = BrokerSite(network, code6, Path(folder))
        gateways = Gateways(site, CONNECTIONS)
        town = Town(network, code6, database, gateways)
        try:
            lines = _half_hour(town, HOMES, a_transaction_each, goal=GOAL_SECONDS)
            lines += _while_away(network, town)
            lines += _half_hour(town, MANY_HOMES, a_transaction_each, goal=None)
        finally:
            gateways.close()
    network.stop("meters")
    return lines


class Town:
    """Homes whose meters publish half-hour after half-hour; every meter was read once before the first one."""

    def __init__(self, network: RunningConsortium, code6: str, database: Database, gateways: Gateways) -> None:
        self._network, self._code6, self._database, self._gateways = network, code6, database, gateways
        self._homes: list[Home] = []
        self._seq = 0
        self._readings, self._batches = Readings(database), Batches(database, BRIDGE)

    def grow(self, count: int) -> None:
        """Adds homes until there are `count`, read for the last half-hour that is over."""
        new = [Home(random_id(), random_id()) for _ in range(count - len(self._homes))]
        with self._database.writing() as connection:
            connection.execute(insert(tables.device), [_row(home) for home in new])
        intake, now = Intake(self._database, "before"), int(time.time())
        for start in range(0, len(new), GROUP):
            intake.take("before", [self._arrival(start + number, home, now)
                                   for number, home in enumerate(new[start:start + GROUP])], now)
        self._homes += new

    def publish(self, count: int) -> tuple[float, float]:
        """The next half-hour of the first `count` homes: seconds until acknowledged; see `Gateways.publish`."""
        self._seq += 1
        return self._gateways.publish([(f"m/{home.device_id}/registers", _payload(self._seq))
                                       for home in self._homes[:count]], self._seq)

    def wait_durable(self, count: int) -> float:
        """When the last of `count` homes was told."""
        return self._gateways.wait_durable(count)

    def half_hour(self) -> HalfHour:
        """All homes publish; returns when all of it is everywhere, once."""
        before, duplicates = self._block_bytes(), DeviceReadings(self._database).duplicates()
        answered: list[float] = []
        residents = threading.Thread(target=lambda: answered.append(self._wait_answered(self._seq + 1)))
        residents.start()
        first, acknowledged = self.publish(len(self._homes))
        durable = self.wait_durable(len(self._homes))
        residents.join()
        while self._batches.has_unanchored():
            threading.Event().wait(0.1)
        anchored = time.monotonic()
        if DeadLetters(self._database).count() or DeviceReadings(self._database).duplicates() != duplicates:
            raise SystemExit("messages of the bench are dead letters or came twice")
        return HalfHour(acknowledged - first, durable - first, answered[0] - first, anchored - first,
                        self._block_bytes() - before)

    def _wait_answered(self, seq: int) -> float:
        """When residents here and there were told what their home did in the half-hour that ends with reading `seq`."""
        end = START + seq * HALF_HOUR
        for home in [*self._homes[::max(1, len(self._homes) // SAMPLE)], self._homes[-1]]:
            while set(self._readings.counted(home.account, (end - HALF_HOUR, end), end)[0].amounts) != set(REGISTERS):
                threading.Event().wait(0.1)
        return time.monotonic()

    def _arrival(self, number: int, home: Home, now: int) -> Arrival:
        topic, payload = f"m/{home.device_id}/registers", _payload(self._seq).encode()
        return Arrival(Spooled(len(self._homes) + number, topic, payload, now),
                       DECODERS["registers"](home.device_id, payload, now))

    def _block_bytes(self) -> int:
        return block_bytes(self._network, self._code6)


def block_bytes(network: RunningConsortium, code6: str) -> int:
    """Bytes of all blocks on a municipality's peer."""
    return sum(file.stat().st_size for file in (network.state.home(code6).peer / "data").rglob("blockfile_*"))


def _half_hour(town: Town, homes: int, a_transaction_each: float, goal: float | None) -> list[Line]:
    print(f"a half-hour of {homes:,} homes", file=sys.stderr)
    town.grow(homes)
    found = town.half_hour()
    readings = homes * len(REGISTERS)
    title = f"half-hour of {homes:,} homes"
    return [
        Line(f"{title}, {CONNECTIONS} connections, until durable", found.durable, "s", at_most=goal),
        Line(f"{title}, until residents see it", found.queryable, "s", at_most=goal),
        Line(f"{title}, until anchored (a root every {ANCHOR_SECONDS} s)", found.anchored, "s", at_most=goal),
        Line(f"{title}, broker's acknowledgements, bridge keeping up", homes / found.acknowledged, "messages/s"),
        Line(f"{title}, bytes of blocks a reading", found.blocks / readings, "bytes", at_most=1),
        Line(f"{title}, bytes of blocks where each reading is a transaction", a_transaction_each, "bytes"),
        Line(f"{title}, that over this", a_transaction_each * readings / found.blocks, "times")]


def _while_away(network: RunningConsortium, town: Town) -> list[Line]:
    """The bridge is stopped; messages wait in the broker's store, which is saved with every change."""
    print(f"{AWAY_HOMES:,} homes without a bridge", file=sys.stderr)
    program = f"bridge-{network.codes[-1]}-{BRIDGE}"
    network.stop(program)
    first, acknowledged = town.publish(AWAY_HOMES)
    started = time.monotonic()
    _start(network, program)
    caught_up = town.wait_durable(AWAY_HOMES) - started
    return [Line(f"broker's acknowledgements of {AWAY_HOMES:,} messages, bridge away",
                 AWAY_HOMES / (acknowledged - first), "messages/s"),
            Line(f"a bridge that comes back has {AWAY_HOMES:,} messages durable after", caught_up, "s")]


@contextmanager
def _opened(network: RunningConsortium, code6: str) -> Iterator[Database]:
    database = schema.open_readings(f"sqlite:///{network.state.bridge(code6) / 'readings.sqlite'}")
    try:
        yield database
    finally:
        database.close()


def _start(network: RunningConsortium, program: str) -> None:
    done = network.moyai("network", "start", program)
    if done.returncode:
        raise SystemExit(f"{program} does not start: {done.stderr.strip()}")


def _row(home: Home) -> dict[str, object]:
    return {"device_id": home.device_id, "label": "", "kind": "meter", "account": home.account, "serial": "",
            "supply_point": "", "key": secrets.token_bytes(KEY_BYTES), "registers": list(REGISTERS),
            "capacity": 6000, "unit": "Wh", "coefficient_n": 1, "coefficient_d": 1, "digits": 8,
            "installed_on": "2026-01-01", "op": "", "state": ACTIVE, "added_at": START, "missing": []}


def _payload(seq: int) -> str:
    return json.dumps({
        "v": 1, "seq": seq, "at": START + seq * HALF_HOUR, "unit": "Wh", "coefficient": {"n": 1, "d": 1},
        "registers": {name: 1_000_000 + 100 * seq + place for place, name in enumerate(REGISTERS)}})
