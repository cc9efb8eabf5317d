"""PostgreSQL looks only into the months that are asked for, however many years of readings there are."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moyai_bridge.monthly_row import Month
from moyai_bridge.store import schema, tables
from moyai_bridge.store.anchored import AnchoredReadings
from moyai_bridge.store.devices import DeviceRegistry
from moyai_bridge.store.partitions import Partitions
from moyai_bridge.store.readings import Readings
from moyai_database.database import Database
from sqlalchemy import event, insert, text

from tests.postgresql import Server, postgresql  # noqa: F401
from tests.unit.bridge.readings import HALF_HOUR, device_id, new_device, register

MONTHS = [Month.named(f"{year}-{month:02}") for year in (2024, 2025) for month in range(1, 13)]
JUNE = MONTHS[5]
NOW = MONTHS[-1].end
AROUND_JUNE = {"reading_2024_05", "reading_2024_06", "reading_2024_07"}
"""Months in Japan begin nine hours before those of the tables; a month's readings are confirmed by those after it."""

pytestmark = pytest.mark.process


@pytest.fixture
def two_years(postgresql: Server) -> Iterator[Database]:  # noqa: F811
    """Readings of one device, four a day."""
    url = postgresql.new_database()
    database = schema.open_readings(url)
    schema.prepare(database)
    register(DeviceRegistry(database), 1)
    times = range(MONTHS[0].start, NOW, 12 * HALF_HOUR)
    with database.writing() as connection:
        Partitions().provide(connection, "reading", times, NOW)
        connection.execute(insert(tables.reading), [
            {"device_id": device_id(1), "register": name, "at": at, "seq": number, "raw": 100 + number, "marks": 0,
             "received_at": at, "message": number, "batch": 1}
            for number, at in enumerate(times) for name in ("export", "import")])
        connection.execute(text("ANALYZE reading"))
    yield database
    database.close()
    postgresql.drop(url)


def _looked_into(database: Database, ask: Callable[[], Any]) -> set[str]:
    """Tables of readings that PostgreSQL opens for a question."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "FROM reading" in statement:
            asked.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    ask()
    event.remove(database.engine, "before_cursor_execute", note)
    assert asked
    found: set[str] = set()
    with database.reading() as connection:
        for statement, parameters in asked:
            (plan,) = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters).one()
            found |= set(_opened(plan[0]["Plan"]))
    return found


def _opened(node: dict[str, Any]) -> Iterator[str]:
    if node["Actual Loops"] and node.get("Relation Name", "").startswith("reading_"):
        yield node["Relation Name"]
    for child in node.get("Plans", ()):
        yield from _opened(child)


def test_a_page_of_a_month_looks_into_its_months(two_years: Database) -> None:
    account = new_device(1).account
    days = [*range(JUNE.start, JUNE.end, 86400), JUNE.end]
    found = _looked_into(two_years, lambda: Readings(two_years).counted(account, days, NOW))
    assert found == AROUND_JUNE


def test_gaps_of_a_month_look_into_its_months(two_years: Database) -> None:
    devices = DeviceRegistry(two_years).all()
    found = _looked_into(two_years, lambda: Readings(two_years).gaps(devices, MONTHS[-1].start, NOW))
    assert found <= {"reading_2023_12", "reading_2025_11", "reading_2025_12"}, "the last, and one with an older reading"


def test_a_month_s_totals_look_into_its_months(two_years: Database) -> None:
    readings = Readings(two_years)
    assert _looked_into(two_years, lambda: readings.points(
        device_id(1), "import", JUNE.start, JUNE.end)) <= AROUND_JUNE


def test_a_reading_s_proof_looks_into_its_month(two_years: Database) -> None:
    assert _looked_into(two_years, lambda: AnchoredReadings(two_years).find(
        device_id(1), "import", JUNE.start + 86400 * 10)) == {"reading_2024_06"}
