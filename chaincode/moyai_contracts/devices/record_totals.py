"""E2: what devices counted in a month; these figures bind."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts.api.devices import RecordTotals
from moyai_contracts.devices import totals
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import BRIDGE, WORKER, use_case

FIRST = 1


def _page(command: RecordTotals) -> totals.Page:
    return totals.Page(command.cohort, command.month, command.page, command.previous_version,
                       command.following_version)


def _reads(command: RecordTotals, code6: str, scope: str) -> Iterable[str]:
    page = _page(command)
    return [page.key(code6, FIRST), *page.keys(code6), *totals.row_keys(command.rows)]


@use_case(RecordTotals, services=(), unaccounted=(BRIDGE, WORKER), reads=_reads)
def record_totals(tx: Transaction, command: RecordTotals) -> None:
    """The first version of a page; a later one is a correction.

    Refuses: `id_reused`, `not_found`, `foreign_record`, `bad_argument`, `time_out_of_range`, `stale_revision`,
    `totals_inconsistent`, `implausible`, `period_overlap`; the last three with `device` and `register`.
    """
    page = _page(command)
    key = page.key(tx.code6, FIRST)
    tx.new([key])
    totals.check(tx, page, command.rows)
    tx.create(key, {"rows": totals.members(command.rows)})
    tx.emit(cohort=command.cohort, month=command.month, page=command.page, version=FIRST, rows=len(command.rows))
