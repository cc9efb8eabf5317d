"""Totals record themselves: a month that is over, once its readings are complete, or were waited for long enough."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import structlog
from moyai_client.errors import MoyaiError

from moyai_bridge.correction import Correction
from moyai_bridge.marks import AHEAD_SECONDS
from moyai_bridge.month_status import MonthStatus, StatusFile
from moyai_bridge.monthly_row import Month
from moyai_bridge.store.late_totals import LateTotals
from moyai_bridge.store.progress import Progress, RegisterProgress
from moyai_bridge.store.totals_pages import TotalsPages
from moyai_bridge.totals import Totals

MONTHS_WATCHED = 13
"""So far back readings that come late are looked for."""

log = structlog.get_logger()


@dataclass
class MonthClosing:
    """The months of one municipality, one after the other.

    A month waits for devices that have not come to its end by their own time, or of which messages are missing:
    `grace` seconds at most, from when it was first seen to be over or, if that is later, the device was registered.
    """

    totals: Totals
    pages: TotalsPages
    progress: Progress
    correction: Correction
    late: LateTotals
    grace: float
    clock: Callable[[], float] = time.time
    status: MonthStatus = field(default_factory=MonthStatus)

    def look(self) -> MonthStatus:
        """Records what is due, and looks for readings that came late. Raises MoyaiError."""
        now, registers = int(self.clock()), self.progress.registers()
        months = months_between(registers, now)
        waiting: dict[str, int] = {}
        recorded = self.status.recorded
        for month in months:
            lacking = self._lacking(month, registers)
            if devices := self._worth_waiting_for(month, lacking, now):
                waiting[month.name] = len(devices)
                break
            if any(_has_readings(one, month) for one in lacking):
                for page in self.totals.record(month):
                    log.info("totals", month=month.name, page=page.page, rows=page.rows)
            recorded = month.name
        late = self._look_for_late(months)
        self.status = MonthStatus(recorded, waiting, self._seen(months, now), late)
        return self.status

    def _lacking(self, month: Month, registers: Iterable[RegisterProgress]) -> list[RegisterProgress]:
        """Registers that may have a part in the month, and no row."""
        there = {(row["device_id"], row["register"])
                 for page in self.pages.of_month(self.totals.cohort, month.name) for row in page.rows}
        return [one for one in registers if (one.device_id, one.register) not in there
                and (one.installed_at if one.first_at is None else one.first_at) < month.end]

    def _worth_waiting_for(self, month: Month, lacking: Iterable[RegisterProgress], now: int) -> set[str]:
        """Devices of these whose readings may still come."""
        since = self.status.seen.get(month.name, now)
        return {one.device_id for one in lacking if one.is_active and not _is_complete(one, month, now)
                and now < max(since, one.added_at) + self.grace}

    def _look_for_late(self, months: Iterable[Month]) -> dict[str, int]:
        found = {}
        for month in list(months)[-MONTHS_WATCHED:]:
            pages = self.correction.outdated(month)
            self.late.set(self.totals.cohort, month.name, pages)
            if pages:
                found[month.name] = sum(pages.values())
        return found

    def _seen(self, months: Iterable[Month], now: int) -> dict[str, int]:
        return {month.name: self.status.seen.get(month.name, now) for month in months}


def months_between(registers: Iterable[RegisterProgress], now: int) -> list[Month]:
    """From the month of the earliest reading to the last one that is over."""
    first = min((one.first_at for one in registers if one.first_at is not None), default=now)
    found, month = [], Month.of(first)
    while month.end <= now:
        found.append(month)
        month = Month.named(month.following)
    return found


def run(closing: MonthClosing, file: StatusFile, look_seconds: float, stop: threading.Event) -> None:
    """The program: looks now and then until `stop` is set; what is foreseen to fail is tried again at the next look."""
    closing.status = file.read()
    while not stop.is_set():
        trouble = ""
        try:
            closing.look()
        except MoyaiError as error:
            trouble = str(error)
            log.warning("the totals wait", reason=trouble)
        file.write(closing.status, trouble, int(closing.clock()))
        stop.wait(look_seconds)


def _has_readings(one: RegisterProgress, month: Month) -> bool:
    """Whether there is a row to make: one in use has one though it is silent, one that ended only while it counted."""
    return one.latest_at is not None and (one.is_active or one.latest_at > month.start)


def _is_complete(one: RegisterProgress, month: Month, now: int) -> bool:
    """It was read beyond the month's end, by a clock that is not ahead, and nothing before that is missing."""
    return one.latest_at is not None and month.end < one.latest_at <= now + AHEAD_SECONDS and not one.is_missing
