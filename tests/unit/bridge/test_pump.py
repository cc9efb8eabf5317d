"""From the spool to the database: each message once, whatever is killed between which two steps."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moyai_bridge import marks
from moyai_bridge import pump as pump_module
from moyai_bridge.pump import Pump, retry
from moyai_bridge.spool import Spool
from moyai_bridge.store import tables
from moyai_bridge.store.dead_letters import DeadLetters
from moyai_bridge.store.devices import REVOKED, DeviceRegistry
from moyai_bridge.store.intake import Intake
from moyai_bridge.store.readings import Readings
from moyai_database.database import Database
from sqlalchemy import select

from tests.unit.bridge.readings import HALF_HOUR, NOW, START, Published, device_id, payload, register, topic


class Plant:
    """Spool, database and pump of one bridge; `crash` gives a fresh pump over what is on the disk."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.spool, self.published = database, Spool(folder / "spool.sqlite"), Published()
        self.intake = Intake(database, "1")
        self.pump = Pump(self.spool, self.intake, self.published, clock=lambda: NOW)

    def send(self, *messages: tuple[str, bytes]) -> None:
        self.spool.append([(name, content, NOW) for name, content in messages])

    def pump_all(self) -> None:
        while self.pump.move() is not None:
            pass

    def readings(self, *columns: str) -> list[Any]:
        return self.rows(tables.reading, *columns)

    def rows(self, table: Any, *columns: str) -> list[Any]:
        with self.database.reading() as connection:
            chosen = [table.c[name] for name in columns]
            return [tuple(row) for row in connection.execute(select(*chosen).order_by(*table.primary_key))]

    def duplicates(self) -> int:
        return sum(count for count, in self.rows(tables.batch, "duplicates"))


@pytest.fixture
def plant(database: Database, registry: DeviceRegistry, tmp_path: Path) -> Iterator[Plant]:
    plant = Plant(database, tmp_path)
    yield plant
    plant.spool.close()


def test_the_database_is_current_when_the_spool_is_empty(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pump_module, "MESSAGES_A_GROUP", 2)
    readings = Readings(plant.database)
    plant.send(*((topic(1), payload(seq)) for seq in range(3)))
    plant.pump.move()
    plant.pump.tell_current()
    assert readings.as_of() is None, "one message is still in the spool"
    plant.pump.move()
    plant.pump.tell_current()
    assert readings.as_of() == NOW
    plant.pump.tell_gone()
    assert readings.as_of() is None


def test_every_register_becomes_a_reading_and_the_bytes_stay(plant: Plant) -> None:
    plant.send((topic(1), payload(0)), (topic(1), payload(1)), (topic(2), payload(5)))
    plant.pump_all()
    assert plant.readings("device_id", "register", "at", "seq", "raw") == [
        (device_id(1), "export", START, 0, 0), (device_id(1), "export", START + HALF_HOUR, 1, 10),
        (device_id(1), "import", START, 0, 1000), (device_id(1), "import", START + HALF_HOUR, 1, 1100),
        (device_id(2), "export", START + 5 * HALF_HOUR, 5, 50),
        (device_id(2), "import", START + 5 * HALF_HOUR, 5, 1500)]
    assert [bytes(content) for content, in plant.rows(tables.message, "payload")] == [
        payload(0), payload(1), payload(5)]
    assert len(plant.spool) == 0
    assert {device: sequence.last for device, sequence in plant.published.last.items()} == {
        device_id(1): 1, device_id(2): 5}


class Killed(BaseException):
    """The program ends here."""


@pytest.mark.parametrize("step", ["before storing", "before telling the device", "before forgetting"])
def test_a_kill_between_two_steps_loses_and_doubles_nothing(plant: Plant, monkeypatch: pytest.MonkeyPatch,
                                                            step: str) -> None:
    def kill(*_: Any, **__: Any) -> None:
        raise Killed

    target = {"before storing": (plant.intake, "take"), "before telling the device": (
        plant.published, "publish_durable"), "before forgetting": (plant.spool, "forget")}[step]
    plant.send((topic(1), payload(0)), ("m/x/registers", b"?"), (topic(1), payload(1)), (topic(1), payload(1)))
    with monkeypatch.context() as patch:
        patch.setattr(*target, kill)
        with pytest.raises(Killed):
            plant.pump.move()
    plant.send((topic(1), payload(2)))
    plant.pump_all()
    assert plant.readings("register", "seq") == [(name, seq) for name in ("export", "import") for seq in (0, 1, 2)]
    assert plant.duplicates() == 2
    assert len(plant.rows(tables.message, "number")) == 3
    assert len(DeadLetters(plant.database).all()) == 1
    assert plant.published.last[device_id(1)].last == 2
    assert len(plant.spool) == 0


def test_a_kill_inside_the_transaction_leaves_nothing_of_it(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(*_: Any, **__: Any) -> None:
        raise Killed

    plant.send((topic(1), payload(0)))
    with monkeypatch.context() as patch:
        patch.setattr("moyai_bridge.store.intake.upsert", kill)
        with pytest.raises(Killed):
            plant.pump.move()
    assert plant.readings("seq") == []
    plant.pump_all()
    assert plant.readings("seq") == [(0,), (0,)]
    assert plant.duplicates() == 0


def test_a_new_spool_begins_at_its_own_first_number(plant: Plant, tmp_path: Path) -> None:
    plant.send((topic(1), payload(0)), (topic(1), payload(1)))
    plant.pump_all()
    other = Plant(plant.database, tmp_path / "other")
    other.send((topic(1), payload(2)))
    other.pump_all()
    assert [seq for seq, in plant.readings("seq")] == [0, 1, 2, 0, 1, 2]


def test_what_comes_again_is_counted_and_not_kept_twice(plant: Plant) -> None:
    plant.send((topic(1), payload(0)), (topic(1), payload(1)))
    plant.pump_all()
    plant.send((topic(1), payload(0)), (topic(1), payload(1)), (topic(1), payload(1, **{"import": 1100, "export": 11})))
    plant.pump_all()
    assert plant.readings("register", "seq", "raw") == [
        ("export", 0, 0), ("export", 1, 10), ("export", 1, 11), ("import", 0, 1000), ("import", 1, 1100)]
    assert plant.duplicates() == 2 + 2 + 1


def test_two_bridges_count_the_same_message_once(plant: Plant, tmp_path: Path) -> None:
    other = Plant(plant.database, tmp_path / "other")
    other.intake = Intake(plant.database, "2")
    other.pump = Pump(other.spool, other.intake, other.published, clock=lambda: NOW)
    for bridge in (plant, other):
        bridge.send((topic(1), payload(0)))
        bridge.pump_all()
    assert len(plant.readings("seq")) == 2
    assert plant.duplicates() == 2


def test_the_device_hears_what_is_missing(plant: Plant) -> None:
    plant.send(*((topic(1), payload(seq)) for seq in (3, 4, 7, 9, 8)))
    plant.pump_all()
    sequence = plant.published.last[device_id(1)]
    assert (sequence.last, sequence.missing) == (9, (5, 6))
    assert sequence.message() == b'{"missing":[5,6],"seq":9}'


@pytest.mark.parametrize(("name", "content", "reason"), [
    (topic(1), b"\xff\x00", "not JSON"),
    (topic(1), b'{"\\u0000":"\\ud800"}', ""),
    (topic(1), payload(0, **{"import": 1, "charge": 2}), "registered without charge"),
    (topic(1), payload(0).replace(b'"n": 1', b'"n": 10'), "registered is 1/1 Wh"),
    (topic(1), payload(0).replace(b'"Wh"', b'"mL"'), "registered is 1/1 Wh"),
    (topic(9), payload(0), "not registered here"),
    (topic(1, "echonet"), b"\x10\x81", "not an ECHONET Lite frame"),
    ("m/nobody/registers", payload(0), "a topic that nobody decodes"),
])
def test_what_cannot_be_read_is_kept_with_its_reason(plant: Plant, name: str, content: bytes, reason: str) -> None:
    plant.send((topic(2), payload(0)), (name, content), (topic(2), payload(1)))
    plant.pump_all()
    letter, = DeadLetters(plant.database).all()
    assert (letter.topic, bytes(letter.payload), letter.received_at) == (name, content, NOW)
    assert reason in letter.reason
    assert {device for device, in plant.readings("device_id")} == {device_id(2)}
    assert len(plant.readings("seq")) == 4


def test_a_decoder_that_fails_stops_nothing(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setitem(__import__("moyai_bridge.decoders", fromlist=["DECODERS"]).DECODERS, "echonet", fail)
    plant.send((topic(1, "echonet"), b"frame"), (topic(1), payload(0)))
    plant.pump_all()
    assert "a fault of ours" in DeadLetters(plant.database).all()[0].reason
    assert len(plant.readings("seq")) == 2


def test_a_revoked_device_adds_nothing(plant: Plant, registry: DeviceRegistry) -> None:
    registry.set_state(device_id(1), REVOKED)
    plant.send((topic(1), payload(0)))
    plant.pump_all()
    assert plant.readings("seq") == []
    assert DeadLetters(plant.database).all()[0].reason == "the device is revoked"


def test_dead_letters_are_tried_again_after_a_registration(plant: Plant, registry: DeviceRegistry) -> None:
    letters = DeadLetters(plant.database)
    plant.send((topic(3), payload(0)), (topic(4), payload(0)))
    plant.pump_all()
    register(registry, 3)
    assert retry(plant.intake, letters.all(), NOW).readings == 2
    assert [letter.topic for letter in letters.all()] == [topic(4)]
    assert [letter.topic for letter in letters.all("stored")] == [topic(3)]
    letters.drop(letters.all()[0].id, NOW)
    assert (letters.count(), len(letters.all("dropped"))) == (0, 1)
    assert len(plant.readings("seq")) == 2


def test_marks_are_kept_with_their_readings(plant: Plant) -> None:
    readings = {0: 999_000, 1: 999_900, 2: 100, 5: 2000, 6: 900_000, 7: 5}
    plant.send(*((topic(1), payload(seq, **{"import": raw})) for seq, raw in readings.items()))
    plant.send((topic(1), payload(8, START + 5 * HALF_HOUR, **{"import": 60})))
    plant.send((topic(1), payload(9, NOW + 86400, **{"import": 99})))
    plant.pump_all()
    found = {seq: set(marks.from_bits(bits)) for seq, bits in plant.readings("seq", "marks")}
    assert found == {0: set(), 1: set(), 2: {"rollover"}, 5: {"gap"}, 6: {"jump"}, 7: {"reset"}, 8: {"clock"},
                     9: {"gap", "clock"}}


def test_a_late_reading_is_told_from_the_one_before_it(plant: Plant) -> None:
    plant.send((topic(1), payload(0)), (topic(1), payload(3)))
    plant.pump_all()
    plant.send((topic(1), payload(2)), (topic(1), payload(1)))
    plant.pump_all()
    found = Counter(mark for bits, in plant.readings("marks") for mark in marks.from_bits(bits))
    assert found == {"gap": 4}  # of 3 and 2, when they came


def test_a_counter_that_stands_still_for_three_days_is_marked(plant: Plant) -> None:
    plant.send(*((topic(1), payload(seq, **{"import": 5})) for seq in range(150)))
    plant.pump_all()
    assert [seq for seq, bits in plant.readings("seq", "marks") if bits] == list(range(144, 150))
