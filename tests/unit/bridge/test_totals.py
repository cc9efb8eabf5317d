"""Monthly totals of what the bridge stored, on the ledger's own contract: it takes them, and they are the truth."""
from __future__ import annotations

import json

import pytest
from moyai_bridge.anchor import slot_of
from moyai_bridge.counter import Counter, Point
from moyai_bridge.monthly_row import Month, TooManyResets, monthly_row
from moyai_bridge.store.devices import ACTIVE, RETIRED
from moyai_bridge.store.substitutions import Substituted
from moyai_bridge.totals import MonthNotOver, MonthSkipped
from moyai_client.errors import Refused
from moyai_contracts.api.devices import RecordSubstitution, RetireDevice, SubstitutedRow
from ulid import ULID

from tests.contract.channel import NANAO
from tests.contract.devices_story import midnight
from tests.unit.bridge.plant import DECEMBER, FEBRUARY, JANUARY, STEP, Killed, Plant, readings_of
from tests.unit.bridge.readings import HALF_HOUR, new_device


def test_a_sound_month_has_its_counters_and_half_hours(plant: Plant) -> None:
    device = plant.device()
    plant.send(device, readings_of(DECEMBER, 5000))
    plant.until(JANUARY.start + 3 * 86400)
    assert plant.record(DECEMBER) == [{
        "device_id": device, "register": "import", "from_at": DECEMBER.start, "to_at": DECEMBER.end,
        "first_raw": 5000, "last_raw": 5000 + 1488, "amount": 148_800, "expected": 1488, "received": 1488,
        "quality": "measured"}]


def test_months_meet_whatever_was_lost_between(plant: Plant) -> None:
    """Of December the last six hours are lost and of January the first six; nothing of the sum is."""
    device = plant.device()
    readings = readings_of(DECEMBER, 999_000) | readings_of(JANUARY, 999_000 + 1488)
    lost = range(DECEMBER.end - 12 * HALF_HOUR, DECEMBER.end + 12 * HALF_HOUR)
    plant.send(device, {at: raw % 10**6 for at, raw in readings.items() if at not in lost})
    plant.until(FEBRUARY.start + 3 * 86400)
    december, = plant.record(DECEMBER)
    january, = plant.record(JANUARY)
    assert (december["to_at"], december["expected"], december["received"]) == (lost[0] - HALF_HOUR, 1488, 1475)
    assert (january["from_at"], january["first_raw"]) == (december["to_at"], december["last_raw"])
    assert december["amount"] + january["amount"] == 2 * 148_800
    assert december.get("rollovers", 0) + january.get("rollovers", 0) == 1
    assert plant.document(JANUARY)["m"] == NANAO


def test_a_reset_and_a_jump_are_told_and_not_counted(plant: Plant) -> None:
    device = plant.device()
    readings = readings_of(DECEMBER, 5000)
    reset, jump = DECEMBER.start + 400 * HALF_HOUR, DECEMBER.start + 100 * HALF_HOUR
    readings = {at: raw if at < reset else raw - 5399 for at, raw in readings.items()}
    plant.send(device, readings | {jump: 900_000})
    plant.until(JANUARY.start + 3 * 86400)
    row, = plant.record(DECEMBER)
    assert row["resets"] == [{"before": 5399, "after": 1}]
    assert (row["amount"], row["received"]) == (148_700, 1487)


def test_a_silent_register_stays_on_its_page_with_nothing(plant: Plant) -> None:
    device = plant.device()
    plant.send(device, readings_of(DECEMBER, 5000))
    plant.until(FEBRUARY.start + 3 * 86400)
    plant.record(DECEMBER)
    row, = plant.record(JANUARY)
    assert (row["from_at"], row["to_at"], row["amount"]) == (DECEMBER.end, DECEMBER.end, 0)
    assert (row["expected"], row["received"]) == (1488, 0)


def test_registers_stay_on_their_pages(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moyai_bridge.totals.ROWS_A_PAGE", 2)
    first = [plant.device() for _ in range(3)]
    for device in first:
        plant.send(device, {DECEMBER.start: 1, DECEMBER.end: 101})
    plant.until(JANUARY.start + 3 * 86400)
    assert [(page.page, page.rows) for page in plant.totals.record(DECEMBER)] == [(0, 2), (1, 1)]
    newcomer = plant.device()
    for place, device in enumerate([*first, newcomer]):
        plant.send(device, {JANUARY.start + 7200: 200, JANUARY.end: 300}, seq=10)
    plant.story.submit(RetireDevice(sorted(first)[0], "exchanged"))
    plant.registry.set_state(sorted(first)[0], RETIRED)
    plant.until(FEBRUARY.start + 3 * 86400)
    assert {row["device_id"] for row in plant.record(JANUARY)} == {*first, newcomer}
    assert {row["device_id"] for row in plant.document(JANUARY, 1)["rows"]} == {sorted(first)[2], newcomer}
    plant.until(FEBRUARY.end + 3 * 86400)
    assert {row["device_id"] for row in plant.record(FEBRUARY)} == {*sorted(first)[1:], newcomer}


def test_a_crash_after_sending_records_the_same_page_once(plant: Plant) -> None:
    device = plant.device()
    plant.send(device, readings_of(DECEMBER, 5000))
    plant.until(JANUARY.start + 3 * 86400)
    plant.crash = Killed
    with pytest.raises(Killed):
        plant.record(DECEMBER)
    plant.crash = None
    plant.send(device, {DECEMBER.end - 60: 6487}, seq=9000)  # late, and no longer in time for this page
    assert plant.record(DECEMBER) == plant.record(DECEMBER) == plant.document(DECEMBER)["rows"]


def test_a_page_that_is_refused_is_computed_afresh(plant: Plant) -> None:
    device = plant.device()
    other = new_device(device_id="Z" * 26, registers=("import",), coefficient_n=STEP)
    plant.registry.add(other, plant.story.now)
    plant.registry.set_state(other.device_id, ACTIVE)  # and nobody registered it on the ledger
    for name in (device, other.device_id):
        plant.send(name, readings_of(DECEMBER, 5000))
    plant.until(JANUARY.start + 3 * 86400)
    with pytest.raises(Refused):
        plant.record(DECEMBER)
    assert plant.pages.find(plant.totals.cohort, DECEMBER.name, 0) is None


def test_a_device_that_is_not_on_the_ledger_yet_holds_up_nobody(plant: Plant) -> None:
    device = plant.device()
    plant.registry.add(new_device(device_id="Z" * 26, registers=("import",), coefficient_n=STEP), plant.story.now)
    for name in (device, "Z" * 26):
        plant.send(name, readings_of(DECEMBER, 5000))
    plant.until(JANUARY.start + 3 * 86400)
    assert [row["device_id"] for row in plant.record(DECEMBER)] == [device]


def test_who_comes_when_the_month_is_recorded_gets_a_page_of_its_own(plant: Plant) -> None:
    first, second = plant.device(), plant.device()
    plant.send(first, readings_of(DECEMBER, 5000))
    plant.until(JANUARY.start + 3 * 86400)
    assert [(page.page, page.rows) for page in plant.totals.record(DECEMBER)] == [(0, 1)]
    plant.send(second, readings_of(DECEMBER, 7000))
    assert [(page.page, page.rows) for page in plant.totals.record(DECEMBER)] == [(0, 1), (1, 1)]
    assert plant.document(DECEMBER, 1)["rows"][0]["device_id"] == second
    for device in (first, second):
        plant.send(device, {JANUARY.end: 9000}, seq=2000)
    plant.until(FEBRUARY.start + 3 * 86400)
    assert [(page.page, page.rows) for page in plant.totals.record(JANUARY)] == [(0, 1), (1, 1)]


def test_a_first_reading_at_the_very_end_of_a_month_begins_the_next_one(plant: Plant) -> None:
    device = plant.device()
    plant.send(device, readings_of(JANUARY, 5000))
    plant.until(FEBRUARY.start + 3 * 86400)
    assert plant.record(DECEMBER) == []
    row, = plant.record(JANUARY)
    assert (row["from_at"], row["received"], row["amount"]) == (JANUARY.start, 1488, 148_800)


def test_months_are_over_and_in_order(plant: Plant) -> None:
    device = plant.device()
    plant.send(device, readings_of(DECEMBER, 5000) | readings_of(FEBRUARY, 9000))
    with pytest.raises(MonthNotOver):
        plant.until(JANUARY.start + 86400)
        plant.record(JANUARY)
    plant.record(DECEMBER)
    plant.until(FEBRUARY.end + 86400)
    with pytest.raises(MonthSkipped, match="2023-12"):
        plant.record(FEBRUARY)


def set_values(plant: Plant, rows: list[Substituted]) -> str:
    """A substitution as the page makes it: kept here, recorded on the ledger, known to be there."""
    substitution_id = str(ULID())
    plant.substitutions.add(substitution_id, rows, plant.story.now)
    receipt = plant.submit(RecordSubstitution(substitution_id, tuple(
        SubstitutedRow(row.device_id, row.register, slot_of(row.at), row.method, row.reason) for row in rows)),
        None, op=substitution_id)
    plant.substitutions.recorded(substitution_id, receipt.tx_id)
    return substitution_id


def test_a_substituted_value_is_told_apart(plant: Plant) -> None:
    device = plant.device()
    lost = DECEMBER.start + 10 * HALF_HOUR
    plant.send(device, {at: raw for at, raw in readings_of(DECEMBER, 5000).items() if at != lost})
    plant.until(JANUARY.start + 3 * 86400)
    rows = [Substituted(device, "import", lost - HALF_HOUR, 100, "interpolated", "no network")]
    substitution_id = set_values(plant, rows)
    document = plant.story.document("substitution", code6=NANAO, substitution_id=substitution_id)
    assert [(row["device_id"], row["slot"], row["method"]) for row in document["rows"]] == [
        (device, "20231130T1930", "interpolated")]
    assert "100" not in json.dumps(document["rows"])
    row, = plant.record(DECEMBER)
    assert (row["quality"], row["substituted"], row["received"], row["amount"]) == ("substituted", 1, 1487, 148_800)


def test_months_are_those_of_japan() -> None:
    assert (DECEMBER.start, DECEMBER.end) == (midnight("2023-12-01"), midnight("2024-01-01"))
    assert (DECEMBER.previous, DECEMBER.following) == ("2023-11", "2024-01")
    assert Month.before(JANUARY.start) == DECEMBER
    assert Month.before(JANUARY.start - 1).name == "2023-11"


def test_more_falls_than_a_row_takes_are_somebodys_business() -> None:
    points = [Point(place, DECEMBER.start + place * HALF_HOUR, 100_000 - place // 2 * 1000) for place in range(110)]
    with pytest.raises(TooManyResets):
        monthly_row("d", "import", Counter(1, 1, 6, 10), DECEMBER, points, start=None)
