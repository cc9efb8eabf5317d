"""Accounts and keys in the read model, beside the people who sign in with them."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from moyai_contracts.api.directory import RevokeKey, SuspendAccount

from moyai_webui.account_rows import AccountFilter
from moyai_webui.home import User
from moyai_webui.store.people import SqlPeople
from tests.contract.channel import NANAO
from tests.contract.scene import ulid
from tests.unit.webui.projected import Projected
from tests.unit.webui.town import TickingStory, begin_story


@pytest.fixture
def story(tmp_path: Path) -> TickingStory:
    return begin_story(tmp_path / "consoles")  # type: ignore[return-value]


@pytest.fixture
def projected(database_url: str, story: TickingStory) -> Iterator[Projected]:
    projected = Projected(database_url, story.channel.ledger, NANAO)
    projected.project()
    yield projected
    projected.database.close()


def _clerk(story: TickingStory, projected: Projected) -> User:
    actor = story["clerk"].actor
    assert actor is not None
    user = User(ulid(), "clerk@nanao.example", "hash", "担当の人", actor.account, ("C",), NANAO, mail="clerk@nanao.example")
    projected.home.save_user(user)
    return user


def test_s11_accounts_are_listed_with_their_people_first(story: TickingStory, projected: Projected) -> None:
    user = _clerk(story, projected)
    page = projected.reading.accounts(AccountFilter(NANAO))
    assert page.total == len(page.rows) > 2 and page.rows[0].name == "担当の人"
    assert {account.office[:6] for account in page.rows} == {NANAO}
    (found,) = projected.reading.accounts(AccountFilter(NANAO, text="担当")).rows
    assert (found.account_id, found.state(projected.now())) == (user.account, "active")
    assert all("A" in account.roles for account in projected.reading.accounts(AccountFilter(NANAO, role="A")).rows)
    assert projected.reading.accounts(AccountFilter(NANAO, status="suspended")).total == 0
    assert projected.reading.account(ulid()) is None


def test_s11_a_key_tells_who_confirmed_it_and_when_it_ended(story: TickingStory, projected: Projected) -> None:
    actor, key = story.channel.administrator(NANAO)
    (shown,) = projected.reading.keys(NANAO, actor.account)
    assert (shown.key_id, shown.state, shown.confirmed_by) == (key.key_id, "confirmed", "コンソール")
    projected.home.name_key(actor.account, key.key_id, "防災課の電話")
    story.channel.access(NANAO, "webui").submit(RevokeKey(actor.account, key.key_id), actor)
    projected.project()
    (shown,) = projected.reading.keys("", actor.account)
    assert (shown.state, shown.device) == ("revoked", "防災課の電話") and shown.revoked_at is not None


def test_s11_people_follow_the_ledger_in_either_database(story: TickingStory, projected: Projected) -> None:
    user, people = _clerk(story, projected), SqlPeople(projected.database)
    assert people.follow_ledger() == [] and people.has_account(user.account)
    actor, key = story.channel.administrator(NANAO)
    story.channel.access(NANAO, "webui").submit(SuspendAccount(user.account, "休職"), actor, signers=(key,))
    projected.project()
    assert people.follow_ledger() == [user.user_id] and not people.has_account(user.account)
    assert projected.home.user(user.user_id) == replace(user, active=False)
    assert people.follow_ledger() == [] and people.uninvited() == () and people.confirmed_senders() == ()
    (suspended,) = projected.reading.accounts(AccountFilter(NANAO, status="suspended")).rows
    assert suspended.state(projected.now()) == "suspended"
    assert people.drop_unconfirmed(projected.now()) == people.drop_unopened(projected.now()) == ()
