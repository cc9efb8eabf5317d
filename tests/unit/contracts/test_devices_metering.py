"""The arithmetic of registers against a counter that is turned step by step, and against exact fractions."""
from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moyai_contracts.api import metering


@given(st.integers(1, 3), st.lists(st.integers(0, 9), min_size=1, max_size=200), st.data())
def test_counted_is_what_was_turned(digits: int, turns: list[int], data: st.DataObject) -> None:
    first = raw = data.draw(st.integers(0, 10**digits - 1))
    counted, rollovers, resets = 0, 0, []
    for steps in turns:
        if raw and data.draw(st.booleans()):
            resets.append((raw, raw := data.draw(st.integers(0, raw - 1))))
        counted += steps
        raw += steps
        if raw >= 10**digits:
            raw, rollovers = raw - 10**digits, rollovers + 1
    assert metering.counted(first, raw, digits=digits, rollovers=rollovers, resets=resets) == counted


@given(st.integers(0, 10**15), st.integers(1, 10**9), st.integers(1, 10**9))
def test_an_amount_is_the_nearest_unit_and_of_two_the_greater(steps: int, n: int, d: int) -> None:
    exact = Fraction(steps * n, d)
    found = metering.amount(steps, n, d)
    assert -Fraction(1, 2) < found - exact <= Fraction(1, 2)


@pytest.mark.parametrize(("steps", "seconds", "plausible"), [
    (0, 0, True), (1, 0, True), (2, 0, False), (31, 1800, True), (32, 1800, False), (31, 1799, False)])
def test_what_6_kw_can_do_in_steps_of_100_wh(steps: int, seconds: int, plausible: bool) -> None:
    assert metering.is_plausible(steps, 100, 1, capacity=6000, seconds=seconds) is plausible


@given(st.integers(0, 10**9), st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**9),
       st.integers(0, 10**8))
def test_plausible_grants_one_step(steps: int, n: int, d: int, capacity: int, seconds: int) -> None:
    possible = Fraction(capacity * seconds, 3600) + Fraction(n, d)
    fits = Fraction(steps * n, d) <= possible
    assert metering.is_plausible(steps, n, d, capacity=capacity, seconds=seconds) is fits
