"""INV-19 against the database: what the bridge stored and anchored is proved, and whoever touches it is found."""
from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from moyai_bridge.anchor import Anchor
from moyai_bridge.monthly_row import Month
from moyai_bridge.store import schema, tables
from moyai_bridge.store.batches import Batches
from moyai_client import Receipt
from moyai_contracts.api import Command
from sqlalchemy import Connection, delete, insert, select, update

from tests.postgresql import Server, postgresql  # noqa: F401
from tests.unit.auditor.conftest import Experiment
from tests.unit.bridge.readings import HALF_HOUR
from tests.unit.bridge.plant import Plant

MONTH = Month.named("2024-01")
DAYS = 3
READ = [MONTH.start + place * HALF_HOUR for place in range(DAYS * 48)]
SENT_ANEW = READ[7]


class _Roots:
    """The ledger in memory as the anchor sees it."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant

    def submit(self, command: Command, actor: None = None, *, envelope_store: Any) -> Receipt:
        return self._plant.story.by_bridge(command)

    def finish(self, envelope: bytes, transaction_id: str) -> Receipt:
        raise AssertionError("nothing is in doubt here")


class Municipality:
    """七尾市 with two meters, their readings of three days in January in three batches, and that month's totals."""

    def __init__(self, url: str, devices: list[str], documents: Path) -> None:
        self.url, self.devices, self.documents = url, devices, documents
        self.database = schema.open_readings(url)

    @classmethod
    def make(cls, url: str, folder: Path) -> Municipality:
        """As the bridge makes it, on the ledger's own contract."""
        database = schema.open_readings(url)
        schema.prepare(database)
        plant = Plant(database, folder)
        anchor = Anchor(Batches(database, "1"), _Roots(plant), clock=lambda: plant.story.now)
        devices = sorted(plant.device("import") for _ in range(2))
        plant.until(READ[-1])
        for day in range(DAYS):
            for device in devices:
                plant.send(device, {at: 100 + place for place, at in enumerate(READ) if place // 48 == day},
                           seq=48 * day)
            assert anchor.run_once() == 1
        plant.until(MONTH.end)
        plant.record(MONTH)
        plant.spool.close()
        database.close()
        made = cls(url, devices, folder / "documents.json")
        made.write({key: json.loads(value) for key, value in plant.story.scene.channel.ledger.state.items()
                    if key.startswith("\0devices.")})
        return made

    def copied(self, folder: Path) -> Municipality:
        """The same in files of a test's own."""
        for file in (Path(self.url.removeprefix("sqlite:///")), self.documents):
            shutil.copy(file, folder)
        return Municipality(f"sqlite:///{folder / 'readings.sqlite'}", self.devices, folder / self.documents.name)

    def write(self, documents: dict[str, Any]) -> None:
        """What is to stand on the ledger."""
        self.documents.write_text(json.dumps(documents), "utf-8")

    def tamper(self, change: Callable[[Connection, str], Any]) -> None:
        """Somebody works on the database, for instance on the first meter's readings."""
        with self.database.writing() as connection:
            change(connection, self.devices[0])


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Municipality:
    folder = tmp_path_factory.mktemp("original")
    return Municipality.make(f"sqlite:///{folder / 'readings.sqlite'}", folder)


@pytest.fixture
def municipality(original: Municipality, tmp_path: Path) -> Municipality:
    return original.copied(tmp_path)


def examined(laboratory: Experiment, municipality: Municipality) -> Any:
    municipality.database.close()
    return laboratory("readings", url=municipality.url, documents=str(municipality.documents),
                      case=secrets.token_hex(4))


def reading(device: str, at: int = SENT_ANEW) -> tuple[Any, ...]:
    return tables.reading.c.device_id == device, tables.reading.c.at == at


def _add(connection: Connection, device: str) -> None:
    row = dict(connection.execute(select(tables.reading).where(*reading(device))).mappings().one())
    connection.execute(insert(tables.reading).values(row | {"at": SENT_ANEW + 60, "seq": row["seq"]}))


def _into_no_batch(connection: Connection, device: str) -> None:
    row = dict(connection.execute(select(tables.reading).where(*reading(device))).mappings().one())
    connection.execute(insert(tables.reading).values(row | {"at": SENT_ANEW + 60, "batch": 4711}))


NAME = "the reading of import of device {device} at 2023-12-31 18:30:00 UTC"
TAMPERINGS: dict[str, tuple[Callable[[Connection, str], Any], tuple[str, ...]]] = {
    "one reading changed": (
        lambda connection, device: connection.execute(update(tables.reading).where(*reading(device)).values(raw=5)),
        (NAME + " is not the one that the root was made of",)),
    "one reading deleted": (
        lambda connection, device: connection.execute(delete(tables.reading).where(*reading(device))),
        ("a reading is missing after the reading of import of device {device} at 2023-12-31 18:00:00 UTC and before "
         "the reading of import of device {device} at 2023-12-31 19:00:00 UTC",)),
    "one reading added": (
        _add, (NAME.replace("18:30:00", "18:31:00") + " is none of those that the root was made of",)),
    "one reading added beside the batches": (
        _into_no_batch, (NAME.replace("18:30:00", "18:31:00") + " is in no batch of 172022",)),
    "a mark taken away": (
        lambda connection, device: connection.execute(update(tables.reading).where(*reading(device)).values(marks=4)),
        ("the batch counts other marks than its readings have: reset 0 instead of 1",)),
    "a key replaced": (
        lambda connection, device: connection.execute(update(tables.device).where(
            tables.device.c.device_id == device).values(key=None)),
        (NAME + " is there, but the key that proves it is not",)),
    "the leaves replaced": (
        lambda connection, device: [
            connection.execute(update(tables.batch_leaves).values(leaves=bytes(32))),
            connection.execute(update(tables.reading).where(*reading(device)).values(raw=5))],
        ("96 readings of 172022 do not have the root, and neither have the leaves kept",)),
    "a batch denied": (
        lambda connection, device: connection.execute(update(tables.batch).values(slot="20230101T0000")),
        ("the database of 172022 does not know the batch",)),
}


def test_what_was_stored_and_anchored_is_proved(laboratory: Experiment, municipality: Municipality) -> None:
    result = examined(laboratory, municipality)
    assert result["found"] == []
    assert result["compared"] == {"municipality": "172022", "batches": 3, "readings": 2 * len(READ), "waiting": 0,
                                  "erased": 0, "totals_rows": 2, "left_out": 0, "corrected": 0}


@pytest.mark.process
def test_postgresql_is_read_as_well(laboratory: Experiment, postgresql: Server, tmp_path: Path) -> None:  # noqa: F811
    url = postgresql.new_database()
    municipality = Municipality.make(url, tmp_path)
    assert examined(laboratory, municipality)["found"] == []
    change, (sentence,) = TAMPERINGS["one reading changed"]
    municipality.tamper(change)
    assert examined(laboratory, municipality)["found"][0].endswith(sentence.format(device=municipality.devices[0]))
    postgresql.drop(url)


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_found_and_named(laboratory: Experiment, municipality: Municipality, name: str) -> None:
    change, sentences = TAMPERINGS[name]
    municipality.tamper(change)
    found = examined(laboratory, municipality)["found"]
    for sentence in sentences:
        wanted = sentence.format(device=municipality.devices[0])
        assert any(told.endswith(wanted) for told in found), found


def test_the_first_and_the_last_reading_of_a_month_are_asked_for(
        laboratory: Experiment, municipality: Municipality) -> None:
    municipality.tamper(lambda connection, device: connection.execute(delete(tables.reading).where(
        *reading(device, READ[-1]))))
    found = examined(laboratory, municipality)["found"]
    assert any("the totals rest on the reading of import" in told for told in found), found


@pytest.mark.parametrize(("change", "sentence"), [(+5, "have a reading"), (-5, "had a reading")])
def test_half_hours_are_counted_anew(
        laboratory: Experiment, municipality: Municipality, change: int, sentence: str) -> None:
    documents = json.loads(municipality.documents.read_text("utf-8"))
    page = next(document for key, document in documents.items() if key.startswith("\0devices.totals"))
    page["rows"][0]["received"] += change
    municipality.write(documents)
    found = examined(laboratory, municipality)["found"]
    assert len(found) == 1 and found[0].endswith(sentence), found


def test_an_erased_device_leaves_its_leaves(laboratory: Experiment, municipality: Municipality) -> None:
    """And nothing else may be missing under that cover."""
    from moyai_bridge.store.devices import DeviceRegistry
    erased, other = municipality.devices
    DeviceRegistry(municipality.database).erase(erased)
    result = examined(laboratory, municipality)
    assert result["found"] == [] and result["compared"]["erased"] == len(READ)
    municipality.tamper(lambda connection, device: connection.execute(delete(tables.reading).where(*reading(other))))
    assert "a reading is missing" in examined(laboratory, municipality)["found"][0]


def test_what_waits_for_the_ledger_is_no_difference(laboratory: Experiment, municipality: Municipality) -> None:
    documents = json.loads(municipality.documents.read_text("utf-8"))
    last = max(key for key in documents if key.startswith("\0devices.batch\0"))
    municipality.write({key: document for key, document in documents.items() if key != last})
    found = examined(laboratory, municipality)["found"]
    assert found and "calls the batch anchored; the ledger does not have it" in found[0]
    number = int(last.strip("\0").split("\0")[-1])
    municipality.tamper(lambda connection, device: connection.execute(update(tables.batch).where(
        tables.batch.c.n == number).values(state="closed")))
    result = examined(laboratory, municipality)
    assert result["found"] == [] and result["compared"]["waiting"] == 1


@pytest.mark.parametrize("url", ["sqlite:////nowhere/readings.sqlite", "mysql://x", "postgresql://127.0.0.1:1/x"])
def test_a_database_that_is_not_there_is_one_sentence(laboratory: Experiment, tmp_path: Path, url: str) -> None:
    (tmp_path / "none.json").write_text("{}")
    with pytest.raises(AssertionError, match="Unreadable: "):
        laboratory("readings", url=url, documents=str(tmp_path / "none.json"), case=url)
