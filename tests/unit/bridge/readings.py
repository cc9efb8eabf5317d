"""Devices, messages and fakes that the tests of the bridge share."""
from __future__ import annotations

import json
from typing import Any

from moyai_bridge.sequences import Sequence
from moyai_bridge.store.devices import ACTIVE, DeviceRegistry, NewDevice

START = 1_704_034_800
"""2024-01-01T00:00 in Japan."""
HALF_HOUR = 1800
NOW = START + 90 * 86400


def device_id(number: int) -> str:
    """The id of the n-th device."""
    return f"{number:0>26}"


def new_device(number: int = 1, **changes: Any) -> NewDevice:
    """A meter with two registers of 1 Wh a step that roll over after six digits, for 6 kW at most."""
    return NewDevice(**{
        "device_id": device_id(number), "label": "屋根", "kind": "meter", "account": f"{7:0>26}", "serial": "S-1",
        "supply_point": "", "registers": ("export", "import"), "capacity": 6000, "unit": "Wh", "coefficient_n": 1,
        "coefficient_d": 1, "digits": 6, "installed_on": "2024-01-01"} | changes)


def register(registry: DeviceRegistry, *numbers: int, **changes: Any) -> None:
    """Adds active devices."""
    for number in numbers:
        registry.add(new_device(number, **changes), START)
        registry.set_state(device_id(number), ACTIVE)


def payload(seq: int, at: int | None = None, **registers: int) -> bytes:
    """A message of our own kind; sequence 0 is at START."""
    return json.dumps({"v": 1, "seq": seq, "at": START + seq * HALF_HOUR if at is None else at,
                       "registers": registers or {"import": 1000 + 100 * seq, "export": 10 * seq}, "unit": "Wh",
                       "coefficient": {"n": 1, "d": 1}}).encode()


def topic(number: int = 1, kind: str = "registers") -> str:
    """Where the n-th device publishes."""
    return f"m/{device_id(number)}/{kind}"


class Published:
    """A publisher that keeps what it was told."""

    def __init__(self) -> None:
        self.last: dict[str, Sequence] = {}

    def publish_durable(self, device_id: str, sequence: Sequence) -> None:
        self.last[device_id] = sequence
