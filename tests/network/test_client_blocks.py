"""Blocks of a real network: from a stored position, live, over a peer's restart, the same at every peer."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import Queue

import pytest
from moyai_contracts.api.relief import SetSiteStatus

from moyai_client.blocks import Block
from moyai_client.ledger import Ledger
from moyai_client.profile import Profile
from tests.contract.channel import NANAO
from tests.contract.fabric_channel import FabricChannel
from tests.contract.scene import Scene
from tests.network.consortium import RunningConsortium


@pytest.fixture(scope="module")
def scene(consortium: RunningConsortium) -> Iterator[Scene]:
    """The three municipalities on the real network."""
    channel = FabricChannel(consortium.state.root).bootstrap()
    yield Scene(channel)
    channel.close()


@pytest.fixture
def ledger(consortium: RunningConsortium, scene: Scene) -> Iterator[Ledger]:
    """七尾市's projector."""
    opened = Ledger.open(Profile.load(consortium.profile(NANAO, "worker")))
    yield opened
    opened.close()


def test_the_whole_chain_is_the_same_at_every_peer(consortium: RunningConsortium, scene: Scene) -> None:
    height = scene.channel.height
    chains = []
    for code6 in consortium.codes:
        reader = Ledger.open(Profile.load(consortium.profile(code6, "worker")))
        assert reader.catch_up(height)
        chains.append([(block.number, block.header_hash, len(block.transactions))
                       for block in reader.blocks(0, last=height - 1)])
        reader.close()
    assert [number for number, _, _ in chains[0]] == list(range(height))
    assert chains[0] == chains[1] == chains[2]


def test_reading_goes_on_from_a_stored_position(ledger: Ledger) -> None:
    last = ledger.height() - 1
    whole = list(ledger.blocks(0, last=last))
    assert list(ledger.blocks(last - 3, last=last)) == whole[-4:]
    assert [block.previous_hash for block in whole[1:]] == [block.header_hash for block in whole[:-1]]


def test_a_written_document_stands_in_its_block(scene: Scene, ledger: Ledger) -> None:
    administrator, _ = scene.channel.administrator(NANAO)
    site = scene.site(NANAO)
    receipt = scene.submit(NANAO, "webui", SetSiteStatus(NANAO, site, True, 321), actor=administrator)
    assert receipt.block_number is not None and ledger.catch_up(receipt.block_number + 1)
    block, = ledger.blocks(receipt.block_number, last=receipt.block_number)
    transaction = next(entry for entry in block.transactions if entry.tx_id == receipt.tx_id)
    (key, value), = transaction.writes
    assert key == f"\0relief.site_status\0live\0{NANAO}\0{site}\0"
    assert value is not None and b'"headcount":321' in value
    assert transaction.event is not None and transaction.event.name == "relief.site_status_set"


def test_following_survives_a_restart_of_the_own_peer(consortium: RunningConsortium, scene: Scene,
                                                      ledger: Ledger) -> None:
    administrator, _ = scene.channel.administrator(NANAO)
    site, start, stop = scene.site(NANAO), ledger.height(), threading.Event()
    arrived: Queue[Block] = Queue()

    def follow() -> None:
        for block in ledger.blocks(start, stop=stop):
            arrived.put(block)

    follower = threading.Thread(target=follow)
    follower.start()
    before = scene.submit(NANAO, "webui", SetSiteStatus(NANAO, site, True, 1), actor=administrator)
    consortium.wait_restarted(f"peer-{NANAO}", consortium.kill(f"peer-{NANAO}"))
    consortium.wait_ready()
    after = scene.submit(NANAO, "webui", SetSiteStatus(NANAO, site, True, 2), actor=administrator)
    numbers: list[int] = []
    seen: set[str] = set()
    while not {before.tx_id, after.tx_id} <= seen:
        block = arrived.get(timeout=30)
        numbers.append(block.number)
        seen |= {entry.tx_id for entry in block.transactions}
    stop.set()
    follower.join(10)
    assert not follower.is_alive()
    assert numbers == list(range(start, start + len(numbers)))
