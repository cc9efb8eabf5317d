"""Pages of monthly totals that readings overtook: for the clerk, who has to correct them."""
from __future__ import annotations

from dataclasses import dataclass

from moyai_database.database import Database
from sqlalchemy import delete, insert, select

from moyai_bridge.store import tables
from moyai_bridge.store.availability import telling_when_away


@dataclass(frozen=True)
class LatePage:
    """A page of a month, and how many of its rows are not what the readings say by now."""
    month: str
    page: int
    rows: int


class LateTotals:
    """Pages of one municipality."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set(self, cohort: str, month: str, pages: dict[int, int]) -> None:
        """Keeps the number of overtaken rows by page; pages that are not named have none. Raises StoreAway."""
        late = tables.totals_late
        with telling_when_away(), self._database.writing() as connection:
            connection.execute(delete(late).where(late.c.cohort == cohort, late.c.month == month))
            if pages:
                connection.execute(insert(late), [
                    {"cohort": cohort, "month": month, "page": page, "rows": rows} for page, rows in pages.items()])

    def all(self) -> list[LatePage]:
        """Those that wait for a clerk, the earliest month first. Raises StoreAway."""
        late = tables.totals_late.c
        with telling_when_away(), self._database.reading() as connection:
            return [LatePage(*row) for row in connection.execute(
                select(late.month, late.page, late.rows).order_by(late.month, late.page))]
