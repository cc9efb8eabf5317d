"""Which homes and half-hours `moyai bridge simulate` takes: those that were there before, days that are over."""
from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from moyai_bridge.simulator.command_line import Wish, _resident, roster_of, span_of
from moyai_bridge.simulator.homes import Span
from moyai_bridge.simulator.roster import Roster

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


NOW = MIDNIGHT + 10 * 86400
FIRST = Wish(3, datetime(2026, 1, 1), datetime(2026, 1, 3), 5)


def begun(file: Path) -> Roster:
    roster = roster_of(file, FIRST, NOW, lambda: 7)
    roster.save(file)
    return roster


def test_new_homes_have_ids_of_their_own_and_the_next_run_goes_on_with_them(tmp_path: Path) -> None:
    roster = begun(tmp_path / "roster.json")
    assert (roster.start, roster.seed, roster.duplicates, roster.legs) == (MIDNIGHT, 5, 7, (96,))
    assert len({home.device_id for home in roster.households} | {home.account for home in roster.households}) == 6
    later = roster_of(tmp_path / "roster.json", Wish(until=datetime(2026, 1, 4)), NOW, lambda: 9)
    assert (later.households, later.duplicates, later.legs) == (roster.households, 7, (96, 144))


def test_what_was_begun_is_finished_before_anything_new(tmp_path: Path) -> None:
    roster = begun(tmp_path / "roster.json")
    for until in (datetime(2026, 1, 2), datetime(2026, 1, 3)):
        assert roster_of(tmp_path / "roster.json", Wish(until=until), NOW, lambda: 9) == roster


@pytest.mark.parametrize("wish", [Wish(homes=4), Wish(first=datetime(2026, 1, 2)), Wish(seed=6)])
def test_homes_that_are_there_are_not_made_others(tmp_path: Path, wish: Wish) -> None:
    begun(tmp_path / "roster.json")
    with pytest.raises(click.UsageError, match="begun otherwise"):
        roster_of(tmp_path / "roster.json", wish, NOW, lambda: 9)
    roster_of(tmp_path / "roster.json", FIRST, NOW, lambda: 9)


def test_the_demonstration_s_resident_has_the_first_home(tmp_path: Path) -> None:
    settings = SimpleNamespace(state=tmp_path, municipality="172022")
    assert _resident(settings) == ""
    (tmp_path / "accounts.json").write_text(json.dumps([
        {"municipality": "132012", "roles": ["M"], "account": "A"}, {"municipality": "172022", "roles": ["C"],
                                                                     "account": "B"},
        {"municipality": "172022", "roles": ["M"], "account": "D"}]))
    assert _resident(settings) == "D"
    roster = roster_of(tmp_path / "roster.json", Wish(2, resident="D"), NOW, lambda: 0)
    assert [home.is_resident for home in roster.households] == [True, False]
    assert roster.households[0].account == "D"
