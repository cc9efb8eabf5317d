"""ECHONET Lite frames of a low-voltage smart electric energy meter (class 0x0288).

Source: ECHONET Specification part II (frame), APPENDIX "Detailed Requirements for ECHONET Device Objects",
low-voltage smart electric energy meter: 0xD3 coefficient, 0xD7 effective digits, 0xE1 unit, 0xE0 and 0xE3 cumulative
energy in normal and reverse direction, 0xEA and 0xEB the same as measured at the last fixed time, with that time.
"""
from __future__ import annotations

from datetime import datetime, timedelta, timezone
from fractions import Fraction

from moyai_bridge.decoders.message import Message, Undecodable

HEADER = b"\x10\x81"
METER_CLASS = b"\x02\x88"
ANSWERS = frozenset({0x52, 0x72, 0x73, 0x74})
"""Get_SNA (some properties are missing), Get_Res, INF, INFC: the services that carry values from the meter."""
COEFFICIENT, DIGITS, UNIT = 0xD3, 0xD7, 0xE1
NORMAL, REVERSE, NORMAL_FIXED, REVERSE_FIXED = 0xE0, 0xE3, 0xEA, 0xEB
NO_DATA = 0xFFFFFFFE
LARGEST_COUNTER = 99_999_999
JST = timezone(timedelta(hours=9))

WH_OF_UNIT = {0x00: Fraction(1000), 0x01: Fraction(100), 0x02: Fraction(10), 0x03: Fraction(1), 0x04: Fraction(1, 10),
              0x0A: Fraction(10**4), 0x0B: Fraction(10**5), 0x0C: Fraction(10**6), 0x0D: Fraction(10**7)}
_LENGTHS = {COEFFICIENT: 4, DIGITS: 1, UNIT: 1, NORMAL: 4, REVERSE: 4, NORMAL_FIXED: 11, REVERSE_FIXED: 11}


def decode(device_id: str, payload: bytes, received_at: int) -> Message:
    """Import and export of one frame; fixed-time values win over momentary ones.

    A frame has no sequence of its own, so the meter's time is it; momentary values have no time either and take that
    of their receipt. Raises Undecodable.
    """
    properties = _properties(payload)
    at, registers = _fixed(properties) or (received_at, _momentary(properties))
    if not registers:
        raise Undecodable("no cumulative energy in the frame")
    digits = properties[DIGITS][0] if DIGITS in properties else None
    return Message(device_id, at, at, registers, "Wh", _step(properties), digits, counts=False)


def _properties(frame: bytes) -> dict[int, bytes]:
    """Property code → data, of those that have data."""
    if len(frame) < 12 or frame[:2] != HEADER:
        raise Undecodable("not an ECHONET Lite frame of format 1")
    if frame[4:6] != METER_CLASS:
        raise Undecodable("the sender is no low-voltage smart meter")
    if frame[10] not in ANSWERS:
        raise Undecodable(f"service 0x{frame[10]:02X} carries no values")
    properties: dict[int, bytes] = {}
    rest = frame[12:]
    for _ in range(frame[11]):
        if len(rest) < 2 or len(rest) < 2 + rest[1]:
            raise Undecodable("the frame is cut off")
        code, length = rest[0], rest[1]
        if length:  # an answer lists what the meter could not give without data
            properties[code] = rest[2:2 + length]
        rest = rest[2 + length:]
    if rest:
        raise Undecodable("bytes follow the last property")
    for code, length in _LENGTHS.items():
        if code in properties and len(properties[code]) != length:
            raise Undecodable(f"0x{code:02X} has {len(properties[code])} bytes instead of {length}")
    return properties


def _fixed(properties: dict[int, bytes]) -> tuple[int, dict[str, int]] | None:
    """Time and registers of the last fixed time; None where the frame has none."""
    present = {name: properties[code] for name, code in (("import", NORMAL_FIXED), ("export", REVERSE_FIXED))
               if code in properties}
    values = {name: value for name, data in present.items() if (value := _counter(data[7:])) is not None}
    times = {_time(present[name][:7]) for name in values}
    if len(times) > 1:
        raise Undecodable("0xEA and 0xEB are of different times")
    return (times.pop(), values) if times else None


def _momentary(properties: dict[int, bytes]) -> dict[str, int]:
    return {name: value for name, code in (("import", NORMAL), ("export", REVERSE))
            if code in properties and (value := _counter(properties[code])) is not None}


def _counter(data: bytes) -> int | None:
    """A counter of at most eight digits; None for "no data"."""
    value = int.from_bytes(data)
    if value == NO_DATA:
        return None
    if value > LARGEST_COUNTER:
        raise Undecodable(f"0x{value:08X} is beyond eight digits")
    return value


def _step(properties: dict[int, bytes]) -> Fraction | None:
    """Wh of one counter step; None where the frame does not tell the unit."""
    if UNIT not in properties:
        return None
    unit = properties[UNIT][0]
    if unit not in WH_OF_UNIT:
        raise Undecodable(f"0xE1 holds the unknown unit 0x{unit:02X}")
    # A meter without 0xD3 has the coefficient 1 (same source).
    step = WH_OF_UNIT[unit] * int.from_bytes(properties.get(COEFFICIENT, b"\x01"))
    if not step:
        raise Undecodable("0xD3 holds the coefficient 0")
    return step


def _time(data: bytes) -> int:
    """UTC seconds of year (two bytes), month, day, hour, minute, second in Japanese time."""
    try:
        seconds = int(datetime(int.from_bytes(data[:2]), *data[2:], tzinfo=JST).timestamp())
    except ValueError as error:
        raise Undecodable(f"no time: {data.hex()}") from error
    if seconds < 0:
        raise Undecodable(f"a time before 1970: {data.hex()}")
    return seconds
