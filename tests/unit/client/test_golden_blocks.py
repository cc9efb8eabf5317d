"""Blocks as three real peers of Fabric 3.1.1 made them, in golden/: the channel's first block (0), the commit of the
chaincode's definition (2), an account (20), and two changes of one document of which the second lost the race (21)."""
from __future__ import annotations

from pathlib import Path

from fabric_protos.common import common_pb2
from moyai_contracts.api import canonical
from moyai_contracts.api.command import parse

from moyai_client.blocks import Block, decode_block

GOLDEN = Path(__file__).parent / "golden"


def block(number: int) -> Block:
    """A golden block, decoded."""
    return decode_block(common_pb2.Block.FromString((GOLDEN / f"block-{number}.bin").read_bytes()), "moyai")


def test_configuration_and_lifecycle_hold_no_transaction_of_ours() -> None:
    assert block(0).transactions == () and block(2).transactions == ()


def test_the_computed_header_hash_is_what_the_next_block_refers_to() -> None:
    assert block(20).header_hash == block(21).previous_hash
    assert block(0).previous_hash == b""


def test_the_loser_of_a_race_stands_beside_the_winner() -> None:
    winner, loser = block(21).transactions
    assert (winner.code, loser.code) == ("VALID", "MVCC_READ_CONFLICT")
    assert (winner.valid, loser.valid) == (True, False)
    assert [winner.number_in_block, loser.number_in_block] == [0, 1]
    assert winner.event is not None and loser.event is not None
    policies = {entry.event.payload["data"]["dispatch_approval"] for entry in (winner, loser) if entry.event}
    assert policies == {"none", "office"}
    assert winner.event.payload["tx"] == winner.tx_id and winner.tx_id != loser.tx_id


def test_a_transaction_tells_command_event_and_document() -> None:
    transaction, = block(20).transactions
    assert (transaction.function, transaction.msp_id) == ("directory.open_account", "NanaoMSP")
    envelope, command, _ = parse(transaction.function, transaction.arguments[0])
    assert envelope.proof is not None and envelope.actor is not None and envelope.actor.role == "A"
    (key, value), = transaction.writes
    assert key == f"\0directory.account\0{command.accounts[0].account_id}\0"
    assert value is not None and canonical.decode(value)["roles"] == ["C"]
    assert transaction.event is not None and transaction.event.name == "directory.account_opened"
    assert canonical.decode(value)["at"] == transaction.timestamp == transaction.event.payload["at"]
