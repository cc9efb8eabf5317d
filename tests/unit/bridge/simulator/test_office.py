"""Simulated homes are on the ledger, at the device CA and in the registry, once, however often a run is cut short."""
from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from moyai_bridge.device_certificates import AlreadyEnrolled, DeviceCertificate
from moyai_bridge.simulator.homes import REGISTERS
from moyai_bridge.simulator.office import Office
from moyai_bridge.simulator.roster import Roster
from moyai_bridge.simulator.simulation import Simulation
from moyai_bridge.simulator.year import recorded_year
from moyai_bridge.store.devices import ACTIVE, PENDING, DeviceRegistry
from moyai_bridge.store.epoch_keys import EpochKeys, KeyMissing
from moyai_client.errors import Refused
from moyai_contracts.api import Actor, Command
from moyai_database.database import Database

from tests.contract.channel import NANAO
from tests.contract.devices_story import fiscal_year
from tests.contract.memory_channel import MemoryChannel
from tests.contract.scene import Scene
from tests.unit.client.certificates import write_identity

START = 1_767_193_200
"""2026-01-01 00:00 in Japan."""


class Authority:
    """A device CA that gives everybody one certificate."""

    def __init__(self, folder: Path) -> None:
        self._files = write_identity(folder, "device", service="device")
        self.enrolled: set[str] = set()

    def enrol(self, device_id: str) -> DeviceCertificate:
        if device_id in self.enrolled:
            raise AlreadyEnrolled(device_id)
        self.enrolled.add(device_id)
        certificate, key = self._files
        return DeviceCertificate(certificate.read_bytes(), key.read_bytes())


class Town:
    """A municipality's office over a ledger in memory; `cut` ends a run at a submission."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.scene = Scene(MemoryChannel(folder / "channel").bootstrap())
        self.scene.channel.advance(max(0, START + 40 * 86400 - self.scene.channel.now))
        self.folder, self.registry, self.keys = folder / "homes", DeviceRegistry(database), EpochKeys(database)
        self.folder.mkdir()
        self.authority = Authority(folder / "authority")
        self.submitted: list[str] = []
        self.cut: Callable[[Command], bool] = lambda command: False
        self.office = Office(self.registry, self.keys, self.authority, self, self.scene.official(NANAO, "C"),
                             self.folder, lambda: self.scene.channel.now)

    def submit(self, command: Command, actor: Actor, *, op: str, at_height: int | None = None) -> Any:
        if self.cut(command):
            raise KeyboardInterrupt
        self.submitted.append(command.transaction)
        return self.scene.submit(NANAO, "webui", command, actor=actor, op=op)

    def register(self, simulation: Simulation) -> list[str]:
        """Ids of the devices, in the order of homes."""
        return list(simulation.register(self.office, lambda ready: None))


@pytest.fixture
def town(database: Database, tmp_path: Path) -> Town:
    town = Town(database, tmp_path)
    town.keys.keep(fiscal_year(town.scene.channel.now), b"k" * 32)
    return town


def simulation(town: Town, homes: int = 3, resident: str = "") -> Simulation:
    roster = Roster.new(homes, START, 4, 0, resident).until(96)
    roster.save(town.folder / "roster.json")
    return Simulation(roster, town.folder / "roster.json", recorded_year())


def again(town: Town) -> Simulation:
    roster = Roster.load(town.folder / "roster.json")
    assert roster is not None
    return Simulation(roster, town.folder / "roster.json", recorded_year())


def test_e01_homes_become_residents_with_a_device_each(town: Town) -> None:
    ids = town.register(simulation(town))
    for device_id in ids:
        on_ledger = town.scene.evaluate(NANAO, "devices.get_device", device_id=device_id)
        device = town.registry.find(device_id)
        assert device is not None and device.state == on_ledger["state"] == ACTIVE
        assert (on_ledger["account"], on_ledger["certificate"]) == (device.account, device.certificate)
        assert on_ledger["registers"] == list(REGISTERS) and on_ledger["tags"]
        owner = town.scene.evaluate(NANAO, "directory.get_account", account_id=device.account)
        assert (owner["roles"], owner["party"], owner["status"]) == (["M"], "person", "active")
        assert stat.S_IMODE((town.folder / f"{device_id}.key").stat().st_mode) == 0o600
    assert len(set(ids)) == 3


def test_a_second_run_registers_nothing_again(town: Town) -> None:
    ids = town.register(simulation(town))
    height = town.scene.channel.height
    assert town.register(again(town)) == ids
    assert town.scene.channel.height == height and town.authority.enrolled == set(ids)


@pytest.mark.parametrize("transaction", ["directory.open_account", "devices.register_device"])
def test_a_run_that_was_cut_short_goes_on(town: Town, transaction: str) -> None:
    first = simulation(town)
    town.cut = lambda command: command.transaction == transaction
    with pytest.raises(KeyboardInterrupt):
        town.register(first)
    town.cut = lambda command: False
    ids = town.register(again(town))
    assert [town.registry.find(device_id).state for device_id in ids] == [ACTIVE] * 3
    assert len(town.registry.all()) == len(town.authority.enrolled) == 3


def test_a_device_whose_key_was_lost_gives_way_to_another(town: Town) -> None:
    """The CA had enrolled it when the run ended, and nobody has the key."""
    first = simulation(town)
    lost = next(iter(first.devices))
    town.authority.enrolled.add(lost)
    ids = town.register(first)
    assert lost not in ids and town.registry.find(lost) is None
    assert list(again(town).devices) == ids, "the next run knows"
    assert len(town.registry.all()) == 3


def test_a_resident_who_is_there_gets_the_first_home(town: Town) -> None:
    known = simulation(town, homes=1)
    town.register(known)
    account = town.registry.all()[0].account
    before = len(town.submitted)
    first = town.register(simulation(town, homes=1, resident=account))[0]
    assert town.scene.evaluate(NANAO, "devices.get_device", device_id=first)["account"] == account
    assert town.submitted[before:] == ["devices.register_device"]


def test_without_the_year_s_key_of_tags_nothing_is_registered(database: Database, tmp_path: Path) -> None:
    town = Town(database, tmp_path)
    with pytest.raises(KeyMissing, match="key of uniqueness tags"):
        town.register(simulation(town, homes=1))
    device = town.registry.all()[0]
    assert device.state == PENDING
    with pytest.raises(Refused, match="not_found"):
        town.scene.evaluate(NANAO, "devices.get_device", device_id=device.device_id)
