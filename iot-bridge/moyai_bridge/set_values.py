"""Values that a person set for half-hours that nobody measured, among what was counted; pure.

They move what was counted from the reading after the gap, where all of it stands, to where it was said to have been.
So sums stay what the counters say, and a value that is too large is cut to what there is.
"""
from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, MutableSequence, Sequence
from typing import NamedTuple

from moyai_contracts.api.metering import HALF_HOUR

from moyai_bridge.monthly_row import slot


class SetValue(NamedTuple):
    """Units of the half-hour that begins at `begin`."""

    begin: int
    amount: int


def place(amounts: MutableSequence[int | None], edges: Sequence[int], read: Collection[int], believed: Sequence[int],
          values: Iterable[SetValue]) -> list[int]:
    """Moves amounts between neighbouring `edges`; gives the number of set half-hours in each.

    `read`: times of all readings, for what was measured after all is not set; `believed`: rising times of those that
    count.
    """
    counts, slots = [0] * len(amounts), {slot(at) for at in read}
    for value in values:
        end = value.begin + HALF_HOUR
        if slot(end) in slots:
            continue
        here, after = _interval(edges, end), bisect_left(believed, end)
        source = _interval(edges, believed[after]) if after < len(believed) else None
        if here is not None:
            counts[here] += 1
        if here == source:
            continue
        moved = value.amount if source is None else min(value.amount, amounts[source] or 0)
        if source is not None:
            amounts[source] = (amounts[source] or 0) - moved
        if here is not None:
            amounts[here] = (amounts[here] or 0) + moved
    return counts


def _interval(edges: Sequence[int], at: int) -> int | None:
    """Number of the interval (from, to] that a time lies in; None outside of all."""
    number = bisect_left(edges, at) - 1
    return number if 0 <= number < len(edges) - 1 else None
