"""The same command twice: the second time the earlier result, and nothing written."""
from __future__ import annotations

import pytest
from moyai_client.errors import Refused
from moyai_contracts.api import TRANSACTIONS
from tests.contract.relief_commands import MAKE
from tests.contract.relief_story import MemoryStory, Story
from tests.contract.scene import ulid

CREATIONS = {"relief.register_need", "relief.register_offer", "relief.request_dispatch", "relief.propose_dispatch",
             "relief.ship_consignment", "relief.record_arrival"}


def test_s12_every_command_of_relief_is_tried() -> None:
    assert MAKE.keys() == {name for name in TRANSACTIONS if name.startswith("relief.")}


@pytest.mark.parametrize("name", MAKE)
def test_s12_the_same_operation_twice_is_done_once(memory_story: MemoryStory, name: str) -> None:
    story = memory_story
    who, command = MAKE[name](story)
    op = ulid()
    assert not story.submit(who, command, op=op).replayed
    before = story.state
    story.channel.advance(5)
    assert story.submit(who, command, op=op).receipt.result == {"op": op, "replayed": True}
    assert story.state == before


@pytest.mark.parametrize("name", MAKE)
def test_s12_both_in_one_block_are_done_once(memory_story: MemoryStory, name: str) -> None:
    who, command = MAKE[name](memory_story)
    op = ulid()
    both = [memory_story.prepare(who, command, op=op) for _ in range(2)]
    assert memory_story.commit(*both) == ["VALID", "MVCC_READ_CONFLICT"]
    assert memory_story.submit(who, command, op=op).replayed


@pytest.mark.parametrize("name", sorted(CREATIONS))
def test_s12_a_creation_is_known_by_its_content_whatever_the_operation(story: Story, name: str) -> None:
    who, command = MAKE[name](story)
    assert not story.submit(who, command).replayed
    assert story.submit(who, command).replayed


@pytest.mark.parametrize("name", sorted(CREATIONS))
def test_s12_the_same_ids_by_somebody_else_are_refused(story: Story, name: str) -> None:
    who, command = MAKE[name](story)
    story.submit(who, command)
    with pytest.raises(Refused) as refusal:
        story.submit({"clerk": "admin", "supporter": "neighbour", "shelter": "second_shift"}[who], command)
    assert refusal.value.code == "id_reused"
