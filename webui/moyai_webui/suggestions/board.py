"""The last suggestions, kept for a short while: they are the same for everybody who looks."""
from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from moyai_webui.suggestions.problem import Material, Problem
from moyai_webui.suggestions.solution import Solution
from moyai_webui.suggestions.weights import Weights

KEPT_FOR = timedelta(seconds=30)
SECONDS = 10.0
"""For a calculation; somebody waits for the page."""


@dataclass(frozen=True)
class Suggestions:
    """What was found, out of which needs and offers, and when."""

    solution: Solution
    problem: Problem
    at: datetime


class Board:
    """Safe to use from several threads; only one of them calculates."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[int, Suggestions]] = {}

    def suggestions(self, scope: str, height: int, now: datetime, material: Callable[[], Material],
                    municipality: str) -> Suggestions:
        """Those of a scope, calculated anew when the height has changed and the last ones are half a minute old. Items
        that the municipality needs nothing of are left out."""
        from moyai_webui.suggestions.solver import solve  # SciPy is large: only who asks for suggestions loads it
        with self._lock:
            known = self._kept.get(scope)
            if known is not None and (known[0] == height or now - known[1].at < KEPT_FOR):
                return known[1]
            whole = material()
            items = {demand.item for demand in whole.demands if demand.municipality == municipality}
            whole = replace(whole, demands=tuple(demand for demand in whole.demands if demand.item in items))
            problem = Problem(whole.demands, whole.supplies, whole.centroids, now.date(), self._weights)
            found = Suggestions(solve(problem, seconds=SECONDS), problem, now)
            self._kept[scope] = (height, found)
            return found
