"""The meters' pages over a readings database that bridges write: registry, tags, figures, what is odd."""
from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from moyai_bridge.device_certificates import DeviceCertificate
from moyai_bridge.decoders.message import Message
from moyai_bridge.leaves import leaf_hashes
from moyai_bridge.spool import Spooled
from moyai_bridge.store import schema
from moyai_bridge.store.batches import Batches
from moyai_bridge.store.epoch_keys import EpochKeys
from moyai_bridge.store.intake import Arrival, Intake
from moyai_client import NotSent
from moyai_client.certificate_authority import AuthorityAway
from moyai_client.proof import NotProven, TransactionProof
from moyai_contracts.api import merkle
from moyai_database.database import Database

from moyai_webui.meter_readings import NewValue, ReadingKey, Unproven
from moyai_webui.metering import DeviceFilter, Unavailable
from moyai_webui.metering_devices import NewDevice
from moyai_webui.presentation import formats
from moyai_webui.stored_metering import BrokerAddress, StoredMetering
from moyai_webui.stored_totals import StoredTotals
from moyai_webui.tag_keys import prepare_readings

DEVICE, ACCOUNT, OP = "D" * 26, "A" * 26, "0" * 26
NOW = datetime(2026, 11, 24, 3, 10, tzinfo=timezone.utc)
KEY = b"k" * 32
HALF_HOUR = 1800


class Authority:
    """A device CA that knows whom it gave what."""

    def __init__(self) -> None:
        self.away = False
        self.revoked: list[str] = []

    def enrol(self, device_id: str) -> DeviceCertificate:
        self._answer()
        return Certificate(b"certificate", b"key")

    def revoke(self, device_id: str) -> bool:
        self._answer()
        self.revoked.append(device_id)
        return True

    def _answer(self) -> None:
        if self.away:
            raise AuthorityAway("the device CA does not answer")


class Certificate(DeviceCertificate):
    """One that needs no parsing."""
    fingerprint = "fe" * 32  # type: ignore[assignment]
    serial = "1a"  # type: ignore[assignment]


class Ledger:
    """One that no peer answers."""

    def prove(self, transaction_id: str) -> TransactionProof:
        raise NotProven("1 of 3 municipalities answer")

    def evaluate(self, name: str, args: dict[str, Any]) -> Any:
        raise NotSent("no peer answers")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = schema.open_readings(f"sqlite:///{tmp_path / 'readings.sqlite'}")
    schema.prepare(database)
    EpochKeys(database).keep("2026", KEY)
    yield database
    database.close()


@pytest.fixture
def authority() -> Authority:
    return Authority()


@pytest.fixture
def metering(database: Database, authority: Authority, tmp_path: Path) -> StoredMetering:
    (tmp_path / "ca.pem").write_bytes(b"authority")
    return StoredMetering(database, authority, BrokerAddress("localhost", 8883, tmp_path / "ca.pem"), Ledger(),
                          StoredTotals(database, Ledger(), "172022"), lambda: NOW)


def new_device() -> NewDevice:
    return NewDevice(DEVICE, ACCOUNT, "meter", "住まい", "SM1", "", ("import", "export"), 6000, "Wh", (100, 1), 6,
                     date(2026, 4, 1), OP)


def arrive(database: Database, slots: list[int], *, topic: str = f"m/{DEVICE}/registers") -> None:
    """Readings at half-hours before `NOW`, one step bought in each, none sold."""
    last = int(NOW.timestamp()) // HALF_HOUR * HALF_HOUR
    arrivals = []
    for number, slot in enumerate(slots):
        message = Message(DEVICE, 1000 - slot, last - slot * HALF_HOUR, {"import": 1000 - slot, "export": 5}, "Wh")
        arrivals.append(Arrival(Spooled(number, topic, b"{}", last - slot * HALF_HOUR + 5), message))
    Intake(database, "1").take("spool", arrivals, int(NOW.timestamp()))


def test_e01_a_device_is_pending_until_the_ledger_took_it(metering: StoredMetering) -> None:
    enrolment = metering.enrol(new_device())
    assert (enrolment.private_key, enrolment.authority, enrolment.broker_port) == (b"key", b"authority", 8883)
    device = metering.device(DEVICE)
    assert (device.state, device.certificate, device.op, device.installed_on) == (
        "pending", "fe" * 32, OP, date(2026, 4, 1))
    metering.activate(DEVICE)
    assert metering.device(DEVICE).health(NOW) == "waiting"
    metering.end(DEVICE, "retired")
    metering.activate(DEVICE)
    assert metering.device(DEVICE).state == "retired"
    assert metering.devices(DeviceFilter()).total == 0 and metering.devices(DeviceFilter(state="ended")).total == 1


def test_e01_a_refused_device_loses_certificate_and_entry(metering: StoredMetering, authority: Authority) -> None:
    metering.enrol(new_device())
    authority.away = True
    with pytest.raises(Unavailable):
        metering.discard(DEVICE)
    assert metering.device(DEVICE) is not None
    authority.away = False
    metering.discard(DEVICE)
    metering.discard(DEVICE)
    assert metering.device(DEVICE) is None and authority.revoked == [DEVICE]


def test_e01_without_the_device_ca_nothing_is_kept(metering: StoredMetering, authority: Authority) -> None:
    authority.away = True
    with pytest.raises(Unavailable):
        metering.enrol(new_device())
    assert metering.device(DEVICE) is None


def test_e01_tags_are_keyed_by_the_fiscal_year(metering: StoredMetering, database: Database) -> None:
    (tag,) = metering.tags("SM1", "", date(2027, 2, 28))
    assert (tag.kind, tag.epoch) == ("serial", "2026")
    assert tag.tag == hmac.new(KEY, b"serialSM1", hashlib.sha256).hexdigest()
    with pytest.raises(Unavailable):
        metering.tags("SM1", "", date(2027, 3, 1))  # its last month needs the next year's too
    EpochKeys(database).keep("2027", b"n" * 32)
    tags = metering.tags("SM1", "0300", date(2027, 3, 1))
    assert [(tag.kind, tag.epoch) for tag in tags] == [
        ("serial", "2026"), ("supply_point", "2026"), ("serial", "2027"), ("supply_point", "2027")]
    assert len({tag.tag for tag in tags}) == 4


def test_e01_devices_without_the_coming_year_s_tags_are_renewed(metering: StoredMetering, database: Database) -> None:
    metering.enrol(new_device())
    assert metering.without_tags() == {"2026": 0, "2027": 0}, "pending devices have none to renew"
    metering.activate(DEVICE)
    assert metering.without_tags() == {"2026": 0, "2027": 1}
    with pytest.raises(Unavailable):
        metering.renewals("2027", 10)
    EpochKeys(database).keep("2027", b"n" * 32)
    (renewed,) = metering.renewals("2027", 10)
    assert renewed.device_id == DEVICE
    assert [tag.tag for tag in renewed.tags] == [hmac.new(b"n" * 32, b"serialSM1", hashlib.sha256).hexdigest()]
    metering.renewed("2027", [DEVICE])
    assert metering.without_tags() == {"2026": 0, "2027": 0} and metering.renewals("2027", 10) == ()


def test_e01_what_was_registered_in_the_last_month_has_both_years_tags(database: Database, authority: Authority,
                                                                       tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(b"authority")
    march = datetime(2027, 3, 1, tzinfo=formats.JST)
    metering = StoredMetering(database, authority, BrokerAddress("localhost", 8883, tmp_path / "ca.pem"), Ledger(),
                              StoredTotals(database, Ledger(), "172022"), lambda: march)
    metering.enrol(new_device())
    metering.activate(DEVICE)
    assert metering.without_tags() == {"2026": 0, "2027": 0}


def test_e01_all_municipalities_get_the_same_keys_and_keep_them(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path / name}" for name in ("a.sqlite", "b.sqlite")]
    prepare_readings(urls[:1], NOW.date(), all_here=True)
    stores = [EpochKeys(schema.open_readings(url)) for url in urls]
    before = stores[0].find("2026")
    prepare_readings(urls, NOW.date(), all_here=True)
    for epoch in ("2026", "2027"):
        assert stores[0].find(epoch) == stores[1].find(epoch) is not None
    assert stores[0].find("2026") == before and stores[0].find("2026") != stores[0].find("2027")


def test_e03_an_account_sees_what_its_meters_counted(metering: StoredMetering, database: Database) -> None:
    assert metering.as_of() is None
    metering.enrol(new_device())
    arrive(database, [6, 5, 4, 3, 2, 1, 0])
    Intake(database, "1").note_current(int(NOW.timestamp()) - 300)
    assert metering.as_of() == NOW.replace(microsecond=0) - timedelta(minutes=5), "the bridge is stuck since then"
    last = NOW.replace(minute=0)
    edges = [last - timedelta(hours=3), last - timedelta(hours=1), last, last + timedelta(hours=1)]
    counted = metering.counted(ACCOUNT, edges)
    assert [part.amounts.get("import") for part in counted] == [400, 200, None]
    assert counted[0].amounts["export"] == 0 and [part.missing for part in counted] == [0, 0, 0]
    assert metering.counted("B" * 26, edges)[0].amounts == {}


def test_e01_gaps_are_counted_and_marked(metering: StoredMetering, database: Database) -> None:
    metering.enrol(new_device())
    metering.activate(DEVICE)
    arrive(database, [6, 5, 1, 0])
    (device,) = metering.devices(DeviceFilter(text="SM1", account=ACCOUNT)).rows
    assert device.gaps == 3 and device.health(NOW) == "fine"
    assert metering.devices(DeviceFilter(state="silent")).total == 0
    marked = metering.marked_readings(mark="gap")
    assert marked.total == 2 and {row.key.register for row in marked.rows} == {"import", "export"}
    assert all(row.marks == ("gap",) and row.label == "住まい" for row in marked.rows)
    assert metering.marked_readings(mark="reset").total == 0


def test_e01_what_nobody_registered_is_a_dead_letter(metering: StoredMetering, database: Database) -> None:
    arrive(database, [1, 0])
    page = metering.dead_letters(size=1)
    assert page.total == 2 and len(page.rows) == 1
    (letter,) = page.rows
    assert (letter.device_id, letter.size, letter.beginning) == (DEVICE, 2, "{}")
    assert "not registered" in letter.reason


def test_e02_half_hours_show_what_was_read_and_what_is_missing(metering: StoredMetering, database: Database) -> None:
    metering.enrol(new_device())
    arrive(database, [5, 4, 2, 1])
    last = datetime.fromtimestamp(int(NOW.timestamp()) // HALF_HOUR * HALF_HOUR, timezone.utc)
    halves = metering.half_hours(DEVICE, last - timedelta(hours=4), last)
    assert [len(half.readings) for half in halves] == [2, 2, 0, 2, 2, 0]  # the last one is over and has not come
    assert halves[0].begin == last - timedelta(minutes=180)
    assert halves[0].readings[0].at == last - timedelta(minutes=150)
    assert {reading.key.register for reading in halves[0].readings} == {"import", "export"}
    assert "gap" in halves[3].readings[0].marks
    assert metering.half_hours("0" * 26, last - timedelta(hours=4), last) == ()


def test_e02_a_reading_tells_how_far_its_proof_is(metering: StoredMetering, database: Database) -> None:
    metering.enrol(new_device())
    arrive(database, [2])
    (half,) = (half for half in metering.half_hours(DEVICE, NOW - timedelta(hours=2), NOW) if half.readings)
    key = next(reading.key for reading in half.readings if reading.key.register == "import")
    assert metering.reading(replace(key, raw=key.raw + 1)) is None and metering.reading(replace(key, seq=1)) is None
    assert metering.reading(key).batch is None and metering.reading(key).amount == key.raw * 100
    assert reason(metering, key) == "waiting"
    batches = Batches(database, "1")
    batches.begin_closing("20261124T0300", int(NOW.timestamp()))
    (batch,) = batches.in_state("closing")
    readings = batches.readings(batch.batch)
    leaves = leaf_hashes(readings)
    batches.close(batch.batch, leaves, merkle.root(leaves).hex(), readings)
    assert reason(metering, key) == "waiting"
    batches.anchored(batch.batch, None, None, 5)
    assert reason(metering, key) == "unknown"
    batches.anchored(batch.batch, "ab" * 32, 7, 5)
    assert reason(metering, key) == "away"
    record = metering.reading(key)
    assert (record.batch.slot, record.batch.size, record.batch.transaction_id, record.batch.block) == (
        "20261124T0300", 2, "ab" * 32, 7)
    assert bytes.fromhex(record.leaf) in leaves


def reason(metering: StoredMetering, key: ReadingKey) -> str:
    with pytest.raises(Unproven) as caught:
        metering.prove(key)
    return caught.value.reason


def test_e02_a_value_that_was_set_shows_in_its_half_hour_once_the_ledger_has_it(metering: StoredMetering,
                                                                                database: Database) -> None:
    metering.enrol(new_device())
    arrive(database, [5, 4, 1])
    last = datetime.fromtimestamp(int(NOW.timestamp()) // HALF_HOUR * HALF_HOUR, timezone.utc)
    edges = [last - timedelta(minutes=30 * number) for number in (5, 4, 3, 2, 1)]
    before = metering.counted(ACCOUNT, edges)
    assert [part.amounts.get("import") for part in before] == [100, None, None, 300]
    value = NewValue(DEVICE, "import", edges[1], 120, "bill", "検針票")
    metering.keep_values(OP, [value])
    metering.keep_values(OP, [value])
    assert metering.waiting_values() == (OP,) and metering.counted(ACCOUNT, edges) == before
    metering.settle_values(OP, "ab" * 32)
    after = metering.counted(ACCOUNT, edges)
    assert [part.amounts.get("import") for part in after] == [100, 120, None, 180]
    assert [part.substituted for part in after] == [0, 1, 0, 0] and metering.waiting_values() == ()
    (recorded,) = metering.recorded_values().rows
    assert (recorded.label, recorded.amount, recorded.begin, recorded.transaction_id) == (
        "住まい", 120, edges[1], "ab" * 32)
    metering.keep_values("1" * 26, [value])
    metering.settle_values("1" * 26, "")
    assert metering.recorded_values().total == 1
