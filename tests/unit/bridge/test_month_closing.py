"""Months record themselves once complete or waited for; what comes later is told, and corrected by a clerk."""
from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from moyai_bridge.correction import Clerk, Correction
from moyai_bridge.ledger_pages import LedgerPages
from moyai_bridge.month_closing import MonthClosing, run
from moyai_bridge.month_status import MonthStatus, StatusFile
from moyai_bridge.page_rows import PageRows
from moyai_bridge.store.devices import RETIRED
from moyai_bridge.store.late_totals import LatePage, LateTotals
from moyai_bridge.store.progress import Progress
from moyai_client.actor_key import ActorKey
from moyai_client.errors import NotSent, Refused
from moyai_contracts.api import Actor, Command
from moyai_contracts.api.devices import RetireDevice
from moyai_database.database import Database

from tests.contract.channel import NANAO
from tests.unit.bridge.plant import DECEMBER, FEBRUARY, JANUARY, Killed, Plant, readings_of
from tests.unit.bridge.readings import HALF_HOUR

GRACE = 72 * 3600
LATE = "通信の復旧後に届いた"


class Office:
    """The program that closes months, its clerk, and what both see."""

    def __init__(self, plant: Plant, database: Database) -> None:
        self.plant, self.database = plant, database
        self.closing = self.program()
        scene = plant.story.scene
        actor = scene.official(NANAO, "C")
        self.clerk = Clerk(actor, scene.key(actor))

    def program(self) -> MonthClosing:
        """As it starts."""
        plant, ledger = self.plant, LedgerPages(self.plant, NANAO)
        self.correction = Correction(plant.registry, plant.readings, plant.pages, PageRows(
            plant.registry, plant.readings, plant.substitutions, ledger), ledger)
        return MonthClosing(plant.totals, plant.pages, Progress(self.database), self.correction,
                            LateTotals(self.database), GRACE, lambda: plant.story.now)

    def look_at(self, moment: int) -> MonthStatus:
        """Looks when this time has come."""
        self.plant.until(max(moment, self.plant.story.now))
        return self.closing.look()

    def submit(self, command: Command, actor: Actor, *, signers: Sequence[ActorKey]) -> Any:
        """The ledger as the console sends to it."""
        return self.plant.story.scene.submit(NANAO, "console", command, actor=actor, keys=tuple(signers))

    def row(self, version: int = 1) -> dict[str, Any]:
        """December's only row."""
        document = self.plant.story.document("totals", code6=NANAO, cohort=self.plant.totals.cohort,
                                             month=DECEMBER.name, page=0, version=version)
        row: dict[str, Any] = document["rows"][0]
        return row


@pytest.fixture
def office(plant: Plant, database: Database) -> Office:
    return Office(plant, database)


def until_new_year(*lost: int) -> dict[int, int]:
    """December, the half-hour after it, and without what is lost."""
    readings = readings_of(DECEMBER, 5000) | {DECEMBER.end + HALF_HOUR: 5000 + 1489}
    return {at: raw for at, raw in readings.items() if at not in lost}


def test_a_complete_month_is_recorded_at_once_and_never_again(office: Office) -> None:
    office.plant.send(office.plant.device(), until_new_year())
    found = office.look_at(DECEMBER.end + HALF_HOUR)
    assert (found.recorded, found.waiting, found.late) == ("2023-12", {}, {})
    assert office.row()["amount"] == 148_800
    height = office.plant.story.scene.channel.height
    assert office.look_at(JANUARY.start + 86400).recorded == "2023-12"
    office.closing = office.program()  # as after a restart without its file
    assert office.look_at(JANUARY.start + 86400).recorded == "2023-12"
    assert office.plant.story.scene.channel.height == height


def test_a_month_waits_for_a_meter_that_has_not_come_to_its_end(office: Office) -> None:
    complete, behind = office.plant.device(), office.plant.device()
    office.plant.send(complete, until_new_year())
    readings = until_new_year()
    office.plant.send(behind, {at: raw for at, raw in readings.items() if at < DECEMBER.end - 86400})
    found = office.look_at(DECEMBER.end + 3600)
    assert (found.recorded, found.waiting) == ("", {"2023-12": 1})
    assert found.sentences == ["2023-12 waits for 1 devices"]
    office.plant.send(behind, {at: raw for at, raw in readings.items() if at >= DECEMBER.end - 86400}, seq=1440)
    assert office.look_at(DECEMBER.end + 7200).recorded == "2023-12"
    assert {row["received"] for row in office.plant.document(DECEMBER)["rows"]} == {1488}


def test_a_month_waits_for_messages_that_are_missing_in_between(office: Office) -> None:
    device = office.plant.device()
    readings = sorted(until_new_year().items())
    office.plant.send(device, dict(readings[:100]))
    office.plant.send(device, dict(readings[101:]), seq=101)
    assert office.look_at(DECEMBER.end + 3600).waiting == {"2023-12": 1}
    office.plant.send(device, dict(readings[100:101]), seq=100)
    assert office.look_at(DECEMBER.end + 7200).recorded == "2023-12"
    assert office.row()["received"] == 1488


def test_it_waits_no_longer_than_it_may_across_restarts(office: Office, tmp_path: Path) -> None:
    """The time runs from when the month was first seen to be over: what was down then has time to report."""
    office.plant.send(office.plant.device(), {DECEMBER.start: 5000, DECEMBER.start + HALF_HOUR: 5001})
    file = StatusFile(tmp_path / "totals.status.json")
    first = DECEMBER.end + 20 * 86400
    file.write(office.look_at(first), "", first)
    office.closing = office.program()
    office.closing.status = file.read()
    assert office.look_at(first + GRACE - 60).waiting == {"2023-12": 1}
    assert office.look_at(first + GRACE).recorded == "2023-12"
    assert (office.row()["received"], office.row()["expected"]) == (1, 1488)


def test_a_meter_that_was_just_registered_has_its_own_time(office: Office) -> None:
    office.plant.send(office.plant.device(), until_new_year())
    assert office.look_at(DECEMBER.end + 20 * 86400).recorded == "2023-12"
    device = office.plant.device()
    office.plant.send(device, {DECEMBER.start: 5000})
    added = office.plant.story.now
    assert office.look_at(added + GRACE - 60).waiting == {"2023-12": 1}
    assert office.look_at(added + GRACE).waiting == {}
    assert office.plant.document(DECEMBER, 1)["rows"][0]["device_id"] == device


def test_months_follow_each_other_and_a_waiting_one_holds_up_the_next(office: Office) -> None:
    device = office.plant.device()
    readings = sorted((readings_of(DECEMBER, 5000) | readings_of(JANUARY, 6488)
                       | {FEBRUARY.start + HALF_HOUR: 7977}).items())
    office.plant.send(device, dict(readings[:100]))
    office.plant.send(device, dict(readings[101:]), seq=101)
    found = office.look_at(FEBRUARY.start + 3600)
    assert (found.recorded, found.waiting) == ("", {"2023-12": 1})
    office.plant.send(device, dict(readings[100:101]), seq=100)
    assert office.look_at(FEBRUARY.start + 7200).recorded == "2024-01"
    december, january = office.row(), office.plant.document(JANUARY)["rows"][0]
    assert (january["from_at"], january["first_raw"]) == (december["to_at"], december["last_raw"])


def test_a_meter_that_ended_is_waited_for_by_nobody_and_its_last_month_counts(office: Office) -> None:
    device = office.plant.device()
    office.plant.send(device, {DECEMBER.start: 5000, DECEMBER.start + 86400: 5048})
    office.plant.story.submit(RetireDevice(device, "exchanged"))
    office.plant.registry.set_state(device, RETIRED)
    assert office.look_at(DECEMBER.end + 3600).recorded == "2023-12"
    assert office.row()["amount"] == 4800
    assert office.look_at(FEBRUARY.start + 3600).recorded == "2024-01"
    with pytest.raises(Refused, match="not_found"):
        office.plant.document(JANUARY)


def test_a_crash_between_ledger_and_database_records_one_version(office: Office) -> None:
    office.plant.send(office.plant.device(), until_new_year())
    office.plant.crash = Killed
    with pytest.raises(Killed):
        office.look_at(DECEMBER.end + HALF_HOUR)
    office.plant.crash = None
    office.closing = office.program()
    assert office.look_at(DECEMBER.end + HALF_HOUR).recorded == "2023-12"
    with pytest.raises(Refused, match="not_found"):
        office.row(version=2)


def incomplete(office: Office) -> tuple[str, list[tuple[int, int]]]:
    """A meter of which the last day of December did not come in time; what did not."""
    device = office.plant.device()
    readings = sorted(until_new_year().items())
    office.plant.send(device, dict(readings[:1441]))
    assert office.look_at(DECEMBER.end).waiting == {"2023-12": 1}
    assert office.look_at(office.plant.story.now + GRACE).recorded == "2023-12"
    return device, readings[1441:]


def test_what_comes_late_is_told_and_a_clerk_corrects_it(office: Office) -> None:
    device, late = incomplete(office)
    assert office.row()["received"] == 1440
    office.plant.send(device, dict(late), seq=1441)
    found = office.look_at(0)
    assert found.late == {"2023-12": 1} and "correct-totals --month 2023-12" in found.sentences[0]
    assert LateTotals(office.database).all() == [LatePage("2023-12", 0, 1)]
    assert office.row()["received"] == 1440, "nothing corrects itself"
    assert office.correction.correct(DECEMBER, 0, LATE, office.clerk, office) is not None
    assert (office.row(2)["received"], office.row(2)["to_at"], office.row(2)["amount"]) == (1488, DECEMBER.end, 148_800)
    assert office.look_at(0).late == {}
    assert LateTotals(office.database).all() == []
    assert office.correction.correct(DECEMBER, 0, LATE, office.clerk, office) is None


def test_a_correction_keeps_to_where_the_next_month_begins(office: Office) -> None:
    """January begins with December's last reading: what came late counts there, and is doubled nowhere."""
    device, late = incomplete(office)
    office.plant.send(device, {at: raw for at, raw in readings_of(JANUARY, 6488).items() if at > DECEMBER.end}
                      | {FEBRUARY.start + HALF_HOUR: 7977}, seq=3000)
    office.look_at(FEBRUARY.start + HALF_HOUR)
    assert office.look_at(FEBRUARY.start + GRACE + 3600).recorded == "2024-01"
    office.plant.send(device, dict(late[:-1]), seq=1441)
    found = office.look_at(FEBRUARY.start + GRACE + 7200)
    assert found.late == {"2024-01": 1}, "January's first half-hours came late"
    assert office.correction.correct(JANUARY, 0, LATE, office.clerk, office) is not None
    row = office.plant.story.document("totals", code6=NANAO, cohort=office.plant.totals.cohort, month="2024-01",
                                      page=0, version=2)["rows"][0]
    assert row["received"] == 1488 + 48 and row["from_at"] == office.row()["to_at"]
    assert row["amount"] + office.row()["amount"] == 2 * 148_800
    assert office.look_at(FEBRUARY.start + GRACE + 7200).late == {}


def test_what_a_person_had_erased_changes_no_total(office: Office) -> None:
    device, _ = incomplete(office)
    office.plant.registry.erase(device)
    assert office.look_at(0).late == {}


def test_a_correction_needs_a_reason(office: Office) -> None:
    device, late = incomplete(office)
    office.plant.send(device, dict(late), seq=1441)
    with pytest.raises(Refused, match="bad_argument"):
        office.correction.correct(DECEMBER, 0, "", office.clerk, office)
    assert office.look_at(0).late == {"2023-12": 1}


def test_the_program_tells_what_keeps_it_and_goes_on(office: Office, tmp_path: Path,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    stop, file = threading.Event(), StatusFile(tmp_path / "totals.status.json")
    told: list[list[str]] = []
    looks = iter((NotSent("the peers are away"), None))

    def look() -> MonthStatus:
        error = next(looks)
        if error is not None:
            raise error
        stop.set()
        return office.closing.status

    monkeypatch.setattr(office.closing, "look", look)
    monkeypatch.setattr(stop, "wait", lambda seconds: told.append(json.loads(file.path.read_text())["trouble"]))
    run(office.closing, file, 1.0, stop)
    assert told == [["the peers are away"], []]


def test_a_status_that_is_not_whole_is_none(tmp_path: Path) -> None:
    file = StatusFile(tmp_path / "totals.status.json")
    assert file.read() == MonthStatus()
    file.path.write_text("{")
    assert file.read() == MonthStatus()
    written = MonthStatus("2023-12", {"2024-01": 2}, {"2024-01": 7}, {"2023-11": 1})
    file.write(written, "", 5)
    assert file.read() == written
