"""Pages of monthly totals on their way to the ledger; what is on a page is fixed before it is sent."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moyai_database.database import Database
from sqlalchemy import ColumnElement, RowMapping, delete, func, insert, select, update

from moyai_bridge.store import tables

Register = tuple[str, str]
"""Device id and register."""


@dataclass(frozen=True)
class PreparedPage:
    """A page with the operation that records it; `transaction_id` is None until it is on the ledger."""
    cohort: str
    month: str
    page: int
    op: str
    rows: list[dict[str, Any]]
    previous_version: int | None
    transaction_id: str | None


class TotalsPages:
    """Pages of one municipality."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def place(self, cohort: str, registers: Iterable[Register], rows_a_page: int,
              month: str) -> dict[int, list[Register]]:
        """Registers by page: each stays where it is, new ones fill the last page and then new pages.

        A page of this month that is made already gets none: who comes late has a page to come on.
        """
        place = tables.totals_place
        with self._database.writing() as connection:
            pages: dict[int, list[Register]] = {}
            for row in connection.execute(select(place).where(place.c.cohort == cohort)).mappings():
                pages.setdefault(row["page"], []).append((row["device_id"], row["register"]))
            known = {register for registers_there in pages.values() for register in registers_there}
            made = connection.scalar(select(func.max(tables.totals.c.page)).where(
                tables.totals.c.cohort == cohort, tables.totals.c.month == month))
            first_open = 0 if made is None else made + 1
            for device_id, register in sorted(set(registers) - known):
                page = max(first_open, max(pages, default=0))
                page += len(pages.get(page, ())) >= rows_a_page
                pages.setdefault(page, []).append((device_id, register))
                connection.execute(insert(place).values(cohort=cohort, device_id=device_id, register=register,
                                                        page=page))
        return {page: sorted(there) for page, there in sorted(pages.items())}

    def placed(self, cohort: str, page: int) -> list[Register]:
        """Registers whose place is on a page."""
        place = tables.totals_place.c
        with self._database.reading() as connection:
            return [(row[0], row[1]) for row in connection.execute(select(place.device_id, place.register).where(
                place.cohort == cohort, place.page == page).order_by(place.device_id, place.register))]

    def find(self, cohort: str, month: str, page: int) -> PreparedPage | None:
        """The page as it was prepared, or None."""
        with self._database.reading() as connection:
            row = connection.execute(select(tables.totals).where(*_key(cohort, month, page))).mappings().first()
        return None if row is None else _page(row)

    def of_month(self, cohort: str, month: str, *, sent: bool = True) -> list[PreparedPage]:
        """The month's pages that are on the ledger; with `sent` false those on their way there too."""
        totals = tables.totals.c
        conditions = [totals.cohort == cohort, totals.month == month]
        if sent:
            conditions.append(totals.transaction_id.is_not(None))
        with self._database.reading() as connection:
            rows = connection.execute(select(tables.totals).where(*conditions).order_by(totals.page)).mappings().all()
        return [_page(row) for row in rows]

    def latest_month(self, cohort: str, page: int) -> str | None:
        """The latest month of which the page is on the ledger."""
        totals = tables.totals.c
        with self._database.reading() as connection:
            return connection.scalar(select(func.max(totals.month)).where(
                totals.cohort == cohort, totals.page == page, totals.transaction_id.is_not(None)))

    def prepare(self, page: PreparedPage) -> None:
        """Fixes what is on a page."""
        with self._database.writing() as connection:
            connection.execute(insert(tables.totals).values(
                cohort=page.cohort, month=page.month, page=page.page, op=page.op, rows=page.rows,
                previous_version=page.previous_version))

    def recorded(self, page: PreparedPage, transaction_id: str, now: int) -> None:
        """The page is on the ledger."""
        with self._database.writing() as connection:
            connection.execute(update(tables.totals).where(*_key(page.cohort, page.month, page.page)).values(
                transaction_id=transaction_id, recorded_at=now))

    def corrected(self, cohort: str, month: str, page: int, rows: list[dict[str, Any]]) -> None:
        """A later version of the page is on the ledger."""
        with self._database.writing() as connection:
            connection.execute(update(tables.totals).where(*_key(cohort, month, page)).values(rows=rows))

    def months(self, cohort: str, most: int) -> list[str]:
        """The latest months of which a page is here, the latest first."""
        totals = tables.totals.c
        with self._database.reading() as connection:
            return list(connection.scalars(select(totals.month).where(totals.cohort == cohort).distinct().order_by(
                totals.month.desc()).limit(most)))

    def refused(self, page: PreparedPage) -> None:
        """The ledger did not take the page: it is computed afresh the next time."""
        with self._database.writing() as connection:
            connection.execute(delete(tables.totals).where(
                *_key(page.cohort, page.month, page.page), tables.totals.c.transaction_id.is_(None)))


def _page(row: RowMapping) -> PreparedPage:
    return PreparedPage(row["cohort"], row["month"], row["page"], row["op"], row["rows"], row["previous_version"],
                        row["transaction_id"])


def _key(cohort: str, month: str, page: int) -> tuple[ColumnElement[bool], ...]:
    totals = tables.totals.c
    return totals.cohort == cohort, totals.month == month, totals.page == page
