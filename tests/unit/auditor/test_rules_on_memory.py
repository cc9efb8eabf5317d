"""Two readings of one model: what the contract lets happen, the auditor's rules find in order."""
from __future__ import annotations

import random
from pathlib import Path

import pytest
from moyai_contracts.api import TRANSACTIONS
from moyai_contracts.api.relief import ChangeOffer, ConfirmNeeds, ReopenNeed, ReportLost

from tests.contract.channel import NANAO
from tests.contract.relief_acts import NAMES
from tests.contract.relief_history import MemoryHistory
from tests.contract.relief_story import MemoryStory
from tests.contract.test_relief_histories import OFTEN, SELDOM_RIGHT, open_drill
from tests.unit.auditor import record, relief_traffic
from tests.unit.auditor.memory_replay import judged

THREE_DAYS = 72 * 3600
SEEDS, ACTS = 4, 400


def test_the_whole_of_relief_is_in_order(tmp_path: Path) -> None:
    """Also what takes days, and so cannot be on the golden chain."""
    story = MemoryStory.begin(tmp_path)
    record.receipts(story)
    record.endings(story)
    relief_traffic.traffic(story)
    lost = story.shipped()
    story.channel.advance(THREE_DAYS)
    story.submit("clerk", ReportLost(lost.package_id))
    story.submit("shelter", ConfirmNeeds(NANAO, story.cast.shelter))
    story.submit("supporter", ChangeOffer(story.offer(10), 1, quantity=12))
    _reopen(story)
    assert judged(story.channel.ledger) == []
    done = {transaction.args[0].decode() for block in story.channel.ledger.blocks
            for transaction in block.transactions if transaction.is_valid}
    assert {name for name in TRANSACTIONS if name.startswith("relief.")} <= done, "the story leaves something out"


def _reopen(story: MemoryStory) -> None:
    closed = next(key.strip("\0").split("\0")[-1] for key, value in story.state.items()
                  if key.startswith("\0relief.need\0live") and b'"state":"closed"' in value)
    story.submit("clerk", ReopenNeed(closed, story.read_need(closed)["rev"]))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_histories_by_chance_are_in_order(tmp_path: Path, seed: int) -> None:
    """Also those in which commands come late, twice or from the wrong person, in earnest and in a drill."""
    story, chance = MemoryStory.begin(tmp_path), random.Random(seed)
    history = MemoryHistory(story, (None, open_drill(story)), seed)
    history.play(chance.choices(NAMES + OFTEN * 2 + SELDOM_RIGHT * 2, k=ACTS))
    assert judged(story.channel.ledger) == []
