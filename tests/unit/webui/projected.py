"""A municipality's database with the projection of a chain in memory."""
from __future__ import annotations

import threading
from datetime import datetime, timezone

from moyai_database.database import Database
from moyai_shim.memory import MemoryLedger

from moyai_webui.projection.projector import Projector
from moyai_webui.store import schema
from moyai_webui.store.home import SqlHome
from moyai_webui.store.projection_store import ProjectionStore
from moyai_webui.store.reading import SqlReading
from tests.unit.webui.chain import MemoryChain


class Projected:
    """The database of `municipality`; `project` brings it to the end of the chain."""

    def __init__(self, url: str, ledger: MemoryLedger, municipality: str) -> None:
        self.database = Database(url)
        schema.prepare(self.database)
        self.ledger = ledger
        self.municipality = municipality
        self.chain = MemoryChain(ledger)
        self.store = ProjectionStore(self.database.writing, municipality)
        self.projector = Projector(self.chain, self.store, municipality)
        self.reading = SqlReading(self.database, municipality, self.now)
        self.home = SqlHome(self.database)

    def now(self) -> datetime:
        """The clock of the ledger in memory."""
        return datetime.fromtimestamp(self.ledger.now, timezone.utc)

    def project(self) -> SqlReading:
        """Applies what is new and gives the read model."""
        self.projector.run(threading.Event())
        self.projector.glance()
        return self.reading

    def close(self) -> None:
        self.database.close()
