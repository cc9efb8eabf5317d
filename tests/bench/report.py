"""The bench's lines: a name, a value with its unit, and the goal where there is one."""
from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.table import Table


@dataclass(frozen=True)
class Line:
    """One figure; `at_least` or `at_most` is its goal."""

    name: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool:
        """Whether the goal is reached; true without one."""
        return ((self.at_least is None or self.value >= self.at_least)
                and (self.at_most is None or self.value <= self.at_most))


def percentile(values: tuple[float, ...], percent: int) -> float:
    """The value that so many per cent of the values do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def write(lines: list[Line], path: Path) -> None:
    """The lines as a list of objects; a goal that a line lacks is left out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = [{name: value for name, value in asdict(line).items() if value is not None} for line in lines]
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")


def table(lines: list[Line]) -> Table:
    """The lines for a person."""
    result = Table("what", "value", "unit", "goal", "")
    result.columns[1].justify = "right"
    for line in lines:
        goal = f"at least {line.at_least:g}" if line.at_least is not None else (
            f"at most {line.at_most:g}" if line.at_most is not None else "")
        mark = "" if not goal else "met" if line.met else "missed"
        result.add_row(line.name, f"{line.value:,.1f}", line.unit, goal, mark)
    return result
