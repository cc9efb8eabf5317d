"""Two readings of one model: what the contract lets happen, the auditor's rules find in order."""
from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from moyai_contracts.api import TRANSACTIONS
from moyai_contracts.api.relief import ReportLost

from tests.contract.relief_story import MemoryStory
from tests.contract.test_relief_invariants import Chance
from tests.unit.auditor import relief_traffic
from tests.unit.auditor.memory_replay import judged

COMMANDS = 600


@pytest.fixture
def memory_story(tmp_path: Path) -> MemoryStory:
    """Relief on a fresh ledger in memory."""
    return MemoryStory.begin(tmp_path)


def test_the_story_of_relief_is_in_order(memory_story: MemoryStory) -> None:
    story = memory_story
    relief_traffic.traffic(story)
    lost = story.shipped()
    story.channel.advance(72 * 3600)
    story.submit("clerk", ReportLost(lost.package_id))
    assert judged(story.channel.ledger) == []
    done = {transaction.args[0].decode() for block in story.channel.ledger.blocks
            for transaction in block.transactions}
    wanted = {name for name in TRANSACTIONS if name.startswith("relief.")}
    assert wanted - done == OLDER, "the story leaves out what is new"


OLDER = {f"relief.{name}" for name in (
    "acknowledge_discrepancy", "cancel_dispatch", "change_need", "change_offer", "close_need", "confirm_needs",
    "decline_dispatch", "issue_label", "reopen_need", "resolve_discrepancy", "withdraw_offer")}
"""What the random commands below do."""


def test_random_commands_are_in_order(memory_story: MemoryStory) -> None:
    chance = Chance(memory_story, seed=1)
    chance.play(COMMANDS)
    done = Counter(transaction.args[0].decode() for block in memory_story.channel.ledger.blocks
                   for transaction in block.transactions if transaction.is_valid)
    assert OLDER <= done.keys()
    assert judged(memory_story.channel.ledger) == []
