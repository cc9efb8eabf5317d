"""Sessions that end, links that work once, codes that count once, shifts and day codes."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone

import pytest

from moyai_database.database import Database
from moyai_webui.identity import Identity, SecondFactor
from moyai_webui.store import schema
from moyai_webui.store.identity import open_identity
from moyai_webui.store.tickets import SqlAccountMails

NOW = datetime(2024, 1, 9, 9, 0, tzinfo=timezone.utc)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = date(2024, 1, 9)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    schema.prepare(database)
    yield database
    database.close()


@pytest.fixture
def identity(database: Database) -> Identity:
    return open_identity(database)


def _begin(identity: Identity, secret: str, user_id: str = "CLERK", **more: str) -> None:
    identity.sessions.begin(user_id, secret, now=NOW, until=NOW + DAY, idle=HOUR, device="Android・Chrome", **more)


def test_s11_a_session_is_found_by_its_secret_alone(identity: Identity) -> None:
    _begin(identity, "secret", on_duty="当番")
    found = identity.sessions.find("secret", NOW)
    assert found is not None and (found.user_id, found.on_duty) == ("CLERK", "当番")
    assert identity.sessions.find(found.session_id, NOW) is None
    assert identity.sessions.find("", NOW) is None


def test_s11_a_session_ends_when_it_lies_unused_or_its_time_is_over(identity: Identity) -> None:
    _begin(identity, "secret")
    assert identity.sessions.find("secret", NOW + HOUR) is None
    for minutes in range(0, 24 * 60, 50):
        assert identity.sessions.find("secret", NOW + timedelta(minutes=minutes)) is not None, minutes
    assert identity.sessions.find("secret", NOW + DAY) is None


def test_s11_a_screen_that_nobody_looks_at_does_not_keep_a_session(identity: Identity) -> None:
    _begin(identity, "secret")
    for minutes in (20, 40, 59):
        assert identity.sessions.find("secret", NOW + timedelta(minutes=minutes), used=False) is not None
    assert identity.sessions.find("secret", NOW + timedelta(minutes=61), used=False) is None


def test_s11_sessions_end_one_by_one_or_together(identity: Identity) -> None:
    for secret in ("phone", "desk", "lost"):
        _begin(identity, secret)
    _begin(identity, "another's", "OTHER")
    (lost,) = (each for each in identity.sessions.of("CLERK", NOW) if each == identity.sessions.find("lost", NOW))
    identity.sessions.end_one("OTHER", lost.session_id)
    assert identity.sessions.find("lost", NOW) is not None, "another's session is not hers to end"
    identity.sessions.end_one("CLERK", lost.session_id)
    assert identity.sessions.find("lost", NOW) is None and len(identity.sessions.of("CLERK", NOW)) == 2
    identity.sessions.end_all("CLERK", but="phone")
    assert [identity.sessions.find(secret, NOW) is None for secret in ("phone", "desk")] == [False, True]
    identity.sessions.end("phone")
    assert identity.sessions.of("CLERK", NOW) == () and identity.sessions.find("another's", NOW) is not None


def test_s11_a_link_works_once_for_its_purpose_and_in_time(identity: Identity) -> None:
    tickets = identity.tickets
    secret = tickets.issue("password", "CLERK", NOW, HOUR, {"a": 1})
    assert tickets.look("password", secret, NOW) == tickets.look("password", secret, NOW)
    assert tickets.look("confirmation", secret, NOW) is None and tickets.take("password", secret + "x", NOW) is None
    assert tickets.look("password", secret, NOW + HOUR) is None
    taken = tickets.take("password", secret, NOW)
    assert taken is not None and (taken.user_id, taken.content) == ("CLERK", {"a": 1})
    assert tickets.take("password", secret, NOW) is None


def test_s11_a_newer_link_ends_the_older_and_a_person_can_lose_all(identity: Identity) -> None:
    tickets = identity.tickets
    older, newer = (tickets.issue("password", "CLERK", NOW, HOUR) for _ in range(2))
    other = tickets.issue("password", "OTHER", NOW, HOUR)
    assert tickets.look("password", older, NOW) is None and tickets.look("password", newer, NOW) is not None
    tickets.withdraw("CLERK")
    assert tickets.look("password", newer, NOW) is None and tickets.look("password", other, NOW) is not None


def test_s11_a_step_counts_once_and_a_recovery_code_too(identity: Identity) -> None:
    factors = identity.factors
    assert factors.factor("CLERK") is None
    factors.save(SecondFactor("CLERK", "SECRET", True, 100, ("a", "b")))
    assert [factors.use_step("CLERK", step) for step in (101, 101, 100, 102)] == [True, False, False, True]
    assert [factors.use_recovery("CLERK", code) for code in ("a", "a", "c")] == [True, False, False]
    found = factors.factor("CLERK")
    assert found is not None and (found.last_step, found.recovery) == (102, ("b",))
    factors.remove("CLERK")
    assert factors.factor("CLERK") is None


def test_s11_a_day_code_is_of_one_site_and_one_day(identity: Identity) -> None:
    shifts = identity.shifts
    first = shifts.make_code("S1", TODAY, "OFFICE", NOW)
    assert len(first) == 6 and first.isdigit() and shifts.code("S1", TODAY) == first
    assert shifts.code("S2", TODAY) is None and shifts.code("S1", TODAY + DAY) is None
    shifts.make_code("S2", TODAY, "OFFICE", NOW)
    assert shifts.codes(TODAY).keys() == {"S1", "S2"}
    shifts.make_code("S2", TODAY + 3 * DAY, "OFFICE", NOW + 3 * DAY)
    assert shifts.codes(TODAY) == {}, "what nobody can use any more is forgotten"


def test_s11_who_was_on_duty_is_kept(identity: Identity) -> None:
    shifts = identity.shifts
    shifts.begin("S1", "前の当番", "one", NOW)
    shifts.end("one", NOW + HOUR)
    shifts.begin("S1", "いまの当番", "two", NOW + 2 * HOUR)
    shifts.end("one", NOW + 3 * HOUR)
    told = [(shift.name, shift.ended_at) for shift in shifts.at("S1", 10)]
    assert told == [("いまの当番", None), ("前の当番", NOW + HOUR)] and shifts.at("S2", 10) == ()


def test_s11_a_mail_with_a_link_is_sent_once_and_its_link_forgotten(identity: Identity, database: Database) -> None:
    outbox = SqlAccountMails(database)
    identity.mails.put("reset", "CLERK", "clerk@nanao.example", NOW, {"path": "/set_password?ticket=secret"})
    assert identity.mails.count("clerk@nanao.example", NOW - HOUR) == 1
    assert identity.mails.count("clerk@nanao.example", NOW) == identity.mails.count("x@nanao.example", NOW - HOUR) == 0
    (letter,) = outbox.due(NOW, 10)
    assert letter.content == {"path": "/set_password?ticket=secret"}
    assert [outbox.begin(letter.mail_id), outbox.begin(letter.mail_id)] == [True, False]
    outbox.try_later(letter.mail_id, "450 later", NOW + HOUR)
    assert outbox.due(NOW, 10) == [] and outbox.begin(outbox.due(NOW + HOUR, 10)[0].mail_id)
    outbox.settle_interrupted()
    assert outbox.due(NOW + DAY, 10) == [], "whether the server took it nobody knows"
    outbox.forget(NOW + DAY)
    assert identity.mails.count("clerk@nanao.example", NOW - HOUR) == 0
