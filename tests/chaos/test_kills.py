"""kill -9 under load: whoever was told "recorded" is on the chain once, everybody is answered, everything recovers."""
from __future__ import annotations

import json
import time

import pytest

from tests.chaos.load import Load, recorded
from tests.chaos.senders import Sender
from tests.contract.fabric_channel import FabricChannel
from tests.network.consortium import RunningConsortium

SECONDS_BEFORE, SECONDS_AFTER = 2.0, 6.0
LONGEST_GAP_SECONDS = 4.0
"""In which nobody is told anything: a killed leader is replaced after one or two."""


def leader(consortium: RunningConsortium) -> str:
    """The orderer that leads now."""
    told = consortium.moyai("network", "status", "--json")
    programs = [program for municipality in json.loads(told.stdout)["municipalities"]
                for program in municipality["programs"]]
    return str(next(program["program"] for program in programs if program["leader"]))


@pytest.mark.parametrize("victim", ["peer-172022", "the leading orderer", "contract-172022"])
def test_whatever_is_killed_every_acknowledged_need_is_recorded_once(
        victim: str, consortium: RunningConsortium, channel: FabricChannel, senders: tuple[Sender, ...]) -> None:
    program = leader(consortium) if victim == "the leading orderer" else victim
    load, first_block = Load(senders), channel.height
    with load.running():
        time.sleep(SECONDS_BEFORE)
        killed_at = time.monotonic()
        killed = consortium.kill(program)
        consortium.wait_restarted(program, killed)
        time.sleep(SECONDS_AFTER)
    consortium.wait_ready()

    acknowledged = {attempt.op for attempt in load.acknowledged()}
    assert len(load.acknowledged(after=killed_at + 1)) > 20, "the others went on"
    assert load.longest_gap() < LONGEST_GAP_SECONDS
    on_chain = recorded(channel.transactions(first_block))
    assert {op for op in acknowledged if on_chain[op] != 1} == set()

    again = load.send_again()
    assert [attempt.error for attempt in again if attempt.error] == []
    on_chain = recorded(channel.transactions(first_block))
    assert {attempt.op for attempt in load.attempts if on_chain[attempt.op] != 1} == set()
    same_chain_everywhere(channel, senders)


def same_chain_everywhere(channel: FabricChannel, senders: tuple[Sender, ...]) -> None:
    """All peers hold the same last block, the killed one too."""
    height = channel.height
    assert all(sender.ledger.catch_up(height, seconds=30) for sender in senders)
    last = {block.header_hash for sender in senders for block in sender.ledger.blocks(height - 1, last=height - 1)}
    assert len(last) == 1
