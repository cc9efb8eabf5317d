"""What the command line does beside running the bridge: each from its settings to its result."""
from __future__ import annotations

import time
from collections.abc import Iterator

from moyai_client import Ledger, Profile
from moyai_client.actor_key import ActorKey
from moyai_client.directory import Console
from moyai_client.proof import ReadingProof
from moyai_contracts.api import Actor
from moyai_database.database import Database

from moyai_bridge import pump, reading_proof
from moyai_bridge.correction import Clerk, Correction
from moyai_bridge.ledger_pages import LedgerPages
from moyai_bridge.month_closing import MonthClosing
from moyai_bridge.monthly_row import Month
from moyai_bridge.settings import ConsoleSettings, LedgerSettings, StoreSettings, TotalsSettings
from moyai_bridge.store import schema
from moyai_bridge.store.anchored import AnchoredReadings
from moyai_bridge.store.dead_letters import DeadLetters
from moyai_bridge.store.devices import DeviceRegistry
from moyai_bridge.store.intake import Intake
from moyai_bridge.store.late_totals import LateTotals
from moyai_bridge.store.progress import Progress
from moyai_bridge.store.readings import Readings
from moyai_bridge.store.substitutions import Substitutions
from moyai_bridge.store.totals_pages import TotalsPages
from moyai_bridge.totals import Totals


def totals(settings: LedgerSettings) -> Totals:
    """The monthly totals of the settings' municipality."""
    return _totals(_database(settings), Ledger.open(Profile.load(settings.bridge_profile)), settings.municipality)


def month_closing(settings: TotalsSettings) -> MonthClosing:
    """What records the totals of the settings' municipality by itself."""
    database = _database(settings)
    ledger = Ledger.open(Profile.load(settings.bridge_profile))
    return MonthClosing(_totals(database, ledger, settings.municipality), TotalsPages(database), Progress(database),
                        Correction.over(database, ledger, settings.municipality), LateTotals(database),
                        settings.totals_grace_seconds)


def correct_totals(settings: ConsoleSettings, month: Month, reason: str, clerk: str) -> Iterator[tuple[int, str]]:
    """Corrects every page of a month that late readings overtook, by a clerk whose key the console keeps.

    Gives page and transaction id. Raises ProfileError, Refused.
    """
    database, console = _database(settings), Console.open(settings.console)
    try:
        signing = Clerk(Actor(clerk, "C", settings.municipality), ActorKey.load(console.keys, clerk))
        correction = Correction.over(database, console.ledger, settings.municipality)
        for page in correction.outdated(month):
            receipt = correction.correct(month, page, reason, signing, console.ledger)
            if receipt is not None:
                yield page, receipt.tx_id
        LateTotals(database).set(LedgerPages(console.ledger, settings.municipality).cohort, month.name,
                                 correction.outdated(month))
    finally:
        console.ledger.close()


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


def _totals(database: Database, ledger: Ledger, municipality: str) -> Totals:
    return Totals(DeviceRegistry(database), Readings(database), Substitutions(database), TotalsPages(database), ledger,
                  municipality)


def _database(settings: StoreSettings) -> Database:
    database = schema.open_readings(settings.readings)
    schema.check(database)
    return database
