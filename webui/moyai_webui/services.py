"""Putting the web UI together from its settings."""
from __future__ import annotations

from moyai_bridge.device_certificates import DeviceCaSettings, DeviceCertificates
from moyai_bridge.store import schema as readings
from moyai_client import Ledger, Profile
from moyai_database.database import Database

from moyai_webui import scope
from moyai_webui.home import Services
from moyai_webui.ledger_proofs import LedgerProofs
from moyai_webui.metering import Metering
from moyai_webui.settings import Settings
from moyai_webui.store import schema
from moyai_webui.store.home import SqlHome
from moyai_webui.store.identity import open_identity
from moyai_webui.store.reading import SqlReading
from moyai_webui.store.submissions import SubmissionStore
from moyai_webui.stored_metering import BrokerAddress, StoredMetering
from moyai_webui.stored_totals import StoredTotals
from moyai_webui.submission import LedgerSubmissions


def open_services(settings: Settings) -> Services:
    """What the pages are built upon. Raises NotPrepared, ProfileError."""
    database = Database(settings.database)
    schema.check(database)
    database.close()  # a connection that was opened before a fork belongs to nobody after it
    ledger = Ledger.open(Profile.load(settings.profile))
    return Services(
        reading=SqlReading(database, settings.municipality, scope=scope.current),
        home=SqlHome(database),
        submissions=LedgerSubmissions(SubmissionStore(database, settings.municipality), ledger),
        proofs=LedgerProofs(ledger),
        metering=_open_metering(settings, ledger),
        identity=open_identity(database),
    )


def _open_metering(settings: Settings, ledger: Ledger) -> Metering | None:
    """The meters, where the municipality has a broker. Raises NotPrepared of the readings database."""
    if not settings.readings_url or settings.broker_ca is None:
        return None
    database = readings.open_readings(settings.readings_url)
    readings.check(database)
    database.close()
    return StoredMetering(database, DeviceCertificates(DeviceCaSettings()),  # type: ignore[call-arg]
                          BrokerAddress(settings.broker_host, settings.broker_port, settings.broker_ca), ledger,
                          StoredTotals(database, ledger, settings.municipality))
