"""A register's month as a row of totals; pure, and by the contract's own arithmetic."""
from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from moyai_client.errors import MoyaiError
from moyai_contracts.api.devices import Reset, TotalsRow
from moyai_contracts.api.metering import HALF_HOUR

from moyai_bridge.counter import Counter, Move, Point
from moyai_bridge.counting import Believed, count

MOST_RESETS = 50
_JST = timezone(timedelta(hours=9))


class TooManyResets(MoyaiError):
    """More falls than a row of totals takes: somebody should look at the meter."""


@dataclass(frozen=True)
class Month:
    """A month in Japan: `2024-01`, UTC seconds of its beginning and end."""
    name: str
    start: int
    end: int

    @classmethod
    def named(cls, name: str) -> Month:
        """Raises ValueError."""
        first = datetime.strptime(name, "%Y-%m").replace(tzinfo=_JST)
        return cls(name, int(first.timestamp()), int(_next(first).timestamp()))

    @classmethod
    def before(cls, now: int) -> Month:
        """The month before the one that `now` lies in."""
        last_day = datetime.fromtimestamp(now, _JST).replace(day=1) - timedelta(days=1)
        return cls.named(f"{last_day:%Y-%m}")

    @classmethod
    def of(cls, at: int) -> Month:
        """The month that a time lies in."""
        return cls.named(f"{datetime.fromtimestamp(at, _JST):%Y-%m}")

    @property
    def previous(self) -> str:
        """Name of the month before."""
        return Month.before(self.start).name

    @property
    def following(self) -> str:
        """Name of the month after."""
        return f"{datetime.fromtimestamp(self.end, _JST):%Y-%m}"


def slot(at: int) -> int:
    """Number of the half-hour that a reading ends."""
    return -(-at // HALF_HOUR)


def monthly_row(device_id: str, register: str, counter: Counter, month: Month, readings: Iterable[Point], *,
                start: Point | None, end: int | None = None,
                substituted: Collection[int] = ()) -> TotalsRow | None:
    """The row, or None where there is no reading to begin with: one at the month's very end begins the next month.

    `start`: the reading that the month before ended with; without one the last believed reading up to the month's
    beginning, else its first one. `end`: the time of the reading that the month after begins with, None where it has
    no row. `readings` are all others, some days beyond the month's end too. `substituted`: numbers of half-hours that
    were given values. Raises TooManyResets.
    """
    last = month.end if end is None else end
    believed = [item for item in count(counter, readings, start).believed if item.point.at <= last]
    if not believed or (start is None and believed[0].point.at >= month.end):
        return None
    first = 0 if start else max((place for place, item in enumerate(believed) if item.point.at <= month.start),
                                default=0)
    return _row(device_id, register, counter, month, _possible(counter, believed[first:]), substituted)


def _possible(counter: Counter, believed: Sequence[Believed]) -> Sequence[Believed]:
    """Without the last ones where a clock that is behind makes the time too short: a later row has what they counted.

    The contract takes no page with more than the device can do.
    """
    count = len(believed)
    while count > 1 and not counter.can_count(believed[count - 1].steps - believed[0].steps,
                                              believed[count - 1].point.at - believed[0].point.at):
        count -= 1
    return believed[:count]


def _row(device_id: str, register: str, counter: Counter, month: Month, believed: Sequence[Believed],
         substituted: Collection[int]) -> TotalsRow:
    begin, end = believed[0], believed[-1]
    later = believed[1:]
    resets = tuple(Reset(item.fell_from, item.point.raw) for item in later if item.fell_from is not None)
    if len(resets) > MOST_RESETS:
        raise TooManyResets(f"Register {register} of device {device_id} fell {len(resets)} times in {month.name}.")
    received = {slot(item.point.at) for item in later} - {slot(begin.point.at)}
    expected = max(slot(end.point.at) - slot(begin.point.at), slot(month.end) - slot(max(begin.point.at, month.start)))
    span = range(slot(begin.point.at) + 1, slot(begin.point.at) + 1 + expected)
    given = min(sum(number in span and number not in received for number in set(substituted)),
                expected - len(received))
    return TotalsRow(
        device_id=device_id, register=register, from_at=begin.point.at, to_at=end.point.at, first_raw=begin.point.raw,
        last_raw=end.point.raw, amount=counter.amount(end.steps - begin.steps), expected=expected,
        received=len(received), quality="substituted" if given else "measured", substituted=given,
        rollovers=sum(item.move is Move.ROLLOVER for item in later), resets=resets)


def _next(first: datetime) -> datetime:
    return (first + timedelta(days=31)).replace(day=1)
