"""Sites on a drawing without any map service: where they lie to each other, how many people are there, how it is.

Longitude is shortened by the cosine of the latitude, which is true enough for some tens of kilometres.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

KILOMETRES_A_DEGREE = 111.2
MARGIN, LEAST_RADIUS, MOST_RADIUS = 34.0, 5.0, 22.0
LETTER, LINE = 14.0, 17.0
"""Width and height that a written letter takes."""


class Spot(NamedTuple):
    """`css` is what it looks like: s-open, s-lack. `weight`: number of people, the circle's area."""

    name: str
    told: str
    latitude: int
    longitude: int
    weight: int
    css: str


def site_map(spots: Sequence[Spot], *, width: int = 640, height: int = 420) -> Markup:
    """The inside of an `svg`; coordinates of spots are in microdegrees. Empty without spots."""
    if not spots:
        return Markup()
    shrink = math.cos(math.radians(sum(spot.latitude for spot in spots) / len(spots) / 1e6))
    points = [(spot.longitude * shrink / 1e6, spot.latitude / 1e6) for spot in spots]
    west, north = min(x for x, _ in points), max(y for _, y in points)
    across = max(max(x for x, _ in points) - west, 0.01)
    down = max(north - min(y for _, y in points), 0.01)
    scale = min((width - 2 * MARGIN) / across, (height - 2 * MARGIN) / down)
    left, top = (width - across * scale) / 2, (height - down * scale) / 2
    heaviest = max(spot.weight for spot in spots) or 1
    drawn, names = [], _Names(width)
    for spot, (x, y) in sorted(zip(spots, points), key=lambda pair: -pair[0].weight):
        at_x, at_y = left + (x - west) * scale, top + (north - y) * scale
        radius = LEAST_RADIUS + (MOST_RADIUS - LEAST_RADIUS) * math.sqrt(spot.weight / heaviest)
        drawn.append(f'<circle class="{spot.css}" cx="{at_x:.1f}" cy="{at_y:.1f}" r="{radius:.1f}">'
                     f'<title>{escape(spot.name)}：{escape(spot.told)}</title></circle>')
        names.put(spot.name, at_x, at_y - radius - 4)
    return Markup("".join([*drawn, *names.drawn])) + _scale_bar(scale, height)


class _Names:
    """Names over their circles, where none lies upon another; who comes first has the place."""

    def __init__(self, width: float) -> None:
        self.drawn: list[str] = []
        self._width = width
        self._taken: list[tuple[float, float, float]] = []

    def put(self, name: str, x: float, y: float) -> None:
        half = len(name) * LETTER / 2
        x = min(max(x, half), self._width - half)
        if any(abs(y - taken_y) < LINE and abs(x - taken_x) < half + taken_half
               for taken_x, taken_y, taken_half in self._taken):
            return
        self._taken.append((x, y, half))
        self.drawn.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{escape(name)}</text>')


def _scale_bar(pixels_a_degree: float, height: int) -> Markup:
    """A line of a round number of kilometres, about a fifth of the drawing."""
    kilometres = next((length for length in (50, 20, 10, 5, 2, 1)
                       if length / KILOMETRES_A_DEGREE * pixels_a_degree <= 160), 0.5)
    length = kilometres / KILOMETRES_A_DEGREE * pixels_a_degree
    y = height - 12
    return Markup(f'<path class="axis" d="M16 {y - 5}v5h{length:.1f}v-5"/>'
                  f'<text x="{16 + length + 8:.1f}" y="{y}">{kilometres:g}km</text>')
