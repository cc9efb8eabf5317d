"""What pages and programs ask of the readings database."""
from __future__ import annotations

from pathlib import Path

import pytest
from moyai_bridge.pump import Pump
from moyai_bridge.spool import Spool
from moyai_bridge.store.devices import ACTIVE, PENDING, REVOKED, DeviceRegistry, Search
from moyai_bridge.store.epoch_keys import EpochKeys
from moyai_bridge.store.intake import Intake
from moyai_bridge.store.readings import AccountCounted, Readings
from moyai_database.database import Database

from tests.unit.bridge.readings import HALF_HOUR, NOW, START, Published, device_id, new_device, payload, register, topic

ACCOUNT = new_device().account
HOUR = 3600


def _take(database: Database, folder: Path, *messages: tuple[int, bytes], at: int = NOW) -> None:
    spool = Spool(folder / "spool.sqlite")
    spool.append([(topic(number), content, at) for number, content in messages])
    pump = Pump(spool, Intake(database, "1"), Published(), clock=lambda: NOW)
    while pump.move() is not None:
        pass
    spool.close()


def test_an_account_counts_over_all_its_devices(database: Database, tmp_path: Path) -> None:
    registry = DeviceRegistry(database)
    register(registry, 1)
    register(registry, 2, registers=("generation",), kind="pv", coefficient_n=10)
    register(registry, 3, account="Z" * 26)
    _take(database, tmp_path, *(
        (number, payload(seq, **{name: 100 + step * seq}).replace(b'"n": 1', f'"n": {wh}'.encode()))
        for seq in range(9) for number, name, step, wh in (
            (1, "import", 50, 1), (2, "generation", 3, 10), (3, "import", 900, 1))
        if not (number == 1 and seq in (3, 4, 5))))
    edges = [START + HOUR * hour for hour in range(5)]
    assert Readings(database).counted(ACCOUNT, edges, NOW) == [
        AccountCounted({"import": 100, "generation": 60}, 0), AccountCounted({"generation": 60}, 2),
        AccountCounted({"import": 200, "generation": 60}, 1), AccountCounted({"import": 100, "generation": 60}, 0)]


def test_what_is_not_over_is_not_missing(database: Database, tmp_path: Path) -> None:
    register(DeviceRegistry(database), 1)
    _take(database, tmp_path, (1, payload(0)), (1, payload(1)))
    now = START + 3 * HALF_HOUR + 100
    part, later = Readings(database).counted(ACCOUNT, [START - 86400, START + 86400, START + 2 * 86400], now)
    assert (part.missing, later) == (2, AccountCounted({}, 0))
    assert Readings(database).counted("0" * 26, [START, START + 1], now) == [AccountCounted({}, 0)]


def test_gaps_are_those_since_the_first_reading(database: Database, tmp_path: Path) -> None:
    registry, readings = DeviceRegistry(database), Readings(database)
    register(registry, 1, 2)
    _take(database, tmp_path, *((1, payload(seq)) for seq in (0, 1, 4)))
    devices = registry.all()
    now = START + 5 * HALF_HOUR + 60
    assert readings.gaps(devices, START - 86400, now) == {device_id(1): 3, device_id(2): 0}


def test_what_is_read_is_as_old_as_what_the_slowest_bridge_stored(database: Database, tmp_path: Path) -> None:
    readings, bridges = Readings(database), [Intake(database, name) for name in ("1", "2")]
    assert readings.as_of() is None
    for bridge in bridges:
        bridge.note_current(START)
    bridges[0].note_current(NOW)
    assert readings.as_of() == START
    bridges[1].note_current(None)  # it was drained
    assert readings.as_of() == NOW


def test_marked_readings_come_in_pages(database: Database, registry: DeviceRegistry, tmp_path: Path) -> None:
    readings = Readings(database)
    _take(database, tmp_path, *((number, payload(seq, **{"import": 5000 - seq})) for number in (1, 2)
                                for seq in (0, 1, 4)))
    total, page = readings.marked(limit=3)
    assert (total, len(page), page[0].label, page[0].marks) == (4, 3, "屋根", ("gap", "reset"))
    assert readings.marked("gap", limit=9)[0] == 2
    assert readings.marked("jump", limit=9) == (0, [])
    assert [reading.at for reading in readings.marked(limit=9, offset=3)[1]] == [START + HALF_HOUR]


def test_devices_are_found_by_what_people_know_of_them(database: Database) -> None:
    registry = DeviceRegistry(database)
    registry.add(new_device(1, label="南の屋根", op="01J"), START)
    registry.add(new_device(2, serial="AB_12"), START + 1)
    registry.set_state(device_id(2), ACTIVE)
    registry.set_certificate(device_id(2), "ff", "0a")
    assert [device.device_id for device in registry.search(Search(), limit=9)[1]] == [device_id(2), device_id(1)]
    assert registry.search(Search(text="南の"), limit=9)[1] == [registry.find(device_id(1))]
    assert registry.search(Search(text="b_1"), limit=9)[0] == 1
    assert registry.search(Search(text="b%1"), limit=9)[0] == 0
    assert registry.search(Search(states=(ACTIVE,)), limit=0) == (1, [])
    assert registry.search(Search(account="Z" * 26), limit=9) == (0, [])
    assert [device.op for device in registry.of_account(ACCOUNT)] == ["01J", ""]
    registry.remove(device_id(1))
    registry.remove(device_id(2))
    assert [device.certificate for device in registry.all()] == ["ff"]


def test_silent_devices_are_found(database: Database, registry: DeviceRegistry, tmp_path: Path) -> None:
    _take(database, tmp_path, (1, payload(0)), at=START)
    found = registry.search(Search(states=(ACTIVE,), silent_since=START + 1), limit=9)
    assert [device.device_id for device in found[1]] == [device_id(1)]
    assert registry.search(Search(silent_since=START), limit=9)[0] == 0


def test_states_and_erasure(database: Database, registry: DeviceRegistry, tmp_path: Path) -> None:
    _take(database, tmp_path, (1, payload(0)), (2, payload(0)), (1, b"?"))
    registry.set_state(device_id(1), REVOKED)
    registry.erase(device_id(1))
    device = registry.find(device_id(1))
    assert device is not None
    assert (device.key, device.label, device.serial, device.state) == (None, "", "", REVOKED)
    assert Readings(database).points(device_id(1), "import", 0, NOW) == []
    assert len(Readings(database).points(device_id(2), "import", 0, NOW)) == 1
    assert [found.device_id for found in registry.all(PENDING)] == []
    with pytest.raises(KeyError):
        registry.set_state(device_id(9), ACTIVE)


def test_the_key_of_an_epoch_never_changes(database: Database) -> None:
    keys = EpochKeys(database)
    keys.keep("2026", b"k" * 32)
    keys.keep("2026", b"k" * 32)
    with pytest.raises(ValueError, match="2026"):
        keys.keep("2026", b"x" * 32)
    assert (keys.find("2026"), keys.find("2027")) == (b"k" * 32, None)
    keys.destroy("2026")
    assert keys.find("2026") is None
