"""Questions to the readings: what an account's meters counted, what is odd, what is missing."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from moyai_database.database import Database
from sqlalchemy import ColumnElement, Connection, Integer, func, select

from moyai_bridge import counting, marks, set_values
from moyai_bridge.counter import Point
from moyai_bridge.monthly_row import slot
from moyai_bridge.set_values import SetValue
from moyai_bridge.store import tables
from moyai_bridge.store.devices import Device, to_device
from moyai_bridge.store.half_hours import expected
from moyai_bridge.store.substitutions import Substitutions

CONFIRMED_SECONDS = 2 * 24 * 3600
"""How far beyond the end readings are looked at: a fall is believed by the reading after it."""
NEARBY_SECONDS = 35 * 24 * 3600
"""How far back the reading before a time is looked for at first: PostgreSQL opens the tables of these months alone."""
EARLIER_SECONDS = 12 * 3600
"""How far before the beginning: a wrong clock is told by its neighbours."""
_READING = tables.reading.c


@dataclass(frozen=True)
class AccountCounted:
    """What an account's registers counted between two times, in units, over all its devices; a register without a
    reading is absent. `missing`: half-hours of its devices, of those that are over, without a reading; `substituted`:
    how many of these were given a value."""
    amounts: Mapping[str, int]
    missing: int
    substituted: int = 0


@dataclass(frozen=True)
class MarkedReading:
    """A reading with its marks, and what its device is called."""
    device_id: str
    label: str
    register: str
    at: int
    seq: int
    raw: int
    marks: tuple[str, ...]
    received_at: int


class Readings:
    """Readings of one municipality."""

    def __init__(self, database: Database) -> None:
        self._database, self._substitutions = database, Substitutions(database)

    def as_of(self) -> int | None:
        """All that had come to every bridge by then can be read here: late where a bridge is stuck; None before the
        first one ran."""
        with self._database.reading() as connection:
            return connection.scalar(select(func.min(tables.spool_position.c.current_at)))

    def counted(self, account: str, edges: Sequence[int], now: int) -> list[AccountCounted]:
        """What was counted between each two neighbouring times, which rise."""
        amounts: list[dict[str, int]] = [{} for _ in edges[1:]]
        missing, substituted = [0] * len(amounts), [0] * len(amounts)
        with self._database.reading() as connection:
            rows = connection.execute(select(tables.device).where(tables.device.c.account == account)).mappings()
            for device in [to_device(row) for row in rows]:
                times: set[int] = set()
                given = [0] * len(amounts)
                for register in device.registers:
                    points = self._around(connection, device, register, edges[0], edges[-1])
                    times.update(point.at for point in points)
                    parts, set_here = self._parts(device, register, points, edges)
                    given = [max(pair) for pair in zip(given, set_here)]
                    for place, amount in enumerate(parts):
                        if amount is not None:
                            amounts[place][register] = amounts[place].get(register, 0) + amount
                # What was read before the first edge is among them, if there is any.
                _add_missing(device, min(times, default=None), times, edges, now, missing)
                substituted = [sum(pair) for pair in zip(substituted, given)]
        return [AccountCounted(*part) for part in zip(amounts, missing, substituted)]

    def points(self, device_id: str, register: str, after: int, until: int) -> list[Point]:
        """Readings of a register whose time lies in (after, until]."""
        with self._database.reading() as connection:
            return _points(connection, device_id, register, _READING.at > after, _READING.at <= until)

    def first_at(self, device_id: str, register: str, until: int) -> int | None:
        """Time of a register's earliest reading up to a time."""
        with self._database.reading() as connection:
            return connection.scalar(select(func.min(_READING.at)).where(
                *_of(device_id, register), _READING.at <= until))

    def last_at(self, device_id: str, register: str, until: int) -> int | None:
        """Time of a register's latest reading up to a time."""
        with self._database.reading() as connection:
            return connection.scalar(select(func.max(_READING.at)).where(
                *_of(device_id, register), _READING.at <= until))

    def marked(self, mark: str = "", *, limit: int, offset: int = 0) -> tuple[int, list[MarkedReading]]:
        """How many readings carry a mark (any if empty), and a page of them, the latest received first."""
        conditions: list[ColumnElement[bool]] = [_READING.marks != 0]
        if mark:
            conditions.append(_READING.marks.op("&", return_type=Integer)(marks.to_bits(frozenset({mark}))) != 0)
        query = select(_READING.device_id, tables.device.c.label, _READING.register, _READING.at, _READING.seq,
                       _READING.raw, _READING.marks, _READING.received_at).join_from(
            tables.reading, tables.device, _READING.device_id == tables.device.c.device_id).where(*conditions).order_by(
            _READING.received_at.desc(), _READING.device_id, _READING.register, _READING.at.desc())
        with self._database.reading() as connection:
            total = connection.scalar(select(func.count()).select_from(tables.reading).where(*conditions)) or 0
            rows = connection.execute(query.limit(limit).offset(offset))
            return total, [MarkedReading(*row[:6], marks.from_bits(row[6]), row[7]) for row in rows]

    def gaps(self, devices: Iterable[Device], since: int, now: int) -> dict[str, int]:
        """By device the half-hours from `since` on that are over and without a reading; none before its first."""
        found = {}
        with self._database.reading() as connection:
            for device in devices:
                read = select(_READING.at).where(*_of(device.device_id, device.registers[0]))
                times = set(connection.scalars(read.where(_READING.at.between(since, now))))
                is_older = connection.execute(read.where(_READING.at < since).limit(1)).first() is not None
                missing = [0]
                _add_missing(device, since if is_older else min(times, default=None), times, (since, now), now, missing)
                found[device.device_id] = missing[0]
        return found

    def _parts(self, device: Device, register: str, points: Sequence[Point],
               edges: Sequence[int]) -> tuple[list[int | None], list[int]]:
        """What a register counted in each part, and how many half-hours of it were given a value."""
        counted = counting.count(device.counter, points)
        parts, believed = counting.amounts(device.counter, counted, edges), [item.point.at for item in counted.believed]
        since = max((at for at in believed if at <= edges[0]), default=edges[0])
        values = [SetValue(row.at, row.amount) for row in self._substitutions.of(
            device.device_id, register, since, edges[-1])]
        return parts, set_values.place(parts, edges, [point.at for point in points], believed, values)

    def _around(self, connection: Connection, device: Device, register: str, start: int, end: int) -> list[Point]:
        """Readings from the last ones up to `start` until those that confirm the end."""
        condition = _of(device.device_id, register)
        latest = select(func.max(_READING.at)).where(*condition, _READING.at <= start)
        before = connection.scalar(latest.where(_READING.at > start - NEARBY_SECONDS)) or connection.scalar(latest)
        first = start if before is None else before - EARLIER_SECONDS
        return _points(connection, device.device_id, register, _READING.at >= first,
                       _READING.at <= end + CONFIRMED_SECONDS)


def _add_missing(device: Device, first: int | None, times: Iterable[int], edges: Sequence[int], now: int,
                 missing: list[int]) -> None:
    """`first`: time of the device's first reading, or any later one up to the first edge; None where there is none."""
    if first is None:
        return
    slots = {slot(at) for at in times}
    for place, (begin, end) in enumerate(zip(edges, edges[1:])):
        awaited = expected(device, first, begin, end, now)
        missing[place] += len(awaited) - sum(number in awaited for number in slots)


def _of(device_id: str, register: str) -> tuple[ColumnElement[bool], ...]:
    return _READING.device_id == device_id, _READING.register == register


def _points(connection: Connection, device_id: str, register: str, *conditions: ColumnElement[bool]) -> list[Point]:
    rows = connection.execute(select(_READING.seq, _READING.at, _READING.raw).where(
        *_of(device_id, register), *conditions))
    return [Point(*row) for row in rows]
