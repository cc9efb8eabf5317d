"""Messages of a spool become readings: one transaction a group, each message exactly once.

The transaction notes how far the spool was taken, so that a group that comes again after a crash changes nothing.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moyai_database.database import Database, upsert
from sqlalchemy import Connection, Table, bindparam, insert, select, update

from moyai_bridge.decoders.message import Message
from moyai_bridge.spool import Spooled
from moyai_bridge.store import tables
from moyai_bridge.store.availability import telling_when_away
from moyai_bridge.store.batches import add_duplicates, open_batch
from moyai_bridge.store.dead_letters import WAITING, storable
from moyai_bridge.store.devices import TAKEN_IN, Device, to_device
from moyai_bridge.store.neighbours import Neighbours
from moyai_bridge.store.partitions import Partitions
from moyai_bridge.sequences import Sequence as DeviceSequence

_IDS_A_QUERY = 500


@dataclass(frozen=True)
class Arrival:
    """A spooled message and what it says, or why it says nothing."""
    spooled: Spooled
    message: Message | None
    reason: str = ""

    @property
    def kind(self) -> str:
        """Last level of the topic."""
        return self.spooled.topic.rpartition("/")[2]


@dataclass(frozen=True)
class Taken:
    """What became of a group. `durable`: by device the last sequence in the database, and what is missing below."""
    readings: int = 0
    duplicates: int = 0
    dead_letters: int = 0
    durable: Mapping[str, DeviceSequence] = field(default_factory=dict)


class Intake:
    """One bridge's way into the database."""

    def __init__(self, database: Database, bridge: str) -> None:
        self._database, self._bridge = database, bridge
        self._partitions = Partitions()

    def take(self, spool: str, arrivals: Sequence[Arrival], now: int) -> Taken:
        """Stores a group of the spool with this identity, in its order. Raises StoreAway."""
        with telling_when_away(), self._database.writing() as connection:
            position = _position(connection, self._bridge)
            first = position["taken"] if position["spool"] == spool else -1
            fresh = [arrival for arrival in arrivals if arrival.spooled.id > first]
            group = _Group(connection, self._bridge, position["messages"], _devices(connection, arrivals))
            for arrival in fresh:
                group.sort_in(arrival)
            group.write(self._partitions, now)
            if fresh:
                connection.execute(update(tables.spool_position).where(
                    tables.spool_position.c.bridge == self._bridge).values(
                        spool=spool, taken=fresh[-1].spooled.id, messages=group.number))
            return group.taken()

    def take_again(self, letters: Iterable[tuple[int, Arrival]], now: int) -> Taken:
        """Stores dead letters that can be read by now; those that cannot stay as they are. Raises StoreAway."""
        with telling_when_away(), self._database.writing() as connection:
            letters = list(letters)
            position = _position(connection, self._bridge)
            devices = _devices(connection, [arrival for _, arrival in letters])
            group = _Group(connection, self._bridge, position["messages"], devices)
            stored = [number for number, arrival in letters if group.sort_in(arrival)]
            group.dead.clear()
            group.write(self._partitions, now)
            connection.execute(update(tables.spool_position).where(
                tables.spool_position.c.bridge == self._bridge).values(messages=group.number))
            connection.execute(update(tables.dead_letter).where(
                tables.dead_letter.c.id.in_(stored), tables.dead_letter.c.state == WAITING).values(
                    state="stored", settled_at=now))
            return group.taken()

    def note_current(self, at: int | None) -> None:
        """All that had come to the bridge by `at` is in the database; None where it is gone for good and holds back
        nobody's picture any more. Raises StoreAway."""
        with telling_when_away(), self._database.writing() as connection:
            _position(connection, self._bridge)
            connection.execute(update(tables.spool_position).where(
                tables.spool_position.c.bridge == self._bridge).values(current_at=at))


class _Group:
    """Rows of one transaction, gathered and then written together."""

    def __init__(self, connection: Connection, bridge: str, number: int, devices: Mapping[str, Device]) -> None:
        self._connection, self._bridge, self._devices = connection, bridge, devices
        self.number = number
        self._neighbours = Neighbours(connection, devices)
        self._sequences = {device_id: DeviceSequence(device.last_seq, device.missing)
                           for device_id, device in devices.items()}
        self._seen: dict[str, int] = {}
        self._messages: list[dict[str, Any]] = []
        self._readings: list[dict[str, Any]] = []
        self._duplicates = 0
        self.dead: list[dict[str, Any]] = []

    def sort_in(self, arrival: Arrival) -> bool:
        """Whether it is a message of a known device; else it becomes a dead letter."""
        reason = arrival.reason if arrival.message is None else self._objection(arrival.message)
        if reason or arrival.message is None:
            spooled = arrival.spooled
            self.dead.append({"bridge": self._bridge, "topic": spooled.topic, "payload": spooled.payload,
                              "received_at": spooled.received_at, "reason": storable(reason), "state": WAITING})
            return False
        self._accept(arrival, arrival.message)
        return True

    def write(self, partitions: Partitions, now: int) -> None:
        if self._readings or self._duplicates:
            batch = open_batch(self._connection, self._bridge)
            for row in self._readings:
                row["batch"] = batch
            add_duplicates(self._connection, batch, self._duplicates)
        partitions.provide(self._connection, "message", (row["received_at"] for row in self._messages), now)
        partitions.provide(self._connection, "reading", (row["at"] for row in self._readings), now)
        for table, rows in ((tables.message, self._messages), (tables.reading, self._readings),
                            (tables.dead_letter, self.dead)):
            _insert(self._connection, table, rows)
        upsert(self._connection, tables.register, self._neighbours.changed())
        self._write_devices()

    def taken(self) -> Taken:
        durable = {device_id: sequence for device_id, sequence in self._sequences.items() if sequence.last is not None}
        return Taken(len(self._readings), self._duplicates, len(self.dead), durable)

    def _objection(self, message: Message) -> str:
        device = self._devices.get(message.device_id)
        if device is None:
            return "the device is not registered here"
        if device.state not in TAKEN_IN:
            return f"the device is {device.state}"
        if foreign := [name for name in message.registers if name not in device.registers]:
            return f"the device is registered without {', '.join(foreign)}"
        registered = device.coefficient_n, device.coefficient_d
        if message.unit != device.unit or (message.step is not None
                                           and message.step.numerator * registered[1]
                                           != message.step.denominator * registered[0]):
            step = "" if message.step is None else f"{message.step} "
            return (f"a step is {step}{message.unit}; registered is {registered[0]}/{registered[1]} {device.unit}")
        if message.digits is not None and message.digits != device.digits:
            return f"the counter has {message.digits} digits; registered are {device.digits}"
        return ""

    def _accept(self, arrival: Arrival, message: Message) -> None:
        received_at = arrival.spooled.received_at
        rows = [row for register, raw in sorted(message.registers.items())
                if (row := self._neighbours.new_reading(message, register, raw, received_at)) is not None]
        self._duplicates += len(message.registers) - len(rows)
        self._sequences[message.device_id].arrived(message.seq, counts=message.counts)
        self._seen[message.device_id] = max(received_at, self._seen.get(message.device_id, 0))
        if not rows:
            return
        self.number += 1
        self._readings += [row | {"message": self.number} for row in rows]
        self._messages.append({"received_at": received_at, "bridge": self._bridge, "number": self.number,
                               "device_id": message.device_id, "kind": arrival.kind,
                               "payload": arrival.spooled.payload})

    def _write_devices(self) -> None:
        rows = [{"id": device_id, "seen": max(seen, self._devices[device_id].last_seen_at or 0),
                 "last": self._sequences[device_id].last, "absent": list(self._sequences[device_id].missing)}
                for device_id, seen in self._seen.items()]
        if rows:
            device = tables.device
            self._connection.execute(update(device).where(device.c.device_id == bindparam("id")).values(
                last_seen_at=bindparam("seen"), last_seq=bindparam("last"),
                missing=bindparam("absent")), rows)


def _position(connection: Connection, bridge: str) -> Mapping[str, Any]:
    """How far the bridge's spool was taken; locked, so that a bridge is never two."""
    table = tables.spool_position
    query = select(table).where(table.c.bridge == bridge).with_for_update()
    found = connection.execute(query).mappings().first()
    if found is None:
        connection.execute(insert(table).values(bridge=bridge, spool="", taken=-1, messages=0))
        found = connection.execute(query).mappings().one()
    return dict(found)


def _devices(connection: Connection, arrivals: Iterable[Arrival]) -> dict[str, Device]:
    """The devices of these messages, locked in one order among all bridges."""
    ids = sorted({arrival.message.device_id for arrival in arrivals if arrival.message is not None})
    found = {}
    for start in range(0, len(ids), _IDS_A_QUERY):
        query = select(tables.device).where(tables.device.c.device_id.in_(ids[start:start + _IDS_A_QUERY]))
        for row in connection.execute(query.order_by(tables.device.c.device_id).with_for_update()).mappings():
            found[row["device_id"]] = to_device(row)
    return found


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)
