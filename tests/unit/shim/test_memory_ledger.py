"""The ledger in memory where the common suite cannot look: blocks of several, ids, limits, threads."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from moyai_shim.memory import MemoryLedger, make_creator
from moyai_shim.memory.ledger import DEFAULT_NOW
from tests.contract.shim_contract import ShimContract

CREATOR = make_creator("Org1MSP", "webui")
ORGANISATIONS = ("Org1MSP", "Org2MSP", "Org3MSP")


@pytest.fixture
def ledger() -> MemoryLedger:
    """An empty ledger."""
    return MemoryLedger(ShimContract(), collections={"pair": frozenset(ORGANISATIONS[:2])})


def codes(ledger: MemoryLedger, *transactions: list[str]) -> list[str]:
    """Endorse all, then commit them in one block."""
    return ledger.commit([ledger.endorse(CREATOR, args) for args in transactions])


def test_block_holds_valid_and_invalid_transactions_in_order(ledger: MemoryLedger) -> None:
    increment = ["emit_and_increment", "k"]
    assert codes(ledger, increment, increment, ["put", "other", "x"]) == ["VALID", "MVCC_READ_CONFLICT", "VALID"]
    (block,) = ledger.blocks
    assert block.number == 1
    assert [transaction.is_valid for transaction in block.transactions] == [True, False, True]
    invalid = block.transactions[1]
    assert invalid.event.name == "incremented" and invalid.writes == {"k": b"1"}
    assert (invalid.at, invalid.creator, invalid.args[0]) == (DEFAULT_NOW, CREATOR, b"emit_and_increment")
    assert ledger.state == {"k": b"1", "other": b"x"}


def test_endorsement_tells_reads_and_writes(ledger: MemoryLedger) -> None:
    codes(ledger, ["put", "other", "x"], ["put", "k", "1"])
    endorsed = ledger.endorse(CREATOR, ["increment", "k"])
    assert (endorsed.reads, endorsed.writes) == ({"k": (1, 1)}, {"k": b"2"})
    assert ledger.endorse(CREATOR, ["increment", "absent"]).reads == {"absent": None}


def test_deletion_of_an_absent_key_conflicts_within_its_block_only(ledger: MemoryLedger) -> None:
    assert codes(ledger, ["delete", "k"], ["create", "k"]) == ["VALID", "MVCC_READ_CONFLICT"]
    late = ledger.endorse(CREATOR, ["create", "k"])
    assert codes(ledger, ["delete", "k"]) == ["VALID"]
    assert ledger.commit([late]) == ["VALID"]


def test_phantom_within_a_block(ledger: MemoryLedger) -> None:
    assert codes(ledger, ["put", "b", "x"], ["page", "a", "c", "9", ""]) == ["VALID", "PHANTOM_READ_CONFLICT"]


def test_key_whose_policy_changed_earlier_in_the_block_cannot_be_written(ledger: MemoryLedger) -> None:
    codes(ledger, ["put", "k", "1"])
    changed = codes(ledger, ["set_policy", "k", *ORGANISATIONS], ["put", "k", "2"], ["put", "other", "x"])
    assert changed == ["VALID", "ENDORSEMENT_POLICY_FAILURE", "VALID"]
    assert codes(ledger, ["put", "k", "2"]) == ["VALID"]


def test_transaction_is_committed_once(ledger: MemoryLedger) -> None:
    endorsed = ledger.endorse(CREATOR, ["put", "k", "1"])
    assert ledger.commit([endorsed, endorsed]) == ["VALID", "DUPLICATE_TXID"]
    assert ledger.commit([endorsed]) == ["DUPLICATE_TXID"]


def test_refused_transaction_cannot_be_committed(ledger: MemoryLedger) -> None:
    refused = ledger.endorse(CREATOR, ["refuse", "409", "no"])
    with pytest.raises(ValueError):
        ledger.commit([refused])
    assert ledger.submit(CREATOR, ["refuse", "409", "no"]) == (refused.response, "")
    assert ledger.blocks == []


def test_evaluation_commits_nothing(ledger: MemoryLedger) -> None:
    assert ledger.evaluate(CREATOR, ["increment", "k"]).payload == b"1"
    assert ledger.blocks == [] and ledger.state == {}


def test_what_a_contract_raised_is_kept_for_its_author(ledger: MemoryLedger) -> None:
    endorsed = ledger.endorse(CREATOR, ["fail", "value"])
    assert isinstance(endorsed.error, ValueError)
    assert ledger.endorse(CREATOR, ["refuse", "409", "no"]).error is None


def test_ids_follow_from_the_seed() -> None:
    def ids(seed: str) -> list[str]:
        ledger = MemoryLedger(ShimContract(), seed=seed)
        return [ledger.endorse(CREATOR, ["identity"]).tx_id for _ in range(3)]

    assert ids("a") == ids("a")
    assert len({*ids("a"), *ids("b")}) == 6
    assert all(len(tx_id) == 64 for tx_id in ids("a"))


def test_time_is_the_callers(ledger: MemoryLedger) -> None:
    ledger.now += 60
    assert ledger.endorse(CREATOR, ["identity"]).invocation.at == DEFAULT_NOW + 60
    ledger.submit(CREATOR, ["put", "k", "1"], at=7)
    assert ledger.blocks[0].transactions[0].at == 7


def test_history_of_exactly_the_limit_is_an_error() -> None:
    ledger = MemoryLedger(ShimContract(), total_query_limit=3)
    for number in range(3):
        assert ledger.evaluate(CREATOR, ["history", "k"]).status == 200
        ledger.submit(CREATOR, ["put", "k", str(number)])
    refused = ledger.evaluate(CREATOR, ["history", "k"])
    assert (refused.status, refused.message.partition(":")[0]) == (500, "ResultTruncated")


def test_unknown_collection_is_an_error(ledger: MemoryLedger) -> None:
    for args in (["private_get", "nowhere", "k"], ["private_hash", "nowhere", "k"], ["private_delete", "nowhere", "k"]):
        assert ledger.evaluate(CREATOR, args).message.startswith("LedgerError: collection [nowhere]")


def test_state_is_a_copy(ledger: MemoryLedger) -> None:
    ledger.state["k"] = b"forged"
    assert ledger.state == {}


def test_threads_may_share_a_ledger(ledger: MemoryLedger) -> None:
    def add() -> None:
        while ledger.submit(CREATOR, ["increment", "k"])[1] != "VALID":
            pass

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(add) for _ in range(100)]:
            done.result()
    assert ledger.state == {"k": b"100"}
    valid = [transaction for block in ledger.blocks for transaction in block.transactions if transaction.is_valid]
    assert len(valid) == 100
