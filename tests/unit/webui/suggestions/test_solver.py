"""The solver against every plan there is, on small cases; and what its weights mean."""
from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moyai_webui.suggestions import solver
from moyai_webui.suggestions.problem import Demand, Problem, Proposal, Supply, great_circle_km
from moyai_webui.suggestions.solver import solve
from moyai_webui.suggestions.weights import PRIORITIES, Weights, WrongWeights, load

TODAY = date(2026, 1, 9)
NANAO, HACHIOJI, OSHIMA = "172022", "132012", "133612"
CENTROIDS = {NANAO: (37.04, 136.97), HACHIOJI: (35.67, 139.32), OSHIMA: (34.75, 139.36)}
STANDARD = load()

days = st.integers(-2, 4).map(lambda days: TODAY + timedelta(days=days))
towns = st.sampled_from((NANAO, HACHIOJI, OSHIMA, "999999"))
sizes = st.sampled_from(({}, {"size": "L"}, {"size": "M"}))
figures = st.integers(0, 50)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    shape = draw(st.sampled_from(((1, 3), (2, 2), (3, 2), (2, 3))))
    demands = [Demand(f"need{number}", draw(st.sampled_from(("blanket", "milk"))), draw(towns), draw(st.integers(0, 2)),
                      draw(st.integers(1, 3)), draw(st.sampled_from(PRIORITIES)), draw(sizes), draw(st.none() | days),
                      draw(st.none() | st.integers(1, 4))) for number in range(shape[0])]
    supplies = [Supply(f"offer{number}", draw(st.sampled_from(("blanket", "milk"))), draw(towns),
                       draw(st.integers(1, 3)), draw(sizes), draw(st.none() | days),
                       draw(st.sampled_from((None, "need0", "need1")))) for number in range(shape[1])]
    weights = Weights({name: draw(figures) for name in PRIORITIES}, draw(figures), draw(st.integers(1, 4)),
                      draw(figures), draw(st.integers(1, 5)), draw(figures), draw(st.integers(0, 3)), draw(figures),
                      draw(st.integers(0, 9)), draw(figures))
    return Problem(demands, supplies, CENTROIDS, TODAY, weights)


def plans(problem: Problem) -> Iterator[dict[tuple[int, int], int]]:
    """Every way to deal the offers out that gives nobody more than is missing."""
    pairs = [(need, offer) for need, demand in enumerate(problem.demands)
             for offer, supply in enumerate(problem.supplies)
             if demand.item == supply.item
             and all(supply.attributes.get(name) == value for name, value in demand.attributes.items())]
    ranges = [range(min(problem.demands[need].missing, problem.supplies[offer].free) + 1) for need, offer in pairs]
    for amounts in itertools.product(*ranges):
        plan = dict(zip(pairs, amounts, strict=True))
        given_to, taken = Counter(), Counter()
        for (need, offer), amount in plan.items():
            given_to[need] += amount
            taken[offer] += amount
        if all(given_to[need] <= demand.missing for need, demand in enumerate(problem.demands)) \
                and all(taken[offer] <= supply.free for offer, supply in enumerate(problem.supplies)):
            yield plan


def worth(problem: Problem, plan: dict[tuple[int, int], int]) -> float:
    """The worth of a plan, piece by piece, as weights.json describes it."""
    weights, total = problem.weights, 0.0
    for (need, offer), amount in plan.items():
        demand, supply = problem.demands[need], problem.supplies[offer]
        piece = float(weights.priority[demand.priority])
        if demand.due is not None:
            ahead = min(max((demand.due - TODAY).days, 0), weights.sooner_days)
            piece += weights.sooner * (weights.sooner_days - ahead) / weights.sooner_days
            late = (max(supply.available_from or TODAY, TODAY) - demand.due).days
            piece -= weights.late_a_day * min(max(late, 0), weights.late_days)
        if {demand.municipality, supply.ships_from} <= CENTROIDS.keys():
            hundreds = great_circle_km(CENTROIDS[demand.municipality], CENTROIDS[supply.ships_from]) / 100
            piece -= weights.distance_a_100_km * min(hundreds, weights.distance_100_km)
        piece += weights.aimed * (supply.aimed_at == demand.need_id)
        total += piece * amount
    return total + sum(fairness(problem, need, sum(amount for (other, _), amount in plan.items() if other == need))
                       for need in range(len(problem.demands)))


def fairness(problem: Problem, need: int, given_to: int) -> float:
    weights, demand = problem.weights, problem.demands[need]
    same = [other for other in problem.demands if other.item == demand.item]
    height = max(Fraction(other.held + other.missing, other.headcount or other.held + other.missing)
                 for other in same) / weights.levels
    heads = demand.headcount or demand.held + demand.missing
    total = 0.0
    for piece in range(demand.held + 1, demand.held + given_to + 1):
        level = min(math.ceil(Fraction(piece) / heads / height) - 1, weights.levels - 1)
        total += weights.fairness * (1 - level / weights.levels)
    return total


def as_plan(problem: Problem, proposals: Sequence[Proposal]) -> dict[tuple[int, int], int]:
    needs = [demand.need_id for demand in problem.demands]
    offers = [supply.offer_id for supply in problem.supplies]
    assert len({(one.need_id, one.offer_id) for one in proposals}) == len(proposals)
    return {(needs.index(one.need_id), offers.index(one.offer_id)): one.quantity for one in proposals}


@settings(max_examples=150, deadline=None)
@given(problems())
def test_no_other_plan_is_worth_more(problem: Problem) -> None:
    solution = solve(problem)
    every = list(plans(problem))
    found = as_plan(problem, solution.proposals)
    assert all(amount > 0 for amount in found.values())
    assert any({pair: amount for pair, amount in plan.items() if amount} == found for plan in every), "no plan at all"
    assert worth(problem, found) == pytest.approx(max(worth(problem, plan) for plan in every), abs=1e-6)
    assert solution.complete


def demand(number: int, **changes: object) -> Demand:
    return replace(Demand(f"need{number}", "milk", NANAO, 0, 10, "normal", {}, None, 10), **changes)


def supply(number: int, **changes: object) -> Supply:
    return replace(Supply(f"offer{number}", "milk", HACHIOJI, 10), **changes)


def given_to(problem: Problem) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in solve(problem).proposals:
        found[one.need_id] += one.quantity
    return found


def test_priority_comes_before_everything() -> None:
    far = demand(1, priority="urgent", municipality=OSHIMA, held=90, headcount=1)
    near = demand(2, due=TODAY, headcount=1000)
    offer = supply(1, available_from=TODAY + timedelta(days=9), aimed_at="need2")
    assert given_to(Problem([near, far], [offer], CENTROIDS, TODAY, STANDARD)) == {"need1": 10}


def test_the_lowest_share_a_head_comes_first() -> None:
    crowded, small = demand(1, headcount=100), demand(2, headcount=5)
    assert given_to(Problem([small, crowded], [supply(1)], CENTROIDS, TODAY, STANDARD)) == {"need1": 10}
    held = demand(1, headcount=10, held=10)
    assert given_to(Problem([held, demand(2)], [supply(1)], CENTROIDS, TODAY, STANDARD)) == {"need2": 10}


def test_equal_sites_share() -> None:
    shared = given_to(Problem([demand(1), demand(2)], [supply(1)], CENTROIDS, TODAY, STANDARD))
    assert shared == {"need1": 5, "need2": 5}


def test_the_nearer_offer_is_taken_and_the_distance_told() -> None:
    problem = Problem([demand(1)], [supply(1, ships_from=OSHIMA), supply(2)], CENTROIDS, TODAY, STANDARD)
    (one,) = solve(problem).proposals
    assert (one.offer_id, one.distance_km) == ("offer2", 260)
    unknown = Problem([demand(1, municipality="999999")], [supply(1)], CENTROIDS, TODAY, STANDARD)
    assert solve(unknown).proposals[0].distance_km is None


def test_great_circles_are_as_long_as_on_the_map() -> None:
    assert great_circle_km((35.6812, 139.7671), (34.7025, 135.4959)) == pytest.approx(403, abs=1)  # Tokyo, Osaka
    assert great_circle_km((0.0, 0.0), (0.0, 180.0)) == pytest.approx(math.pi * 6371)


def test_an_offer_in_time_is_taken_and_lateness_told() -> None:
    late, timely = supply(1, available_from=TODAY + timedelta(days=3)), supply(2, ships_from=OSHIMA)
    due = demand(1, due=TODAY + timedelta(days=1))
    assert [one.offer_id for one in solve(Problem([due], [late, timely], CENTROIDS, TODAY, STANDARD)).proposals] \
        == ["offer2"]
    assert solve(Problem([due], [late], CENTROIDS, TODAY, STANDARD)).proposals[0].late_days == 2


def test_a_size_that_is_not_stated_does_not_fit() -> None:
    asked = demand(1, attributes={"size": "L"})
    assert solve(Problem([asked], [supply(1), supply(2, attributes={"size": "M"})], CENTROIDS, TODAY,
                         STANDARD)).proposals == ()
    large = supply(3, attributes={"size": "L", "kind": "tape"})
    assert given_to(Problem([asked], [large], CENTROIDS, TODAY, STANDARD)) == {"need1": 10}


def test_without_time_nothing_is_proposed_and_it_says_so() -> None:
    ticks = iter((0.0, 1.0, 21.0))
    needs, offers = [demand(1), demand(2, item="rice")], [supply(1), supply(2, item="rice")]
    problem = Problem(needs, offers, CENTROIDS, TODAY, STANDARD)
    solution = solve(problem, seconds=20, clock=lambda: next(ticks))
    assert len(solution.proposals) == 1 and not solution.complete


def test_too_many_possibilities_are_cut_to_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "MOST_ARCS", 1)
    problem = Problem([demand(1, missing=20)], [supply(1, ships_from=OSHIMA), supply(2)], CENTROIDS, TODAY, STANDARD)
    solution = solve(problem)
    assert [one.offer_id for one in solution.proposals] == ["offer2"] and not solution.complete


@pytest.mark.parametrize(("change", "words"), [
    ({"fairness": {"value": -1}}, "fairness must be a number of at least 0"),
    ({"levels": {"value": 0}}, "levels must be a number of at least 1"),
    ({"levels": {"value": 2.5}}, "levels must be a number"), ({"aimed": {"value": True}}, "aimed must be a number"),
    ({"priority": {"value": {"urgent": 1}}}, "priority needs a figure for each of urgent, high, normal"),
    ({"luck": {"value": 1}}, "the weights must be"), ({"aimed": 5}, "not an object of names")])
def test_weights_are_a_file_that_is_checked(tmp_path: Path, change: dict[str, object], words: str) -> None:
    shipped = json.loads((Path(solver.__file__).parent / "weights.json").read_text("utf-8"))
    path = tmp_path / "weights.json"
    path.write_text(json.dumps(shipped), "utf-8")
    assert load(path) == STANDARD
    path.write_text(json.dumps(shipped | change), "utf-8")
    with pytest.raises(WrongWeights, match=words):
        load(path)
