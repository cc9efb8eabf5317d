"""Charts as SVG without a style (`PAGES.md` 4.8): axes from 0, the numbers in a table beside."""
from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

MOST_LINES = 5
_TOP, _FOOT, _RIGHT = 30, 30, 4


class Series(NamedTuple):
    """One part of each column. `css` is its colour: v1, v2, v3."""

    name: str
    css: str
    values: tuple[float, ...]


def columns(labels: Sequence[str], series: Sequence[Series], unit: str, *, width: int = 640, height: int = 280,
            left: int = 52, every: int = 1, marks: Sequence[str] = ()) -> Markup:
    """The inside of an `svg`: stacked columns. Only each `every`-th label is written.

    `marks`, one for each of the first columns: lack draws the frame of a column that nobody measured, part and set a
    sign above it; nothing looks like zero that is not.
    """
    heights = [sum(part.values[number] for part in series) for number in range(len(labels))]
    step = nice_step(max(heights, default=0))
    lines = max(1, -(-int(max(heights, default=0) * 1000) // int(step * 1000)))
    base = height - _FOOT
    scale = (base - _TOP) / (lines * step)
    slot = (width - left - _RIGHT) / max(len(labels), 1)
    drawn = [f'<text x="{left - 8}" y="14" text-anchor="end">{escape(unit)}</text>']
    for line in range(lines + 1):
        y = base - line * step * scale
        drawn.append(f'<line class="{"grid" if line else "axis"}" x1="{left}" x2="{width - _RIGHT}" '
                     f'y1="{y:.1f}" y2="{y:.1f}"/><text x="{left - 8}" y="{y + 4.5:.1f}" text-anchor="end">'
                     f'{line * step:,.6g}</text>')
    for number, label in enumerate(labels):
        x, width_of_column, below = left + slot * (number + .19), slot * .62, 0.0
        for part in series:
            value = part.values[number]
            if value > 0:
                drawn.append(f'<rect class="{part.css}" x="{x:.1f}" y="{base - (below + value) * scale:.1f}" '
                             f'width="{width_of_column:.1f}" height="{value * scale:.1f}"/>')
            below += value
        if number < len(marks) and marks[number]:
            drawn.append(_mark(marks[number], x, width_of_column, base))
        if number % every == 0:
            drawn.append(f'<text x="{x + width_of_column / 2:.1f}" y="{base + 20}" '
                         f'text-anchor="middle">{escape(label)}</text>')
    return Markup("".join(drawn))


def _mark(mark: str, x: float, width: float, base: float) -> str:
    if mark == "lack":
        return f'<rect class="lack" x="{x:.1f}" y="{_TOP}" width="{width:.1f}" height="{base - _TOP}"/>'
    middle, side, y = x + width / 2, min(4.5, width / 2), _TOP - 8
    shape = (f"M{middle - side:.1f} {y - side}h{2 * side:.1f}L{middle:.1f} {y + side}z" if mark == "part" else
             f"M{middle:.1f} {y - side}L{middle + side:.1f} {y}L{middle:.1f} {y + side}L{middle - side:.1f} {y}z")
    return f'<path class="{mark}" d="{shape}"/>'


def nice_step(peak: float) -> float:
    """Distance of the lines behind columns up to `peak`: 1, 2 or 5 of some power of ten, at most five lines."""
    step = 0.1
    while True:
        for factor in (1, 2, 5):
            if peak <= step * factor * MOST_LINES:
                return round(step * factor, 6)
        step *= 10
