"""Whole blocks from a stored position, decoded, checked against their hashes, across losses of the connection."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from fabric_protos.common import common_pb2
from fabric_protos.peer import events_pb2
from moyai_contracts.api import canonical
from moyai_contracts.api.directory import RegisterMunicipality

from moyai_client import retry
from moyai_client.blocks import decode_block
from moyai_client.errors import BrokenChain, NotSent
from moyai_client.identity import Identity
from moyai_client.ledger import Ledger
from moyai_client.retry import Retry
from tests.unit.client.certificates import write_identity
from tests.unit.client.conftest import OWN
from tests.unit.client.fake_peer import FakePeer
from tests.unit.client.memory_channel import MemoryChannel


@pytest.fixture
def channel(own: FakePeer, monkeypatch: pytest.MonkeyPatch) -> MemoryChannel:
    """A channel that the own peer serves."""
    monkeypatch.setitem(retry.RETRIES, ConnectionError, Retry(10**9, 0.01, 0.02))
    channel = MemoryChannel()
    channel.serve(own)
    return channel


@pytest.fixture
def console(ledger: Ledger, channel: MemoryChannel, tmp_path: Any) -> Iterator[Ledger]:
    """A console's ledger, which may register municipalities."""
    opened = Ledger(ledger.profile, Identity.load(OWN, *write_identity(tmp_path, "console", service="console")))
    yield opened
    opened.close()


def register(console: Ledger, code6: str = "172022") -> None:
    """One transaction in one block."""
    console.submit(RegisterMunicipality(code6, "七尾市", OWN))


def test_a_block_tells_who_asked_what_and_what_is_written(console: Ledger) -> None:
    register(console)
    configuration, block = console.blocks(0, last=1)
    assert configuration.transactions == ()
    assert (block.number, block.previous_hash) == (1, configuration.header_hash)
    transaction, = block.transactions
    assert (transaction.valid, transaction.code, transaction.number_in_block) == (True, "VALID", 0)
    assert (transaction.msp_id, transaction.function) == (OWN, "directory.register_municipality")
    assert canonical.decode(transaction.arguments[0])["code6"] == "172022"
    assert transaction.event is not None and transaction.event.name == "directory.municipality_registered"
    assert transaction.event.payload["data"]["status"] == "active"
    assert transaction.event.payload["tx"] == transaction.tx_id
    written = {key.split("\0")[1]: value for key, value in transaction.writes}
    assert set(written) == {"directory.municipality", "directory.msp", "directory.roster"}
    assert canonical.decode(written["directory.roster"])["codes"] == ["172022"]


def test_an_invalid_transaction_is_shown_as_such(console: Ledger, channel: MemoryChannel) -> None:
    register(console)
    envelope = channel.blocks[1].data.data[0]
    channel.append([envelope, envelope], ["MVCC_READ_CONFLICT", "DUPLICATE_TXID"])
    block, = console.blocks(2, last=2)
    assert [(entry.valid, entry.code, entry.number_in_block) for entry in block.transactions] == [
        (False, "MVCC_READ_CONFLICT", 0), (False, "DUPLICATE_TXID", 1)]
    assert block.transactions[0].event is not None and block.transactions[0].writes


@pytest.mark.parametrize("garbage", [
    b"\xff\xff", b"", common_pb2.Envelope(payload=b"\x0a\x02\x0a\x00").SerializeToString()])
def test_garbage_that_the_peers_marked_invalid_says_nothing(console: Ledger, channel: MemoryChannel,
                                                            garbage: bytes) -> None:
    register(console)
    channel.append([garbage, channel.blocks[1].data.data[0]], ["BAD_PAYLOAD", "DUPLICATE_TXID"])
    block, = console.blocks(2, last=2)
    assert [entry.number_in_block for entry in block.transactions] == [1]


def test_transactions_of_other_chaincodes_are_left_out(console: Ledger, channel: MemoryChannel) -> None:
    register(console)
    assert decode_block(channel.blocks[1], "another").transactions == ()


def test_content_that_contradicts_the_header_is_not_passed_on(console: Ledger, channel: MemoryChannel) -> None:
    register(console)
    channel.blocks[1].data.data[0] += b"\x00"
    with pytest.raises(BrokenChain, match="block 1"):
        list(console.blocks(0, last=1))


def test_a_block_that_does_not_follow_is_not_passed_on(console: Ledger, channel: MemoryChannel) -> None:
    register(console)
    channel.blocks[1].header.previous_hash = bytes(32)
    seen: list[int] = []
    with pytest.raises(BrokenChain, match="block 1 does not follow"):
        seen += (block.number for block in console.blocks(0, last=1))
    assert [block.number for block in console.blocks(1, last=1)] == [1], "a first block has nothing to follow"


def test_live_blocks_until_stop(console: Ledger, channel: MemoryChannel) -> None:
    stop, arrived = threading.Event(), threading.Semaphore(0)
    numbers: list[int] = []

    def follow() -> None:
        for block in console.blocks(1, stop=stop):
            numbers.append(block.number)
            arrived.release()

    follower = threading.Thread(target=follow)
    follower.start()
    register(console)
    assert arrived.acquire(timeout=5)
    channel.append([channel.blocks[1].data.data[0]], ["DUPLICATE_TXID"])
    assert arrived.acquire(timeout=5)
    stop.set()
    follower.join(5)
    assert not follower.is_alive() and numbers == [1, 2]


def test_a_lost_connection_is_opened_again_at_the_next_block(console: Ledger, own: FakePeer,
                                                             channel: MemoryChannel) -> None:
    register(console)
    for _ in range(3):
        channel.append([channel.blocks[1].data.data[0]], ["DUPLICATE_TXID"])
    deliver, starts = own.scripts["Deliver"], iter((2, 1, 3))

    def cut(envelope: Any) -> Iterator[Any]:
        for answer, _ in zip(deliver(envelope), range(next(starts))):
            yield answer

    own.scripts["Deliver"] = cut
    assert [block.number for block in console.blocks(0, last=4)] == [0, 1, 2, 3, 4]
    assert own.calls["Deliver"] == 3


def test_a_restarted_peer_goes_on(console: Ledger, own: FakePeer, channel: MemoryChannel) -> None:
    register(console)
    blocks = console.blocks(0, last=2)
    assert [next(blocks).number, next(blocks).number] == [0, 1]
    own.stop()
    own.start()
    channel.append([channel.blocks[1].data.data[0]], ["DUPLICATE_TXID"])
    assert [block.number for block in blocks] == [2]


def test_a_peer_that_refuses_to_deliver_is_told(console: Ledger, own: FakePeer) -> None:
    own.scripts["Deliver"] = lambda envelope: iter([events_pb2.DeliverResponse(status=common_pb2.FORBIDDEN)])
    with pytest.raises(NotSent, match="FORBIDDEN"):
        next(console.blocks(0))


def test_nothing_to_read_before_the_start(console: Ledger, own: FakePeer) -> None:
    assert list(console.blocks(3, last=2)) == []
    assert own.calls["Deliver"] == 0


def test_numbers_are_der_integers(console: Ledger) -> None:
    hashes: set[bytes] = set()
    for number in (0, 127, 128, 255, 256, 2**32):
        header = common_pb2.BlockHeader(number=number, data_hash=_hash_of_nothing())
        block = common_pb2.Block(header=header, metadata=common_pb2.BlockMetadata(metadata=[b"", b"", b""]))
        hashes.add(decode_block(block, "moyai").header_hash)
    assert len(hashes) == 6


def _hash_of_nothing() -> bytes:
    return bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")


def test_a_stream_belongs_to_the_own_peer(console: Ledger, own: FakePeer, other: FakePeer) -> None:
    own.stop()
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    assert list(console.blocks(0, stop=stop)) == []
    assert other.calls["Deliver"] == 0
