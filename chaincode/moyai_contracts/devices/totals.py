"""Pages of monthly totals: each row follows from its readings, and rows of one register meet without gap or overlap."""
from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Iterable, Sequence

from moyai_contracts import keys
from moyai_contracts.api import metering
from moyai_contracts.api.devices import TotalsRow
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.api.schema import to_json
from moyai_contracts.devices import periods
from moyai_contracts.devices.ownership import own_device, require_register
from moyai_contracts.transaction import Document, Transaction

Register = tuple[str, str]
"""Device id and register."""


@dataclass(frozen=True)
class Page:
    """A page of a month: the latest versions of the same page in the neighbouring months, None where there is none."""
    cohort: str
    month: str
    number: int
    previous_version: int | None
    following_version: int | None

    def key(self, code6: str, version: int) -> str:
        """Key of a version of this page."""
        return keys.totals(code6, self.cohort, self.month, self.number, version)

    def neighbours(self) -> Iterable[tuple[str, int | None]]:
        """Month and latest version of the page before and the page after."""
        yield periods.month_before(self.month), self.previous_version
        yield periods.month_after(self.month), self.following_version

    def keys(self, code6: str) -> Iterable[str]:
        """What is read to know that the named versions of the neighbours are their latest."""
        for month, version in self.neighbours():
            for number in (version, (version or 0) + 1):
                if number is not None:
                    yield keys.totals(code6, self.cohort, month, self.number, number)


@dataclass(frozen=True)
class Span:
    """From one reading of a register to another."""
    from_at: int
    to_at: int
    first_raw: int
    last_raw: int


def row_keys(rows: Iterable[TotalsRow]) -> Iterable[str]:
    """The devices that rows are checked against."""
    return (keys.device(row.device_id) for row in rows)


def members(rows: Iterable[TotalsRow]) -> list[Document]:
    """Rows as a page has them: members that are as usual are left out, so that 250 rows stay below 64 KB."""
    return [{name: value for name, value in to_json(row).items() if name not in _USUAL or value != _USUAL[name]}
            for row in rows]


def check(tx: Transaction, page: Page, rows: Sequence[TotalsRow]) -> None:
    """Raises Refusal `not_found`, `foreign_record`, `bad_argument`, `time_out_of_range`, `stale_revision` (a neighbour
    has another latest version), `totals_inconsistent`, `implausible`, `period_overlap`."""
    start, end = periods.month_start(page.month), periods.month_start(periods.month_after(page.month))
    for row in rows:
        _check_time(tx, row, start, end)
        _check_row(row, own_device(tx, row.device_id))
    spans = _spans(rows)
    before, after = (_neighbour(tx, page, month, version) for month, version in page.neighbours())
    for register, chain in spans.items():
        whole = [*before.get(register, [])[-1:], *chain, *after.get(register, [])[:1]]
        for earlier, later in zip(whole, whole[1:]):
            _require_meeting(register, earlier, later)
    _require_kept(tx, before, spans)


def require_all(earlier: Document, rows: Iterable[TotalsRow]) -> None:
    """Every register of an earlier version is still there, or Refusal `totals_inconsistent`."""
    present = {(row.device_id, row.register) for row in rows}
    for register in _spans_of(earlier):
        if register not in present:
            raise _inconsistent(register)


def _check_time(tx: Transaction, row: TotalsRow, start: int, end: int) -> None:
    if row.from_at > row.to_at:
        raise Refusal("bad_argument", field="from_at")
    tx.require_past(row.to_at)
    if row.to_at > end or row.from_at < row.to_at <= start:
        raise Refusal("time_out_of_range")


def _check_row(row: TotalsRow, device: Document) -> None:
    require_register(device, row.register)
    register, coefficient, seconds = (row.device_id, row.register), device["coefficient"], row.to_at - row.from_at
    shown = [row.first_raw, row.last_raw, *(raw for reset in row.resets for raw in (reset.before, reset.after))]
    falls = [(reset.before, reset.after) for reset in row.resets]
    steps = metering.counted(row.first_raw, row.last_raw, digits=device["digits"], rollovers=row.rollovers,
                             resets=falls)
    is_sound = (
        max(shown) < 10**device["digits"] and all(after < before for before, after in falls) and steps >= 0
        and row.amount == metering.amount(steps, coefficient["n"], coefficient["d"])
        and row.received + row.substituted <= row.expected and row.expected >= seconds // metering.HALF_HOUR
        and (row.quality == "substituted") == (row.substituted > 0)
        and (seconds > 0 or (row.first_raw == row.last_raw and not falls and not row.rollovers and not row.received)))
    if not is_sound:
        raise _inconsistent(register)
    if not metering.is_plausible(steps, coefficient["n"], coefficient["d"], capacity=device["capacity"],
                                 seconds=seconds):
        raise Refusal("implausible", device=row.device_id, register=row.register)


def _neighbour(tx: Transaction, page: Page, month: str, version: int | None) -> dict[Register, list[Span]]:
    """The spans of a neighbouring month's page, after making sure that no later version stands there."""
    later = (version or 0) + 1
    if tx.get(keys.totals(tx.code6, page.cohort, month, page.number, later)) is not None:
        raise Refusal("stale_revision", rev=later)
    if version is None:
        return {}
    return _spans_of(tx.need_document(keys.totals(tx.code6, page.cohort, month, page.number, version)))


def _spans_of(document: Document) -> dict[Register, list[Span]]:
    return _spans(TotalsRow(**(row | {"resets": ()})) for row in document["rows"])


def _spans(rows: Iterable[TotalsRow]) -> dict[Register, list[Span]]:
    """The spans of each register, in the order of time."""
    spans: dict[Register, list[Span]] = {}
    for row in rows:
        span = Span(row.from_at, row.to_at, row.first_raw, row.last_raw)
        spans.setdefault((row.device_id, row.register), []).append(span)
    return {register: sorted(chain, key=lambda span: (span.from_at, span.to_at)) for register, chain in spans.items()}


def _require_meeting(register: Register, earlier: Span, later: Span) -> None:
    if later.from_at < earlier.to_at:
        raise Refusal("period_overlap", device=register[0], register=register[1])
    if later.from_at > earlier.to_at or later.first_raw != earlier.last_raw:
        raise _inconsistent(register)


def _require_kept(tx: Transaction, before: dict[Register, list[Span]], spans: dict[Register, list[Span]]) -> None:
    """No register leaves its page while its device is in use: what it counts would be missing silently."""
    gone = [register for register in before if register not in spans]
    tx.load(keys.device(device_id) for device_id, _ in gone)
    for register in gone:
        if tx.need_document(keys.device(register[0]))["state"] == "active":
            raise _inconsistent(register)


def _inconsistent(register: Register) -> Refusal:
    return Refusal("totals_inconsistent", device=register[0], register=register[1])


_USUAL = {field.name: to_json(field.default) for field in fields(TotalsRow) if field.name in (
    "rollovers", "resets", "substituted")}
