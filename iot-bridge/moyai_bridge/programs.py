"""What the command line does beside running the bridge: each from its settings to its result."""
from __future__ import annotations

import time

from moyai_client import Ledger, Profile
from moyai_client.proof import ReadingProof
from moyai_database.database import Database

from moyai_bridge import pump, reading_proof
from moyai_bridge.settings import LedgerSettings, StoreSettings
from moyai_bridge.store import schema
from moyai_bridge.store.anchored import AnchoredReadings
from moyai_bridge.store.dead_letters import DeadLetters
from moyai_bridge.store.devices import DeviceRegistry
from moyai_bridge.store.intake import Intake
from moyai_bridge.store.readings import Readings
from moyai_bridge.store.substitutions import Substitutions
from moyai_bridge.store.totals_pages import TotalsPages
from moyai_bridge.totals import Totals


def totals(settings: LedgerSettings) -> Totals:
    """The monthly totals of the settings' municipality."""
    database = _database(settings)
    return Totals(DeviceRegistry(database), Readings(database), Substitutions(database), TotalsPages(database),
                  Ledger.open(Profile.load(settings.bridge_profile)), settings.municipality)


def dead_letters(settings: StoreSettings) -> DeadLetters:
    """The dead letters of the settings' municipality."""
    return DeadLetters(_database(settings))


def prove(settings: LedgerSettings, device_id: str, register: str, at: int, seq: int | None) -> ReadingProof:
    """The proof of a reading. Raises NotAnchored, NotSent, NotProven."""
    ledger = Ledger.open(Profile.load(settings.bridge_profile))
    try:
        return reading_proof.prove(AnchoredReadings(_database(settings)), ledger, device_id, register, at, seq)
    finally:
        ledger.close()


def retry(settings: StoreSettings) -> tuple[int, int]:
    """Tries all dead letters again; how many readings were stored, and how many letters are left. The bridge that the
    settings name anchors them. Raises StoreAway."""
    database = _database(settings)
    letters = DeadLetters(database)
    taken = pump.retry(Intake(database, settings.bridge_name), letters.all(), int(time.time()))
    return taken.readings, letters.count()


def _database(settings: StoreSettings) -> Database:
    database = schema.open_readings(settings.readings)
    schema.check(database)
    return database
