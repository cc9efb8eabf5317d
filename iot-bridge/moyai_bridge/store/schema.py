"""Making and checking the tables of the readings database."""
from __future__ import annotations

from pathlib import Path

from moyai_client.errors import MoyaiError
from moyai_database import migrations
from moyai_database.database import Database
from sqlalchemy import text

from moyai_bridge.store.availability import telling_when_away

VERSION_TABLE = "readings_version"
SCRIPTS = Path(__file__).with_name("migrations")
_LOCK = 0x6D6F79616A


class NotPrepared(MoyaiError):
    """The readings database lacks tables of this version of the programs."""


def open_readings(url: str) -> Database:
    """The readings database; what is committed there survives a power cut, for spool and broker forget it then."""
    return Database(url, survives_power_cut=True)


def prepare(database: Database) -> None:
    """Brings the tables up to date; harmless when repeated, also by several programs at once. Raises StoreAway."""
    with telling_when_away(), database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        migrations.upgrade(connection, SCRIPTS)


def check(database: Database) -> None:
    """Raises NotPrepared where `prepare` would change something, StoreAway."""
    with telling_when_away(), database.reading() as connection:
        if not migrations.is_current(connection, SCRIPTS, VERSION_TABLE):
            raise NotPrepared("The readings database is not of this version of Moyai: call 'moyai bridge prepare'.")
