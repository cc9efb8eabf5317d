"""The meters of one municipality on a real network, with everything that chaos kills, and what must hold afterwards."""
from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from moyai_bridge import programs
from moyai_bridge.settings import LedgerSettings
from moyai_client import Ledger, Profile
from moyai_client.proof import dump, load
from moyai_client.proof.reading import verify_reading
from moyai_network.rendering.meters import simulator_settings
from moyai_network.waiting import wait_for

from tests.chaos.load import Load
from tests.chaos.senders import Sender
from tests.contract.fabric_channel import FabricChannel
from tests.contract.scene import Scene
from tests.network.consortium import MOYAI, RunningConsortium

CODE = "172022"
BROKER, ACCESS, PEER, TOTALS, PROJECTOR = (
    f"{role}-{CODE}" for role in ("broker", "access", "peer", "totals", "projector"))
FIRST_BRIDGE, SECOND_BRIDGE = (f"bridge-{CODE}-{name}" for name in ("1", "2"))
VICTIMS = (FIRST_BRIDGE, BROKER, PROJECTOR, PEER, TOTALS)
NEEDS_RATE = 2.0
"""Needs a second, so that the projector has work when it is killed."""


class MetersSite:
    """Broker, access, bridge, totals and projector of a municipality; the rest of the network is as it is."""

    def __init__(self, network: RunningConsortium) -> None:
        self.network = network
        for command in (("directory", "bootstrap"), ("webui", "prepare")):
            done = network.moyai(*command)
            assert done.returncode == 0, done.stderr
        self._member = network.definition.municipality(CODE)
        self.settings = simulator_settings(self._member, network.state)
        self.folder = network.state.bridge(CODE)
        for program in (BROKER, ACCESS, FIRST_BRIDGE, TOTALS, PROJECTOR):
            network.start(program)

    def bridge(self, *arguments: str, seconds: float = 180) -> subprocess.CompletedProcess[str]:
        """Runs `moyai bridge …` as the municipality's administrator."""
        return self.network.moyai("bridge", *arguments, seconds=seconds, **self.settings)

    def rows(self, query: str, *values: Any) -> list[Any]:
        """What stands in the readings database, past the bridge's own code."""
        connection = sqlite3.connect(self.folder / "readings.sqlite")
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """The ledger as the bridge asks it."""
        opened = Ledger.open(Profile.load(self.network.profile(CODE, "bridge")))
        try:
            yield opened
        finally:
            opened.close()

    @contextmanager
    def needs(self) -> Iterator[Load]:
        """Registers needs while the block runs; what a kill cut off is sent again at its end."""
        channel = FabricChannel(self.network.state.root)
        try:
            scene = Scene(channel)
            sender = Sender(CODE, channel.access(CODE, "webui"), scene.official(CODE, "C"), scene.site(CODE),
                            scene.item(CODE))
            load = Load([sender], rate=NEEDS_RATE)
            with load.running():
                yield load
            self.network.wait_ready()
            load.send_again()
        finally:
            channel.close()

    def months(self) -> dict[str, Any]:
        """How the months stand, by the program that records them."""
        try:
            found: dict[str, Any] = json.loads((self.folder / "totals.status.json").read_text("utf-8"))["months"]
        except FileNotFoundError:
            return {}
        return found

    def close(self) -> None:
        """Stops what was started."""
        for program in (TOTALS, FIRST_BRIDGE, SECOND_BRIDGE, ACCESS, BROKER, PROJECTOR):
            self.network.stop(program)


class Simulation:
    """`moyai bridge simulate` in a process of its own."""

    def __init__(self, site: MetersSite, folder: Path, *arguments: str) -> None:
        self._report = folder / f"report-{random.getrandbits(32):08x}.json"
        self._told = self._report.with_suffix(".txt")
        self.began = time.monotonic()
        with self._told.open("wb") as output:
            self._process = subprocess.Popen(
                [MOYAI, "bridge", "simulate", *arguments, "--report", self._report], stdout=output,
                stderr=subprocess.STDOUT, env={**os.environ, **site.settings})

    def told(self) -> str:
        """What it said so far."""
        return self._told.read_text("utf-8")

    def wait_registered(self, seconds: float) -> None:
        """Returns as soon as readings are published."""
        wait_for(lambda: "homes are registered" in self.told() or self._process.poll() is not None, seconds=seconds,
                 failure=self.told)
        assert "homes are registered" in self.told(), self.told()

    def is_under_load(self) -> bool:
        """Whether there are readings that are not durable."""
        return self._process.poll() is None and "Everything is durable" not in self.told()

    def finish(self, seconds: float) -> dict[str, Any]:
        """Its report, as soon as everything agrees."""
        assert self._process.wait(seconds) == 0, self.told()
        report: dict[str, Any] = json.loads(self._report.read_text("utf-8"))
        assert report["differences"] == []
        return report

    def kill(self) -> None:
        """kill -9, wherever it is."""
        self._process.kill()
        self._process.wait()


def kill_under_load(network: RunningConsortium, simulation: Simulation, victims: Iterable[str], pause: float) -> int:
    """Kills -9 one after the other while readings are under way; how many."""
    killed = 0
    for victim in victims:
        time.sleep(pause)
        if not simulation.is_under_load():
            return killed
        network.wait_restarted(victim, network.kill(victim))
        killed += 1
    return killed


def require_anchored_once(site: MetersSite) -> int:
    """Every reading is in one batch whose root and size stand on the ledger, each bridge's in an unbroken chain."""
    (readings,), = site.rows("SELECT count(*) FROM reading")
    batches = site.rows("SELECT bridge, slot, n, root, size, previous, state FROM batch WHERE size > 0 OR state <> "
                        "'open' ORDER BY batch")
    assert {batch[-1] for batch in batches} == {"anchored"}
    heads: dict[str, str | None] = {}
    with site.ledger() as ledger:
        for bridge, slot, n, root, size, previous, _ in batches:
            found = ledger.evaluate("devices.get_batch", {"code6": CODE, "slot": slot, "bridge": bridge, "n": n})
            assert (found["root"], found["size"], found.get("previous")) == (root, size, previous)
            assert previous == heads.get(bridge), "a batch is missing between these"
            heads[bridge] = root
    assert sum(batch[4] for batch in batches) == readings
    return readings


def require_proofs(site: MetersSite, count: int, seed: int) -> int:
    """Proofs of readings anywhere among all are true, written to a file and read again as `moyai verify` does."""
    chance = random.Random(seed)
    chosen = site.rows("SELECT device_id, register, at, seq, raw FROM reading ORDER BY device_id, register, seq")
    settings = LedgerSettings(municipality=CODE, state=site.network.state.root,
                              readings_url=site.settings["MOYAI_READINGS_URL"],
                              bridge_profile=site.network.profile(CODE, "bridge"))
    for device_id, register, at, seq, raw in chance.sample(chosen, count):
        proof = load(dump(programs.prove(settings, device_id, register, at, seq)))
        reading = verify_reading(proof).reading
        assert (reading.device, reading.register, reading.at, reading.seq, reading.raw) == (
            device_id, register, at, seq, raw)
    return count


def require_projected(site: MetersSite, load: Load) -> int:
    """Every need that was acknowledged is in the read model, which is what the chain says."""
    done = site.network.moyai("webui", "--as", CODE, "rebuild", "--check", seconds=600)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "The rebuilt read model equals the live one."), \
        done.stdout + done.stderr
    acknowledged = {attempt.command.needs[0].need_id for attempt in load.acknowledged()}
    connection = sqlite3.connect(site.network.state.webui(CODE) / "moyai.sqlite")
    try:
        projected = {row[0] for row in connection.execute("SELECT need_id FROM need")}
    finally:
        connection.close()
    assert acknowledged <= projected
    return len(acknowledged)


def require_agreement(network: RunningConsortium) -> str:
    """The auditor, who trusts nobody, finds nothing: on any municipality's peer, or in this one's database. What it
    says."""
    done = network.moyai("audit", "--as", CODE, seconds=1200)
    assert done.returncode == 0 and "All agrees" in done.stdout, done.stdout + done.stderr
    return done.stdout
