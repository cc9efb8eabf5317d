"""E2: a month's totals were wrong. The earlier version stays beside the corrected one."""
from __future__ import annotations

from typing import Iterable

from moyai_contracts import keys
from moyai_contracts.api.devices import CorrectTotals
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.devices import totals
from moyai_contracts.transaction import Replayed, Transaction
from moyai_contracts.use_case import KEY, use_case

_USES = {"run": "算定", "certificate": "証書", "other_scheme": "ほかの制度"}
"""Kinds of claims as a clerk reads them."""


def _page(command: CorrectTotals) -> totals.Page:
    return totals.Page(command.cohort, command.month, command.page, command.previous_version,
                       command.following_version)


def _reads(command: CorrectTotals, code6: str, scope: str) -> Iterable[str]:
    page = _page(command)
    return [page.key(code6, command.version), page.key(code6, command.version + 1),
            keys.use(code6, command.cohort, command.month, command.page),
            *page.keys(code6), *totals.row_keys(command.rows)]


@use_case(CorrectTotals, roles="C", grade=KEY, reads=_reads)
def correct_totals(tx: Transaction, command: CorrectTotals) -> None:
    """Refuses: `bad_argument` (reason), `stale_revision`, `not_found`, `foreign_record`, `time_out_of_range`,
    `already_claimed`, `totals_inconsistent`, `implausible`, `period_overlap`."""
    page = _page(command)
    key = page.key(tx.code6, command.version + 1)
    _require_latest(tx, key, command.version + 1)
    if not command.reason:
        raise Refusal("bad_argument", field="reason")
    earlier = tx.need_document(page.key(tx.code6, command.version))
    _require_unclaimed(tx, command)
    totals.require_all(earlier, command.rows)
    totals.check(tx, page, command.rows)
    tx.create(key, {"rows": totals.members(command.rows), "supersedes": command.version, "reason": command.reason})
    tx.emit(cohort=command.cohort, month=command.month, page=command.page, version=command.version + 1,
            rows=len(command.rows), reason=command.reason)


def _require_latest(tx: Transaction, key: str, version: int) -> None:
    successor = tx.get(key)
    if successor is not None:
        if successor["cmd"] == tx.cmd:
            raise Replayed
        raise Refusal("stale_revision", rev=version)


def _require_unclaimed(tx: Transaction, command: CorrectTotals) -> None:
    use = tx.get(keys.use(tx.code6, command.cohort, command.month, command.page))
    if use is not None and use["claims"]:
        raise Refusal("already_claimed", kind=_USES[use["claims"][0]["kind"]])
