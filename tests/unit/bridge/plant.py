"""A bridge without broker over a ledger in memory, for the tests of monthly totals."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from moyai_bridge.monthly_row import Month
from moyai_bridge.pump import Pump
from moyai_bridge.spool import Spool
from moyai_bridge.store.devices import ACTIVE, DeviceRegistry
from moyai_bridge.store.intake import Intake
from moyai_bridge.store.readings import Readings
from moyai_bridge.store.substitutions import Substitutions
from moyai_bridge.store.totals_pages import TotalsPages
from moyai_bridge.totals import Totals
from moyai_contracts.api import Command
from moyai_database.database import Database

from tests.contract.channel import NANAO
from tests.contract.devices_story import DevicesStory
from tests.contract.memory_channel import MemoryChannel
from tests.contract.scene import Scene
from tests.unit.bridge.readings import HALF_HOUR, Published, new_device

DECEMBER, JANUARY, FEBRUARY = (Month.named(name) for name in ("2023-12", "2024-01", "2024-02"))
STEP = 100
"""Wh of a step of the story's meters."""


class Killed(BaseException):
    """The program ends here."""


class Plant:
    """A bridge without broker over a ledger in memory; every meter is registered on both."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.story = DevicesStory(Scene(MemoryChannel(folder).bootstrap()))
        self.registry = DeviceRegistry(database)
        self.readings, self.substitutions = Readings(database), Substitutions(database)
        self.pages = TotalsPages(database)
        self.totals = Totals(self.registry, self.readings, self.substitutions, self.pages, self, NANAO,
                             clock=lambda: self.story.now)
        self.spool = Spool(folder / "spool.sqlite")
        self.crash: type[BaseException] | None = None
        self._pump = Pump(self.spool, Intake(database, "1"), Published(), clock=lambda: self.story.now)

    def device(self, *registers: str) -> str:
        """A new meter."""
        registration = self.story.registration(registers=registers or ("import",))
        self.story.submit(registration)
        self.registry.add(new_device(device_id=registration.device_id, registers=registration.registers,
                                     coefficient_n=STEP, installed_on="2023-11-01"), self.story.now)
        self.registry.set_state(registration.device_id, ACTIVE)
        return registration.device_id

    def send(self, device: str, readings: dict[int, int], register: str = "import", seq: int = 0) -> None:
        """Readings of a register, counter by time."""
        self.spool.append([(f"m/{device}/registers", json.dumps({
            "v": 1, "seq": seq + place, "at": at, "registers": {register: raw}, "unit": "Wh",
            "coefficient": {"n": STEP, "d": 1}}).encode(), self.story.now)
            for place, (at, raw) in enumerate(sorted(readings.items()))])
        while self._pump.move() is not None:
            pass

    def until(self, moment: int) -> None:
        """Lets the ledger's time come."""
        self.story.scene.channel.advance(moment - self.story.now)

    def record(self, month: Month) -> list[dict[str, Any]]:
        """Records the month; its rows as the ledger has them."""
        return [row for page in self.totals.record(month) for row in self.document(month, page.page)["rows"]]

    def document(self, month: Month, page: int = 0) -> dict[str, Any]:
        return self.story.document("totals", code6=NANAO, cohort=self.totals.cohort, month=month.name, page=page,
                                   version=1)

    # The ledger as the bridge sees it

    def submit(self, command: Command, actor: None = None, *, op: str) -> Any:
        receipt = self.story.by_bridge(command, op)
        if self.crash is not None:
            raise self.crash
        return receipt

    def evaluate(self, name: str, args: dict[str, Any]) -> Any:
        return self.story.scene.evaluate(NANAO, name, **args)


def readings_of(month: Month, first: int, steps: int = 1) -> dict[int, int]:
    """A counter that goes on by `steps` every half-hour, from the month's beginning to its end."""
    return {at: first + steps * place for place, at in enumerate(range(month.start, month.end + 1, HALF_HOUR))}
