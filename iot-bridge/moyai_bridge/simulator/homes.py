"""Simulated homes: the real one, larger or smaller, behind meters that differ in step and digits. Seeded and pure."""
from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from moyai_bridge.simulator.year import HALF_HOUR, HalfHour, Year

REGISTERS = ("import", "export", "generation")
CAPACITY = 20_000
"""W: most that a meter of these homes can count, more than the largest ever draws."""
_SCALE = (400, 1800)
_SOLAR_SCALE = (1000, 4500)
_FEW_DIGITS, _MANY_DIGITS = 4, 8


@dataclass(frozen=True, slots=True)
class Home:
    """A home and its meter.

    `consumption`, `generation`: thousandths of the real home's. One step of a counter is `step` Wh; it rolls over
    after `digits`. `first`: what the counters of REGISTERS show at the beginning.
    """

    number: int
    consumption: int
    generation: int
    step: int
    digits: int
    first: tuple[int, int, int]

    def energy(self, half_hour: HalfHour) -> tuple[int, int, int]:
        """Wh that pass through each of REGISTERS in a half-hour; only what the home does not use itself is fed in."""
        consumed = half_hour.consumption * self.consumption // 1000
        generated = half_hour.generation * self.generation // 1000
        return max(consumed - generated, 0), max(generated - consumed, 0), generated

    @property
    def rolls_over(self) -> bool:
        """Whether its counters have so few digits that they start again within weeks."""
        return self.digits == _FEW_DIGITS


@dataclass(frozen=True, slots=True)
class Span:
    """Half-hours that are simulated: `count` of them from `start` (UTC seconds). Reading i is taken after i of them."""

    start: int
    count: int

    def at(self, reading: int) -> int:
        """When reading number `reading` (0 to `count`) is taken, true UTC seconds."""
        return self.start + reading * HALF_HOUR


def make_homes(count: int, seed: int, span: Span, year: Year) -> tuple[Home, ...]:
    """`count` homes, the same for the same seed; every third has few digits, and rolls over within the span."""
    return tuple(_home(number, random.Random(f"home {seed} {number}"), span, year) for number in range(count))


def _home(number: int, chance: random.Random, span: Span, year: Year) -> Home:
    few = number % 3 == 2
    plain = Home(number, chance.randint(*_SCALE), chance.randint(*_SOLAR_SCALE), 10 if few else 1,
                 _FEW_DIGITS if few else _MANY_DIGITS, (0, 0, 0))
    if few:
        first = _shortly_before_the_top(plain, chance, span, year)
    else:
        # Far from zero, so that a fall to zero shows; far from the top, so that it is no rollover.
        first = (chance.randint(10**5, 10**7), chance.randint(10**5, 10**7), chance.randint(10**5, 10**7))
    return Home(number, plain.consumption, plain.generation, plain.step, plain.digits, first)


def _shortly_before_the_top(home: Home, chance: random.Random, span: Span, year: Year) -> tuple[int, int, int]:
    """Counters that roll over after a part of what the span brings."""
    whole = totals(home, span, year)
    size = int(10**home.digits)
    imported, exported, generated = (size - 1 - int(chance.uniform(0.2, 0.8) * (energy // home.step)) % size
                                     for energy in whole)
    return imported, exported, generated


def totals(home: Home, span: Span, year: Year) -> Sequence[int]:
    """Wh of the whole span by register."""
    return [sum(column) for column in zip(
        *(home.energy(year.starting(span.at(number))) for number in range(span.count)), strict=True)]
