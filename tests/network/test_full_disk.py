"""Spool and readings on a really full disk: nothing is acknowledged or lost, and it goes on when there is room."""
from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from moyai_bridge import status
from moyai_bridge.store import schema
from moyai_bridge.store.device_readings import DeviceReadings
from moyai_bridge.store.devices import ACTIVE, DeviceRegistry
from moyai_database.database import Database

from tests.network.broker_site import BrokerSite, Client, until
from tests.network.consortium import RunningConsortium
from tests.unit.bridge.readings import START, new_device

OSHIMA = "133612"
PROGRAM = f"bridge-{OSHIMA}-1"
DISK_BYTES, LEFT_BYTES = 16 << 20, 1 << 20
MESSAGES, PADDING = 800, 3000
"""A message of 3 kB is kept twice, in the spool and then in the database."""
PATIENCE_SECONDS = 60.0


class Disk:
    """A small file system; `fill` leaves so many bytes on it, `make_room` takes that back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, left: int) -> None:
        found = os.statvfs(self.folder)
        self._ballast.write_bytes(bytes(found.f_bavail * found.f_bsize - left))

    def make_room(self) -> None:
        self._ballast.unlink()


@pytest.fixture
def disk(consortium: RunningConsortium) -> Iterator[Disk]:
    """The folder of 大島町's bridge is a file system of its own."""
    folder = consortium.state.bridge(OSHIMA)
    folder.mkdir(parents=True, exist_ok=True)
    consortium.stop("meters")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", folder], capture_output=True,
                          text=True)
    if done.returncode:
        reason = f"no file system can be mounted here, so no disk can be full: {done.stderr.strip()}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    try:
        yield Disk(folder)
    finally:
        consortium.stop("meters")
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def site(consortium: RunningConsortium, disk: Disk, tmp_path: Path) -> BrokerSite:
    found = BrokerSite(consortium, OSHIMA, tmp_path)
    for command in (("directory", "bootstrap"), ("network", "start", found.program), ("network", "start", PROGRAM)):
        done = consortium.moyai(*command)
        assert done.returncode == 0, done.stderr
    return found


@pytest.fixture
def database(disk: Disk, site: BrokerSite) -> Iterator[Database]:
    """The readings on the small disk."""
    found = schema.open_readings(f"sqlite:///{disk.folder / 'readings.sqlite'}")
    yield found
    found.close()


def _message(seq: int) -> bytes:
    return json.dumps({"v": 1, "seq": seq, "at": START + seq * 1800, "registers": {"import": 10 * seq}, "unit": "Wh",
                       "coefficient": {"n": 1, "d": 1}}).encode() + b" " * PADDING


def _durable(client: Client) -> int:
    """The last sequence that the device was told is safe; -1 before the first."""
    return max((json.loads(payload)["seq"] for _, payload in list(client.received)), default=-1)


def test_a_full_disk_stops_the_bridge_and_it_goes_on_by_itself(
        consortium: RunningConsortium, disk: Disk, site: BrokerSite, database: Database) -> None:
    registry, pair = DeviceRegistry(database), site.device()
    registry.add(new_device(device_id=pair.name, registers=("import",)), int(time.time()))
    registry.set_state(pair.name, ACTIVE)

    def troubles() -> tuple[str, ...]:
        found = status.read(disk.folder / "spool-1.status.json")
        return () if found is None else found.trouble

    with site.client(pair) as device:
        assert device.subscribe(f"m/{pair.name}/durable") == 1
        # Nobody subscribes before the bridge is there for the first time.
        until(lambda: device.publish(f"m/{pair.name}/registers", _message(0)) == 0)
        until(lambda: _durable(device) == 0)
        disk.fill(LEFT_BYTES)
        for seq in range(1, MESSAGES):
            assert device.publish(f"m/{pair.name}/registers", _message(seq)) == 0, "the broker's own disk has room"
        until(lambda: any("full" in trouble for trouble in troubles()), PATIENCE_SECONDS)
        safe = _durable(device)
        assert safe < MESSAGES - 1
        former = consortium.kill(PROGRAM)
        consortium.wait_restarted(PROGRAM, former)
        time.sleep(3)
        assert _durable(device) == safe, "what is not on the disk was named durable"
        disk.make_room()
        until(lambda: _durable(device) == MESSAGES - 1, PATIENCE_SECONDS)
    until(lambda: troubles() == ())
    stored = list(DeviceReadings(database).of(pair.name))
    assert [(reading.seq, reading.raw) for reading in stored] == [(seq, 10 * seq) for seq in range(MESSAGES)]
