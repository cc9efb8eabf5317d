"""A simulated meter: it counts half-hour by half-hour, and says what it would send. Pure."""
from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from moyai_bridge.simulator import faults
from moyai_bridge.simulator.faults import Fault, fault_at
from moyai_bridge.simulator.homes import REGISTERS, Home, Span
from moyai_bridge.simulator.year import Year

FIRST_SEQUENCE = 1
_HELD = {faults.SILENT: 1, faults.LATE: 1 + faults.OVERTAKING}
"""How many readings after the last one of the fault everything is sent."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One message of a meter.

    `taken`: number of its reading; `ready`: the reading at whose time it is sent; `copies`: how often.
    """

    seq: int
    taken: int
    ready: int
    copies: int
    payload: bytes


def sendings(home: Home, span: Span, year: Year, planned: Sequence[Fault]) -> Iterator[Sending]:
    """Everything a home's meter sends over a span, in order of its sequence."""
    counters, rests, seq = list(home.first), [0, 0, 0], FIRST_SEQUENCE
    for reading in range(span.count + 1):
        fault = fault_at(planned, reading)
        kind = fault.kind if fault else ""
        if kind == faults.RESET:
            counters, rests = [0, 0, 0], [0, 0, 0]
        if reading:
            _count(home, counters, rests, home.energy(year.starting(span.at(reading - 1))))
        if kind == faults.DEAD:
            continue
        ready = fault.last + _HELD[kind] if fault and kind in _HELD else reading
        payload = message(seq, span.at(reading) + (fault.offset if fault else 0), counters, home.step)
        yield Sending(seq, reading, ready, 2 if kind == faults.TWICE else 1, payload)
        seq += 1


def message(seq: int, at: int, counters: Sequence[int], step: int) -> bytes:
    """The JSON of `moyai_bridge/decoders/registers.schema.json`."""
    return json.dumps({"v": 1, "seq": seq, "at": at, "registers": dict(zip(REGISTERS, counters, strict=True)),
                       "unit": "Wh", "coefficient": {"n": step, "d": 1}}, separators=(",", ":")).encode()


def _count(home: Home, counters: list[int], rests: list[int], energy: Sequence[int]) -> None:
    """Adds a half-hour's energy; what is less than a step waits for the next one."""
    for index, watt_hours in enumerate(energy):
        steps, rests[index] = divmod(rests[index] + watt_hours, home.step)
        counters[index] = (counters[index] + steps) % 10**home.digits
