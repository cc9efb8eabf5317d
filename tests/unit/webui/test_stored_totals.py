"""The pages of monthly totals over a ledger: what a clerk sees before and after readings came late, and the correction
that the ledger takes."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moyai_bridge.store import schema
from moyai_client import NotSent
from moyai_database.database import Database

from moyai_webui.metering import Unavailable
from moyai_webui.stored_totals import StoredTotals
from tests.contract.channel import NANAO
from tests.unit.bridge.plant import DECEMBER, Plant, readings_of
from tests.unit.bridge.readings import HALF_HOUR

MONTH, REASON = DECEMBER.name, "遅れて届いた値を含めた"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = schema.open_readings(f"sqlite:///{tmp_path / 'readings.sqlite'}")
    schema.prepare(database)
    yield database
    database.close()


@pytest.fixture
def plant(database: Database, tmp_path: Path) -> Iterator[Plant]:
    plant = Plant(database, tmp_path)
    yield plant
    plant.spool.close()


def incomplete(plant: Plant) -> tuple[str, dict[int, int]]:
    """A meter whose month is on the ledger without its last two days; what will come late."""
    device, readings = plant.device("import"), readings_of(DECEMBER, 5000)
    late = {at: raw for at, raw in readings.items() if at > DECEMBER.end - 96 * HALF_HOUR}
    plant.until(DECEMBER.end + 3600)
    plant.send(device, {at: raw for at, raw in readings.items() if at not in late})
    plant.record(DECEMBER)
    return device, late


def test_e02_a_month_shows_what_it_lacks_until_a_clerk_corrects_it(plant: Plant, database: Database) -> None:
    totals = StoredTotals(database, plant, NANAO)
    assert totals.months(12) == () and totals.month(MONTH) is None
    device, late = incomplete(plant)
    (month,) = totals.months(12)
    assert (month.state, month.total("missing"), month.percent) == ("missing", 96, 93.5)
    (row,) = totals.lacking(MONTH, 10)
    assert (row.device_id, row.missing, row.page) == (device, 96, 0)
    assert totals.correction(MONTH, 0, REASON) is None, "nothing came yet"

    plant.send(device, late, seq=5000)
    assert totals.month(MONTH).state == "overtaken" == totals.months(12)[0].state
    command = totals.correction(MONTH, 0, REASON)
    assert (command.version, command.reason, command.rows[0].received) == (1, REASON, 1488)
    plant.story.scene.submit(NANAO, "webui", command, actor=plant.story.clerk, keys=(plant.story.clerk_key(),))

    corrected = totals.month(MONTH)
    assert (corrected.state, corrected.pages[0].version, corrected.total("missing")) == ("corrected", 2, 0)
    assert totals.lacking(MONTH, 10) == () and totals.correction(MONTH, 0, REASON) is None


def test_e02_without_the_ledger_nothing_is_claimed(plant: Plant, database: Database) -> None:
    class Away:
        def evaluate(self, name: str, args: dict[str, Any]) -> Any:
            raise NotSent("no peer answers")

    incomplete(plant)
    with pytest.raises(Unavailable):
        StoredTotals(database, Away(), NANAO).months(12)
