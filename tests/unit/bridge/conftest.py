"""A readings database of each kind, for the tests of the bridge."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moyai_bridge.store import schema
from moyai_bridge.store.devices import DeviceRegistry
from moyai_database.database import Database

from tests.postgresql import database_url, postgresql  # noqa: F401
from tests.unit.bridge.plant import Plant
from tests.unit.bridge.readings import register


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:  # noqa: F811
    """An empty one."""
    database = schema.open_readings(database_url)
    schema.prepare(database)
    yield database
    database.close()


@pytest.fixture
def registry(database: Database) -> DeviceRegistry:
    """Two active devices."""
    registry = DeviceRegistry(database)
    register(registry, 1, 2)
    return registry


@pytest.fixture
def plant(database: Database, tmp_path: Path) -> Iterator[Plant]:
    """A bridge over a ledger in memory."""
    plant = Plant(database, tmp_path)
    yield plant
    plant.spool.close()
