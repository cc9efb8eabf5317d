"""The weights of the suggestions: data, not code."""
from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any

PRIORITIES = ("urgent", "high", "normal")


class WrongWeights(Exception):
    """A file of weights that does not say what is needed; the message is one sentence."""


@dataclass(frozen=True)
class Weights:
    """Worth of one piece; see weights.json for what each figure means. All at least 0, counts at least 1."""

    priority: Mapping[str, float]
    fairness: float
    levels: int
    sooner: float
    sooner_days: int
    late_a_day: float
    late_days: int
    distance_a_100_km: float
    distance_100_km: float
    aimed: float


def load(path: Path | None = None) -> Weights:
    """The weights of a file, else those that come with the program. Raises WrongWeights."""
    text = (path or resources.files(__package__) / "weights.json").read_text("utf-8")
    try:
        content = {name: entry["value"] for name, entry in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise WrongWeights(f"the weights are not an object of names with a value each: {error}") from error
    return _checked(content)


def _checked(content: Mapping[str, Any]) -> Weights:
    names = {entry.name for entry in fields(Weights)}
    if content.keys() != names:
        raise WrongWeights(f"the weights must be {', '.join(sorted(names))}")
    priority = content["priority"]
    if not isinstance(priority, dict) or priority.keys() != set(PRIORITIES):
        raise WrongWeights(f"priority needs a figure for each of {', '.join(PRIORITIES)}")
    figures = {**priority, **{name: value for name, value in content.items() if name != "priority"}}
    for name, value in figures.items():
        least = 1 if name in ("levels", "sooner_days") else 0
        whole = name in ("levels", "sooner_days", "late_days")
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)) \
                or not math.isfinite(value) or value < least:
            raise WrongWeights(f"{name} must be a number of at least {least}")
    return Weights(**content)
