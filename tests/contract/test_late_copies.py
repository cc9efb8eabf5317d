"""A command that comes once more after others undid it: nothing happens again, for its document remembers it."""
from __future__ import annotations

from collections.abc import Callable

import pytest
from moyai_contracts.api import Command
from moyai_contracts.api.directory import (
    BlockCertificate, CastVote, ProposeItem, ResumeAccount, SuspendAccount, UnblockCertificate, vote_hash)
from moyai_contracts.api.relief import CloseNeed, ReopenNeed, SetSiteStatus
from moyai_contracts.transaction import REMEMBERED

from tests.contract.channel import NANAO
from tests.contract.memory_channel import MemoryChannel
from tests.contract.relief_story import MemoryStory
from tests.contract.scene import Scene, item_line, random_id, ulid

Pair = tuple[Command, Command]


def _suspension(scene: Scene) -> Pair:
    account = scene.supporter(NANAO).account
    return SuspendAccount(account, "休止"), ResumeAccount(account, "再開")


def _block(scene: Scene) -> Pair:
    fingerprint = random_id().encode().hex().ljust(64, "0")[:64]
    return BlockCertificate(fingerprint, "盗難"), UnblockCertificate(fingerprint, "発見")


def _vote(scene: Scene) -> Pair:
    code = scene.free_item("000000")
    scene.administer(NANAO, ProposeItem((item_line(code),)))
    content = vote_hash(scene.evaluate(NANAO, "directory.get_item", item_code=code))
    return CastVote("item", code, content, "yes"), CastVote("item", code, content, "no")


@pytest.mark.parametrize("make", [_suspension, _block, _vote])
def test_a_late_copy_of_a_move_does_not_act_after_the_opposite_one(
        memory: MemoryChannel, make: Callable[[Scene], Pair]) -> None:
    scene = Scene(memory)
    there, back = make(scene)
    op = ulid()
    scene.administer(NANAO, there, op=op)
    scene.administer(NANAO, back)
    before = dict(memory.ledger.state)
    assert scene.administer(NANAO, there, op=op).replayed
    assert memory.ledger.state == before
    assert not scene.administer(NANAO, there).replayed, "a new decision to the same effect counts"


def test_a_queued_closing_that_is_sent_again_does_not_undo_the_reopening(memory_story: MemoryStory) -> None:
    story = memory_story
    need, op = story.need(), ulid()
    closing = CloseNeed(need, "enough", queued=True, made_at=story.channel.now)
    story.submit("shelter", closing, op=op)
    story.submit("clerk", ReopenNeed(need, 2))
    assert story.submit("shelter", closing, op=op).replayed
    assert story.read_need(need)["state"] == "open"


def test_a_head_count_that_is_sent_again_does_not_replace_a_later_one(memory_story: MemoryStory) -> None:
    story = memory_story
    first, op = SetSiteStatus(NANAO, story.cast.shelter, True, 50), ulid()
    story.submit("shelter", first, op=op)
    story.submit("shelter", SetSiteStatus(NANAO, story.cast.shelter, True, 60))
    assert story.submit("shelter", first, op=op).replayed
    assert story.query("relief.get_site_status", code6=NANAO, site_id=story.cast.shelter)["headcount"] == 60


def test_a_document_names_the_latest_operations_only(memory_story: MemoryStory) -> None:
    story = memory_story
    ops = [ulid() for _ in range(REMEMBERED + 3)]
    for number, op in enumerate(ops):
        story.submit("shelter", SetSiteStatus(NANAO, story.cast.shelter, True, number), op=op)
    status = story.query("relief.get_site_status", code6=NANAO, site_id=story.cast.shelter)
    assert (status["op"], status["ops"]) == (ops[-1], ops[-1 - REMEMBERED:-1])
