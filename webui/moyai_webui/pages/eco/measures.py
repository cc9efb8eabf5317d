"""What kinds of devices there are to register: a kind, the registers it counts with, their unit."""
from __future__ import annotations

from typing import NamedTuple


class Measure(NamedTuple):
    """`kind`, `registers` and `unit` are those of `devices.register_device`."""

    words: str
    registers_words: str
    kind: str
    registers: tuple[str, ...]
    unit: str = "Wh"


MEASURES: dict[str, Measure] = {
    "meter": Measure("スマートメーター", "買った電気・売った電気", "meter", ("import", "export")),
    "home": Measure("住まい全体の計器", "買った電気・売った電気・発電", "meter", ("import", "export", "generation")),
    "pv": Measure("太陽光発電", "発電", "pv", ("generation",)),
    "battery": Measure("蓄電池", "充電・放電", "battery", ("charge", "discharge")),
    "ev": Measure("電気自動車", "走行距離", "ev", ("distance",), "m"),
    "phv": Measure("プラグインハイブリッド車", "走行距離", "phv", ("distance",), "m"),
}
