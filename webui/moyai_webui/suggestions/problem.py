"""What is to be matched, and what a match is worth.

A need's missing pieces are worth the more the more urgent the need is, the sooner it is due and the less of it each
person there has been promised (fairness: levels of equal height, the lowest first); a match costs something for each
day it would come late and for its distance. The solver finds the matches with the greatest worth altogether.
"""
from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from moyai_webui.suggestions.weights import Weights

EARTH_KM = 6371.0

Point = tuple[float, float]
"""Latitude and longitude in degrees."""


@dataclass(frozen=True)
class Demand:
    """An open need. `held` is committed already, `missing` still to be found; both in base units."""

    need_id: str
    item: str
    municipality: str  # code6
    held: int
    missing: int
    priority: str  # urgent, high, normal
    attributes: Mapping[str, str] = field(default_factory=dict)
    due: date | None = None
    headcount: int | None = None

    @property
    def heads(self) -> int:
        """The people a piece is shared by; where nobody counted them, as many as pieces were asked for."""
        return self.headcount or self.held + self.missing


@dataclass(frozen=True)
class Supply:
    """An open offer of an item of the catalogue with its free quantity."""

    offer_id: str
    item: str
    ships_from: str  # code6
    free: int
    attributes: Mapping[str, str] = field(default_factory=dict)
    available_from: date | None = None
    aimed_at: str | None = None  # need_id


@dataclass(frozen=True)
class Proposal:
    """So many pieces of an offer for a need."""

    need_id: str
    offer_id: str
    quantity: int
    distance_km: int | None  # straight line between the municipalities' centroids
    late_days: int
    level: int  # of fairness: 0 = nobody there was promised anything yet
    value: float  # of all its pieces


@dataclass(frozen=True)
class Material:
    """All open needs and offers. `centroids`: municipality → middle of its sites."""

    demands: tuple[Demand, ...]
    supplies: tuple[Supply, ...]
    centroids: Mapping[str, Point]


@dataclass(frozen=True)
class Problem:
    """`centroids`: municipality → point; one that is not known costs no distance."""

    demands: Sequence[Demand]
    supplies: Sequence[Supply]
    centroids: Mapping[str, Point]
    today: date
    weights: Weights


def fits(demand: Demand, supply: Supply) -> bool:
    """The same item, and the offer states every size and kind that the need asks for."""
    return demand.item == supply.item and all(
        supply.attributes.get(name) == value for name, value in demand.attributes.items())


def late_days(demand: Demand, supply: Supply, today: date) -> int:
    """Days from the need's date to the first day on which the offer can be sent; 0 where it is in time."""
    if demand.due is None:
        return 0
    return max(0, (max(supply.available_from or today, today) - demand.due).days)


def distance_km(problem: Problem, demand: Demand, supply: Supply) -> float | None:
    """Straight line between the two municipalities' centroids; None where one is unknown."""
    ends = [problem.centroids.get(code) for code in (supply.ships_from, demand.municipality)]
    return None if ends[0] is None or ends[1] is None else great_circle_km(ends[0], ends[1])


def great_circle_km(one: Point, other: Point) -> float:
    """The haversine formula."""
    south, west, north, east = (math.radians(value) for value in (*one, *other))
    half = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin((east - west) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def match_value(problem: Problem, demand: Demand, supply: Supply) -> float:
    """What one piece of this offer is worth to this need, fairness aside."""
    weights = problem.weights
    value = weights.priority[demand.priority]
    if demand.due is not None:
        ahead = min(max((demand.due - problem.today).days, 0), weights.sooner_days)
        value += weights.sooner * (1 - ahead / weights.sooner_days)
    value -= weights.late_a_day * min(late_days(demand, supply, problem.today), weights.late_days)
    hundreds = (distance_km(problem, demand, supply) or 0.0) / 100
    value -= weights.distance_a_100_km * min(hundreds, weights.distance_100_km)
    return value + (weights.aimed if supply.aimed_at == demand.need_id else 0.0)


def level_height(demands: Sequence[Demand], levels: int) -> float:
    """Pieces a head that make one level of fairness, of the needs of one item."""
    return max(((demand.held + demand.missing) / demand.heads for demand in demands), default=0.0) / levels


def level_sizes(demand: Demand, height: float, weights: Weights) -> Iterator[tuple[float, int]]:
    """(worth of a piece, pieces) of what is missing, from the lowest level that is not held yet upwards."""
    begin, end = demand.held, demand.held + demand.missing
    for level in range(weights.levels):
        top = end if level == weights.levels - 1 else min(end, math.floor((level + 1) * height * demand.heads + 1e-9))
        if top > begin:
            yield weights.fairness * (1 - level / weights.levels), top - begin
            begin = top


def level_of(demand: Demand, height: float, weights: Weights) -> int:
    """The level of fairness at which the need stands before anything more is given."""
    return min(int((demand.held + 1e-9) / demand.heads / height), weights.levels - 1) if height else 0
