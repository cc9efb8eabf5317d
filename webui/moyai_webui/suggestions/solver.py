"""The best matches of all, item by item: a minimum-cost flow from offers through needs to levels of fairness.

The flow's matrix is totally unimodular and all capacities are whole numbers, so that a vertex of the linear programme,
which the simplex method of HiGHS gives, is a plan in whole pieces. Offers that differ in nothing that counts are one
source; what it sends is then dealt out to them, those aimed at the need first, then the older ids.
"""
from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Hashable, NamedTuple

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from moyai_webui.suggestions.problem import (
    Demand, Problem, Proposal, Supply, distance_km, fits, late_days, level_height, level_of, level_sizes, match_value,
)
from moyai_webui.suggestions.solution import Solution

MOST_ARCS = 100_000
"""Of one item; beyond them each need keeps only its best sources."""


@dataclass(frozen=True)
class _Source:
    """Offers that are worth the same to every need but the one that they are aimed at, as one."""

    like: Supply
    offers: tuple[Supply, ...]
    aimed: dict[str, int]  # need_id → free pieces of the offers aimed at it

    @property
    def free(self) -> int:
        return sum(offer.free for offer in self.offers)


class _Arc(NamedTuple):
    """So many pieces may go from a source to a need; `aimed`: from the offers that are aimed at it."""

    source: int
    need: int
    value: float  # of a piece, fairness aside
    most: int
    aimed: bool


def solve(problem: Problem, *, seconds: float = 20.0, clock: Callable[[], float] = time.monotonic) -> Solution:
    """The matches of greatest worth; after `seconds` no further item is begun, the most urgent ones come first."""
    demands, supplies = defaultdict(list), defaultdict(list)
    for demand in problem.demands:
        if demand.missing > 0:
            demands[demand.item].append(demand)
    for supply in problem.supplies:
        if supply.free > 0 and supply.item in demands:
            supplies[supply.item].append(supply)
    end, complete, found = clock() + seconds, True, []
    for item in sorted(supplies, key=lambda item: (-sum(problem.weights.priority[demand.priority]
                                                        for demand in demands[item]), item)):
        left = end - clock()
        if left <= 0:
            complete = False
            break
        proposals, whole = _solve_item(problem, demands[item], _sources(problem, supplies[item]), left)
        found += proposals
        complete = complete and whole
    found.sort(key=lambda one: (-one.value / one.quantity, one.need_id, one.offer_id))
    return Solution(tuple(found), complete)


def _sources(problem: Problem, supplies: Iterable[Supply]) -> list[_Source]:
    alike: dict[Hashable, list[Supply]] = defaultdict(list)
    for supply in sorted(supplies, key=lambda supply: supply.offer_id):
        first_day = max(supply.available_from or problem.today, problem.today)
        alike[supply.ships_from, tuple(sorted(supply.attributes.items())), first_day].append(supply)
    found = []
    for offers in alike.values():
        aimed: dict[str, int] = defaultdict(int)
        for offer in offers:
            if offer.aimed_at is not None:
                aimed[offer.aimed_at] += offer.free
        found.append(_Source(replace(offers[0], aimed_at=None), tuple(offers), aimed))
    return found


def _solve_item(problem: Problem, demands: Sequence[Demand], sources: Sequence[_Source],
                seconds: float) -> tuple[list[Proposal], bool]:
    arcs, whole = _arcs(problem, demands, sources)
    if not arcs:
        return [], whole
    height = level_height(demands, problem.weights.levels)
    flow = _flow(problem, demands, sources, arcs, height, seconds)
    if flow is None:
        return [], False
    proposals = []
    left = [[offer.free for offer in source.offers] for source in sources]
    used = [(arc, int(quantity)) for arc, quantity in zip(arcs, flow, strict=True) if quantity]
    for arc, quantity in sorted(used, key=lambda pair: not pair[0].aimed):
        proposals += _dealt(problem, demands[arc.need], sources[arc.source], left[arc.source], arc, quantity, height)
    return _joined(proposals), whole


def _arcs(problem: Problem, demands: Sequence[Demand], sources: Sequence[_Source]) -> tuple[list[_Arc], bool]:
    """All matches that are possible, or of each need the best ones; False then."""
    most = max(1, MOST_ARCS // max(len(demands), 1))
    arcs, whole = [], True
    ranked: dict[Hashable, list[tuple[float, int]]] = {}
    for need, demand in enumerate(demands):
        alike = demand.municipality, demand.due, demand.priority, tuple(sorted(demand.attributes.items()))
        if alike not in ranked:
            fitting = [(match_value(problem, demand, source.like), number)
                       for number, source in enumerate(sources) if fits(demand, source.like)]
            ranked[alike] = sorted(fitting, reverse=True)
        best = ranked[alike]
        whole = whole and len(best) <= most
        arcs += [_Arc(number, need, value, demand.missing, False) for value, number in best[:most]]
        arcs += [_Arc(number, need, value + problem.weights.aimed, free, True) for value, number in best
                 if (free := sources[number].aimed.get(demand.need_id))]
    return arcs, whole


def _flow(problem: Problem, demands: Sequence[Demand], sources: Sequence[_Source], arcs: Sequence[_Arc],
          height: float, seconds: float) -> np.ndarray | None:
    """Pieces on each arc; None where the time did not suffice."""
    levels = [(need, worth, size) for need, demand in enumerate(demands)
              for worth, size in level_sizes(demand, height, problem.weights)]
    count, width = len(arcs), len(arcs) + len(levels)
    numbers = np.arange(width)
    out = csr_array((np.ones(count), ([arc.source for arc in arcs], numbers[:count])), shape=(len(sources), width))
    kept = csr_array((np.repeat([1.0, -1.0], [count, len(levels)]),
                      ([arc.need for arc in arcs] + [level[0] for level in levels], numbers)),
                     shape=(len(demands), width))
    bounds = np.zeros((width, 2))
    bounds[:, 1] = [arc.most for arc in arcs] + [level[2] for level in levels]
    result = linprog(-np.array([arc.value for arc in arcs] + [level[1] for level in levels]), A_ub=out,
                     b_ub=[source.free for source in sources], A_eq=kept, b_eq=np.zeros(len(demands)), bounds=bounds,
                     method="highs-ds", options={"time_limit": seconds})
    return np.rint(result.x[:count]) if result.status == 0 else None


def _dealt(problem: Problem, demand: Demand, source: _Source, left: list[int], arc: _Arc, quantity: int,
           height: float) -> list[Proposal]:
    """What a source sends to a need, by offer; `left` is what its offers still have."""
    found = []
    distance = distance_km(problem, demand, source.like)
    for number, offer in enumerate(source.offers):
        part = min(quantity, left[number])
        if part == 0 or (arc.aimed and offer.aimed_at != demand.need_id):
            continue
        left[number] -= part
        quantity -= part
        found.append(Proposal(
            demand.need_id, offer.offer_id, part, None if distance is None else round(distance),
            late_days(demand, offer, problem.today), level_of(demand, height, problem.weights), arc.value * part))
    return found


def _joined(proposals: Iterable[Proposal]) -> list[Proposal]:
    """One proposal for each pair of need and offer."""
    found: dict[tuple[str, str], Proposal] = {}
    for one in proposals:
        pair = one.need_id, one.offer_id
        known = found.get(pair)
        found[pair] = one if known is None else replace(known, quantity=known.quantity + one.quantity,
                                                        value=known.value + one.value)
    return list(found.values())
