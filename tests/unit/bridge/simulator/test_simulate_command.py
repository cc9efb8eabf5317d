"""Which half-hours `moyai bridge simulate` takes: days of Japan that are over."""
from __future__ import annotations

from datetime import datetime

import click
import pytest
from moyai_bridge.simulator.command_line import span_of
from moyai_bridge.simulator.homes import Span

MIDNIGHT = 1_767_193_200
"""2026-01-01 00:00 in Japan."""


def test_days_begin_at_midnight_in_japan() -> None:
    assert span_of(datetime(2026, 1, 1), datetime(2026, 1, 3), MIDNIGHT + 10**6) == Span(MIDNIGHT, 96)


def test_without_an_end_it_is_the_last_half_hour_that_is_over() -> None:
    assert span_of(datetime(2026, 1, 1), None, MIDNIGHT + 3 * 1800 + 1799) == Span(MIDNIGHT, 3)


def test_without_a_beginning_it_is_two_days_ago() -> None:
    assert span_of(None, None, MIDNIGHT + 2 * 86400 + 1800) == Span(MIDNIGHT, 97)


@pytest.mark.parametrize(("first", "until"), [
    (datetime(2026, 1, 1), datetime(2026, 1, 9)), (datetime(2026, 1, 2), datetime(2026, 1, 2)),
    (datetime(2026, 1, 5), None)])
def test_what_is_empty_or_not_over_is_refused(first: datetime, until: datetime | None) -> None:
    with pytest.raises(click.UsageError):
        span_of(first, until, MIDNIGHT + 3 * 86400)
