"""LEDGER.md §2.1: what whoever has stolen the web UI's key of a municipality can do, and what not, until the console
blocks its certificate."""
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, find, settings

from moyai_client.actor_key import ActorKey
from moyai_client.errors import Refused
from moyai_contracts.api import TRANSACTIONS, Actor, canonical
from moyai_contracts.api.command import LIVE, signing_bytes
from moyai_contracts.api.directory import (
    AccountLine, BlockCertificate, ConfirmKey, OpenAccount, RegisterKey, SetPolicy)
from moyai_contracts.api.relief import CorrectReceipt, ReceivedLine, RegisterNeed
from moyai_contracts.api.schema import to_json

from tests.contract.authority_table import ROWS, RULES
from tests.contract.channel import HACHIOJI, NANAO
from tests.contract.command_shapes import fields
from tests.contract.memory_channel import MemoryAccess, refused
from tests.contract.relief_story import MemoryStory
from tests.contract.scene import random_id, ulid

ANY = settings(phases=(Phase.generate,), database=None, derandomize=True)


@pytest.fixture
def thief(memory_story: MemoryStory) -> MemoryAccess:
    """七尾市's web UI's certificate and key, in other hands."""
    return memory_story.channel.access(NANAO, "webui")


def code_of(attempt: Any) -> str:
    with pytest.raises(Refused) as refusal:
        attempt()
    return refusal.value.code


def answer(thief: MemoryAccess, function: str, actor: Actor | None, key: ActorKey | None = None,
           now: int = 0) -> str:
    """The code of the refusal of some well-formed command, "" where there is none; nothing is committed."""
    message = {"v": 1, "op": ulid()} | find(fields(function), lambda found: True, settings=ANY)
    if function.startswith("relief."):
        message["scope"] = LIVE
    if actor:
        message["actor"] = to_json(actor)
    if key and actor:
        message["proof"] = [key.proof(now, actor.account)]
        message["proof"][0]["sig"] = key.sign(signing_bytes(function, message))
    response = thief.endorse_raw(function, canonical.encode(message)).response
    return refused(response).code if response.is_error else ""


def test_p06_it_acts_as_anybody_of_its_municipality_where_the_services_word_suffices(
        memory_story: MemoryStory, thief: MemoryAccess) -> None:
    need = memory_story.need_line(5)
    thief.submit(memory_story.offering(5), memory_story["local"].actor)
    thief.submit(RegisterNeed((need,)), memory_story["clerk"].actor)
    assert memory_story.read_need(need.need_id)["by"] == memory_story["clerk"].account


@pytest.mark.parametrize("who", ["supporter", "sender", "hachioji_admin", "oshima_clerk"])
@pytest.mark.parametrize("function", sorted(TRANSACTIONS))
def test_p06_it_acts_as_nobody_of_another_municipality(
        memory_story: MemoryStory, thief: MemoryAccess, function: str, who: str) -> None:
    assert answer(thief, function, memory_story[who].actor) in ("not_permitted", "account_inactive")


@pytest.mark.parametrize("name", sorted(name for name, rule in ROWS.items() if rule.grade == "K" and "(" not in name))
def test_p06_it_does_nothing_that_a_confirmed_key_must_sign(
        memory_story: MemoryStory, thief: MemoryAccess, name: str) -> None:
    """Not even with a key of its own making, which it may register for any account and nobody confirms."""
    story = memory_story
    actor = story["admin"].actor
    assert actor is not None
    own = ActorKey.generate(actor.account)
    thief.submit(RegisterKey(own.public), actor)
    assert answer(thief, name, actor) == "key_required"
    assert answer(thief, name, actor, own, story.channel.now) == "key_required"
    assert code_of(lambda: thief.submit(ConfirmKey(actor.account, own.key_id), actor, signers=(own,))) == "key_required"
    assert code_of(lambda: thief.submit(ConfirmKey(actor.account, own.key_id))) == "not_permitted"


def test_p06_what_it_signs_with_a_key_of_its_own_is_told_as_such(
        memory_story: MemoryStory, thief: MemoryAccess) -> None:
    """Grade k goes with a key that is confirmed by nobody, and every reader sees that."""
    story = memory_story
    box, _ = story.differing()
    clerk = story["clerk"].actor
    assert clerk is not None
    own = ActorKey.generate(clerk.account)
    correction = CorrectReceipt(box.package_id, ulid(), (ReceivedLine(box.dispatch_id, 60),), "訂正")
    assert code_of(lambda: thief.submit(correction, clerk)) == "key_required"
    assert code_of(lambda: thief.submit(correction, clerk, signers=(own,))) == "key_required"
    thief.submit(RegisterKey(own.public), clerk)
    thief.submit(correction, clerk, signers=(own,))
    event = story.channel.transactions()[-1].event
    assert event is not None and event.payload["attested"] == "self"


@pytest.mark.parametrize("signed", [False, True])
def test_p06_no_receipt_of_its_making_is_attested_by_a_device(
        memory_story: MemoryStory, thief: MemoryAccess, signed: bool) -> None:
    story = memory_story
    actor = story["shelter"].actor
    assert actor is not None
    real = story.scene.key(actor, confirmed=True)
    box, forged = story.shipped(), ActorKey.generate(actor.account)
    thief.submit(RegisterKey(forged.public), actor)
    thief.submit(story.receipt(box, 60), actor, signers=(forged,) if signed else ())
    assert story.read_package(box)["receipt"]["attested"] == ("self" if signed else "service")
    honest = story.shipped()
    story.submit("shelter", story.receipt(honest, 60), keys=(real,))
    assert story.read_package(honest)["receipt"]["attested"] == "device"


def test_p06_a_signature_of_a_phone_serves_for_no_other_receipt(
        memory_story: MemoryStory, thief: MemoryAccess) -> None:
    """It may keep what a phone signed, and change nothing in it."""
    story = memory_story
    actor = story["shelter"].actor
    assert actor is not None
    phone = story.scene.key(actor, confirmed=True)
    message: dict[str, Any] = {"v": 1, "op": ulid(), "scope": LIVE, "actor": to_json(actor)}
    message |= to_json(story.receipt(story.shipped(), 60))
    message["proof"] = [phone.proof(story.channel.now, actor.account)]
    message["proof"][0]["sig"] = phone.sign(signing_bytes("relief.receive_package", message))
    for change in ({"scanned_at": story.channel.now - 9}, {"op": ulid()}, {"site": story.cast.school}):
        response = thief.endorse_raw("relief.receive_package", canonical.encode(message | change)).response
        assert refused(response).code == "signature_invalid"


@pytest.mark.parametrize("function", sorted(name for name, rule in RULES.items() if "webui" not in rule.services))
def test_p06_it_stands_for_no_other_service(memory_story: MemoryStory, thief: MemoryAccess, function: str) -> None:
    assert answer(thief, function, memory_story["admin"].actor) == "not_permitted"
    assert answer(thief, function, None) == "not_permitted"


@pytest.mark.parametrize("function", sorted(TRANSACTIONS))
def test_p06_without_an_account_it_opens_supporters_at_most(
        memory_story: MemoryStory, thief: MemoryAccess, function: str) -> None:
    if function != "directory.open_account":
        assert answer(thief, function, None) == "not_permitted"


def test_p06_the_supporters_that_it_opens_are_of_its_municipality(
        memory_story: MemoryStory, thief: MemoryAccess) -> None:
    thief.submit(OpenAccount((AccountLine(random_id(), ("P",), NANAO, "company"),)))
    assert code_of(lambda: thief.submit(OpenAccount((
        AccountLine(random_id(), ("P",), HACHIOJI, "company"),)))) == "foreign_record"


def test_p06_blocked_by_the_console_it_does_nothing_from_the_next_block_on(
        memory_story: MemoryStory, thief: MemoryAccess) -> None:
    story = memory_story
    story.submit("admin", BlockCertificate(thief.creator.fingerprint, "盗まれました"))
    assert {answer(thief, function, story["clerk"].actor) for function in TRANSACTIONS} == {"not_permitted"}
    rev = story.query("directory.get_municipality", code6=NANAO)["rev"]
    story.submit("admin", SetPolicy("office", rev))
