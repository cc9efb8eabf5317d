"""Random histories of all transactions of relief: the model foretells each answer, INV-1 to INV-6 hold after every
block, on the ledger in memory and, shorter, on the real network."""
from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from moyai_contracts.api import TRANSACTIONS
from moyai_contracts.api.directory import OpenDrill
from moyai_contracts.api.relief import SetIntake
from tests.contract import authority_audit
from tests.contract.relief_acts import NAMES
from tests.contract.relief_history import History, MemoryHistory
from tests.contract.relief_story import MemoryStory, Story
from tests.contract.scene import ulid

# What moves boxes on comes often, so that there are boxes in all states.
OFTEN = ("register_need", "register_offer", "request_dispatch", "request_dispatch", "ship_consignment",
         "ship_consignment", "receive_package", "receive_package", "repack_dispatch", "hand_over_package",
         "propose_dispatch", "approve_dispatch")
SELDOM_RIGHT = ("report_lost", "correct_receipt", "recall_dispatch", "resolve_discrepancy")
KINDS = st.lists(st.sampled_from(NAMES + OFTEN * 2 + SELDOM_RIGHT * 2), min_size=80, max_size=250)
STEPS = (*OFTEN, *OFTEN, "propose_dispatch", "approve_dispatch", "recall_dispatch", "redirect_package",
         "record_arrival", "correct_receipt", "receive_package", "decline_dispatch", "issue_label", "change_need",
         "acknowledge_discrepancy", "set_intake")
"""On the network, where every one takes a block."""
SEEN: Counter[tuple[str, str]] = Counter()


def open_drill(story: Story) -> str:
    """A drill that all take part in."""
    drill = ulid()
    for who in ("admin", "hachioji_admin", "oshima_admin"):
        story.submit(who, OpenDrill(drill, "訓練"))
    story.scope = drill
    for who, site in (("clerk", story.cast.shelter), ("clerk", story.cast.school)):
        story.open_site(who, site)
    story.scope = None
    return drill


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(kinds=KINDS, seed=st.integers(0, 2**32))
def _any_history(kinds: list[str], seed: int) -> None:
    with TemporaryDirectory() as folder:
        story = MemoryStory.begin(Path(folder))
        history = MemoryHistory(story, (None, open_drill(story)), seed)
        history.play(kinds)
        authority_audit.Audit().read(story.channel.transactions())
        SEEN.update(history.tally)  # type: ignore[arg-type]
        for scope, model in history.models.items():
            story.scope = scope
            for need_id in model.of("need"):
                answer = story.check_need(need_id)
                assert answer["agrees"] and answer["committed"] == model.records["need", need_id]["committed"]


def test_s12_every_history_goes_as_the_model_says() -> None:
    SEEN.clear()
    _any_history()
    never = {name for name in NAMES if not SEEN[f"relief.{name}", "done"]}
    assert not never, "never carried out"
    met = {code for _, code in (key for key in SEEN if isinstance(key, tuple))}
    assert met >= {"replayed", "wrong_state", "foreign_record", "not_permitted", "not_found", "offer_short",
                   "need_covered", "wrong_site"}
    assert SEEN["MVCC_READ_CONFLICT"] and SEEN["VALID"]  # type: ignore[index]


@pytest.mark.process
def test_s12_a_history_on_the_network_goes_as_the_model_says(fabric_story: Story) -> None:
    history = History(fabric_story, (None, open_drill(fabric_story)), 7)
    try:
        history.play(STEPS * 3)
        history.compare()
    finally:
        fabric_story.scope = None
        for item in ("*", fabric_story.cast.water):  # others offer on this ledger too
            fabric_story.submit("clerk", SetIntake(item, False))
    done = {name for name in NAMES if history.tally[f"relief.{name}", "done"]}  # type: ignore[index]
    assert len(done) >= 12, done


def test_s12_histories_have_every_transaction_of_relief() -> None:
    assert {f"relief.{name}" for name in NAMES} == {name for name in TRANSACTIONS if name.startswith("relief.")}
