"""Suggestions at the size of a great earthquake: 30,000 needs and 3,000 offers of eight items.

The figures are seconds of one core, whatever else the machine does. `python -m tests.bench.suggestions` measures them
alone.
"""
from __future__ import annotations

import random
import sys
import time
from datetime import date, timedelta

from moyai_webui.suggestions.problem import Demand, Problem, Supply
from moyai_webui.suggestions.solver import solve
from moyai_webui.suggestions.weights import PRIORITIES, load
from tests.bench.report import Line

NEEDS, OFFERS, ITEMS = 30_000, 3_000, 8
TOWNS = (3, 40)
TODAY = date(2026, 1, 9)
GOAL_SECONDS = 30
UNBOUNDED = 3600.0


def measure() -> list[Line]:
    """One line for each number of municipalities, and how much of the offers finds a need."""
    print("suggestions for 30,000 needs", file=sys.stderr)
    lines = []
    for towns in TOWNS:
        problem = great_problem(towns)
        started = time.process_time()
        solution = solve(problem, seconds=UNBOUNDED)
        taken = time.process_time() - started
        lines.append(Line(f"suggestions for {NEEDS:,} needs and {OFFERS:,} offers of {towns} municipalities", taken,
                          "s of one core", at_most=GOAL_SECONDS))
        given = sum(one.quantity for one in solution.proposals) / sum(supply.free for supply in problem.supplies)
        lines.append(Line(f"share of what is offered that {towns} municipalities then ask for", 100 * given, "%"))
    return lines


def great_problem(towns: int) -> Problem:
    """Needs and offers drawn at random, the same ones every time."""
    chance = random.Random(towns)
    centroids = {f"{number:06}": (33 + 10 * chance.random(), 130 + 12 * chance.random()) for number in range(towns)}
    codes, sizes = list(centroids), ({}, {"size": "S"}, {"size": "M"}, {"size": "L"})
    demands = [Demand(
        f"need{number:05}", f"item{chance.randrange(ITEMS)}", chance.choice(codes), chance.choice((0, 0, 20)),
        chance.randint(1, 500), chance.choice(PRIORITIES), chance.choice(sizes),
        TODAY + timedelta(days=chance.randint(0, 9)), chance.choice((None, chance.randint(5, 400))))
        for number in range(NEEDS)]
    supplies = [Supply(
        f"offer{number:05}", f"item{chance.randrange(ITEMS)}", chance.choice(codes), chance.randint(10, 3000),
        chance.choice(sizes), TODAY + timedelta(days=chance.randint(0, 5)),
        chance.choice((None, f"need{chance.randrange(NEEDS):05}"))) for number in range(OFFERS)]
    return Problem(demands, supplies, centroids, TODAY, load())


if __name__ == "__main__":
    for line in measure():
        print(f"{line.name}: {line.value:,.1f} {line.unit}")
