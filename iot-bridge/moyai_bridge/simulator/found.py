"""What the municipality's database holds in the end: readings as stored, totals as its pages count them."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from moyai_bridge.counter import Counter, Move, Point
from moyai_bridge.counting import count
from moyai_bridge.simulator.comparison import Reading
from moyai_bridge.simulator.truth import Total, Value
from moyai_bridge.store.device_readings import DeviceReadings, StoredReading


def stored_readings(readings: DeviceReadings, device_id: str) -> list[Reading]:
    """All readings of a device. Raises StoreAway.

    What two bridges took in one after the other may have got into the database the other way round.
    """
    found: list[Reading] = []
    before: StoredReading | None = None
    for one in readings.of(device_id):
        overtook = before is not None and before.register == one.register and (
            before.arrival > one.arrival or before.bridge != one.bridge)
        found.append(Reading(one.register, one.at, Value(one.seq, one.raw, frozenset(one.marks)), overtook))
        before = one
    return found


def counted_totals(counter: Counter, readings: Iterable[Reading]) -> dict[str, Total]:
    """Totals by register from a device's readings, by the code that makes the monthly ones."""
    points: dict[str, list[Point]] = defaultdict(list)
    for reading in readings:
        points[reading.register].append(Point(reading.value.seq, reading.at, reading.value.raw))
    return {register: _total(counter, of_register) for register, of_register in points.items()}


def _total(counter: Counter, points: Iterable[Point]) -> Total:
    believed = count(counter, points).believed
    resets = tuple((item.fell_from, item.point.raw) for item in believed if item.fell_from is not None)
    return Total(counter.amount(believed[-1].steps), sum(item.move is Move.ROLLOVER for item in believed), resets)
