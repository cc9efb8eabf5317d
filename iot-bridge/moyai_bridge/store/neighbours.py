"""The reading before each new one, for its marks: kept at hand for a group, looked up where one comes late."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from moyai_bridge import marks
from moyai_bridge.counter import Point
from moyai_bridge.decoders.message import Message
from moyai_bridge.store import tables
from moyai_bridge.store.devices import Device

_IDS_A_QUERY = 500
_LATE_SECONDS = 7 * 24 * 3600
"""How far from a late reading's time its predecessor is looked for."""
Register = tuple[str, str]


class Neighbours:
    """Predecessors of the registers of some devices within one transaction that has locked the devices."""

    def __init__(self, connection: Connection, devices: Mapping[str, Device]) -> None:
        self._connection, self._devices = connection, devices
        self._latest: dict[Register, tuple[Point, int]] = _latest(connection, list(devices))
        self._new: dict[Register, set[Point]] = {}
        self._changed: set[Register] = set()

    def new_reading(self, message: Message, register: str, raw: int, received_at: int) -> dict[str, Any] | None:
        """The row of a reading without its message and batch; None where the very same is there already."""
        key, point = (message.device_id, register), Point(message.seq, message.at, raw)
        latest = self._latest.get(key)
        if latest is None or (point.seq, point.at) > (latest[0].seq, latest[0].at):
            before, unchanged_since = latest or (None, None)
            self._advance(key, point, latest)
        else:
            if self._is_known(key, point):
                return None
            before, unchanged_since = self._before(key, point), None
        self._new.setdefault(key, set()).add(point)
        found = marks.marks(self._devices[message.device_id].counter, before, point, received_at=received_at,
                            unchanged_since=unchanged_since)
        return {"device_id": message.device_id, "register": register, "at": point.at, "seq": point.seq, "raw": raw,
                "marks": marks.to_bits(found), "received_at": received_at}

    def changed(self) -> list[dict[str, Any]]:
        """Rows of the table `register` that are new."""
        return [{"device_id": device_id, "register": register, "seq": point.seq, "at": point.at, "raw": point.raw,
                 "unchanged_since": since}
                for device_id, register in sorted(self._changed)
                for point, since in (self._latest[device_id, register],)]

    def _advance(self, key: Register, point: Point, latest: tuple[Point, int] | None) -> None:
        is_unchanged = latest is not None and latest[0].raw == point.raw
        self._latest[key] = point, latest[1] if latest is not None and is_unchanged else point.at
        self._changed.add(key)

    def _is_known(self, key: Register, point: Point) -> bool:
        if point == self._latest[key][0] or point in self._new.get(key, ()):
            return True
        reading = tables.reading
        return self._connection.execute(select(reading.c.raw).where(
            reading.c.device_id == key[0], reading.c.register == key[1], reading.c.at == point.at,
            reading.c.seq == point.seq, reading.c.raw == point.raw)).first() is not None

    def _before(self, key: Register, point: Point) -> Point | None:
        reading = tables.reading
        row = self._connection.execute(select(reading.c.seq, reading.c.at, reading.c.raw).where(
            reading.c.device_id == key[0], reading.c.register == key[1],
            reading.c.at.between(point.at - _LATE_SECONDS, point.at + _LATE_SECONDS),
            reading.c.seq <= point.seq).order_by(reading.c.seq.desc(), reading.c.at.desc()).limit(1)).first()
        candidates = [Point(*row)] if row is not None else []
        candidates += [other for other in self._new.get(key, ())
                       if (other.seq, other.at) <= (point.seq, point.at) and other != point]
        return max(candidates, key=lambda other: (other.seq, other.at), default=None)


def _latest(connection: Connection, ids: list[str]) -> dict[Register, tuple[Point, int]]:
    found, register = {}, tables.register
    for start in range(0, len(ids), _IDS_A_QUERY):
        for row in connection.execute(select(register).where(
                register.c.device_id.in_(ids[start:start + _IDS_A_QUERY]))).mappings():
            found[row["device_id"], row["register"]] = (Point(row["seq"], row["at"], row["raw"]),
                                                        row["unchanged_since"])
    return found
