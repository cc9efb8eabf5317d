"""How the months' totals stand, in a file: for `moyai network status`, and for the program when it starts again."""
from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class MonthStatus:
    """`recorded`: the last month of which everything is on the ledger that there is, empty before the first.

    `waiting`: month → devices that are waited for. `seen`: month → UTC seconds at which it was first seen to be over.
    `late`: month → rows that readings changed after they were recorded: a clerk has to correct them.
    """
    recorded: str = ""
    waiting: dict[str, int] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    late: dict[str, int] = field(default_factory=dict)

    @property
    def sentences(self) -> list[str]:
        """What an administrator should know."""
        return [*(f"{month} waits for {devices} devices" for month, devices in self.waiting.items()),
                *(f"{month}: {rows} rows are overtaken by late readings; a clerk corrects them with "
                  f"'moyai bridge correct-totals --month {month}'" for month, rows in self.late.items())]


@dataclass(frozen=True)
class StatusFile:
    """The file at `path`."""
    path: Path

    def read(self) -> MonthStatus:
        """What was written last; nothing, where that is not whole or not there."""
        try:
            return MonthStatus(**json.loads(self.path.read_text("utf-8"))["months"])
        except (FileNotFoundError, ValueError):
            return MonthStatus()

    def write(self, status: MonthStatus, trouble: str, now: int) -> None:
        """In one step. `trouble`: why the last look failed, empty if it did not."""
        draft = self.path.with_suffix(".new")
        draft.write_text(json.dumps({
            "pid": os.getpid(), "state": "running", "at": now, "months": asdict(status),
            "trouble": [trouble] if trouble else [], "notes": status.sentences}, indent=1) + "\n", "utf-8")
        os.replace(draft, self.path)
