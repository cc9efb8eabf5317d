"""What is written into a copy of a peer's block file is found, and named with its block and transaction."""
from __future__ import annotations

from typing import Any

import pytest

from tests.unit.auditor.conftest import Experiment

MISSING = 50
NEED, RECEIPT, REQUEST = "relief.register_need", "relief.receive_package", "relief.request_dispatch"


def findings(laboratory: Experiment, name: str) -> list[dict[str, Any]]:
    return list(laboratory("copies")["found"][name]["findings"])


def checks_at(laboratory: Experiment, name: str, function: str) -> set[str]:
    """Checks that complained of the first transaction of a function."""
    block, place = laboratory("copies")["places"][function]
    return {found["check"] for found in findings(laboratory, name)
            if (found.get("block"), found.get("transaction", place)) == (block, place)}


@pytest.mark.parametrize("name", ["untouched", "rehashed and untouched"])
def test_the_golden_chain_agrees(laboratory: Experiment, name: str) -> None:
    result = laboratory("copies")
    assert result["same bytes"], "the tests write another file than the peer"
    assert result["found"][name] == {"agrees": True, "first": None, "findings": []}


def test_a_missing_block_is_named(laboratory: Experiment) -> None:
    result = laboratory("copies")["found"]["missing block"]
    assert (result["agrees"], result["first"]["check"], result["first"]["block"]) == (False, "reading", MISSING)
    assert "missing" in result["first"]["sentence"]


@pytest.mark.parametrize(("name", "function", "checks"), [
    ("forged timestamp", NEED, {"data_hash", "creator_signature", "proposal", "timestamp"}),
    ("forged timestamp, rehashed", NEED, {"orderer_signature", "creator_signature", "proposal", "timestamp"}),
    ("wrong receiver", RECEIPT, {"data_hash", "creator_signature", "transaction_id", "proposal", "INV-4"}),
    ("wrong receiver, rehashed", RECEIPT, {"orderer_signature", "creator_signature", "transaction_id", "INV-4"}),
    ("foreign endorsement", REQUEST, {"data_hash", "creator_signature", "endorsement", "endorsement_policy"}),
    ("foreign endorsement, rehashed", REQUEST, {"orderer_signature", "endorsement", "endorsement_policy"}),
    ("foreign result, rehashed", REQUEST, {"orderer_signature", "creator_signature", "proposal"})])
def test_a_changed_transaction_is_named(laboratory: Experiment, name: str, function: str, checks: set[str]) -> None:
    assert checks <= checks_at(laboratory, name, function)
    first = laboratory("copies")["found"][name]["first"]
    assert [first["block"], first["transaction"]] == laboratory("copies")["places"][function]


@pytest.mark.parametrize(("name", "check"), [
    ("loser made valid", "read_version"), ("lonely made valid", "endorsement_policy"),
    ("valid made a loser", "validation_code")])
def test_a_changed_verdict_is_found_twice(laboratory: Experiment, name: str, check: str) -> None:
    """By judging the transaction, and by the chain of commit hashes."""
    first = laboratory("copies")["found"][name]["first"]
    assert first["check"] == check and "transaction" in first
    assert "commit_hash" in {found["check"] for found in findings(laboratory, name)
                             if found.get("block") == first["block"]}


def test_a_torn_tail_is_told(laboratory: Experiment) -> None:
    (found,) = findings(laboratory, "torn tail")
    assert found["check"] == "reading" and "ends within a block" in found["sentence"]


def test_of_several_copies_the_one_that_differs_is_named(laboratory: Experiment) -> None:
    first = laboratory("copies")["found"]["three copies"]["first"]
    assert [first["block"], first["transaction"]] == laboratory("copies")["places"][NEED]
    assert first["check"] == "peers_agree" and first["peer"].endswith("/three")
    (shorter,) = findings(laboratory, "shorter copy")
    assert shorter["check"] == "heights" and shorter["peer"].endswith("/short")
