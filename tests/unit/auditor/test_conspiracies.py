"""What members write together with all keys, so that every hash and signature is right, the rules find."""
from __future__ import annotations

import pytest

from tests.unit.auditor.conftest import Experiment

CHECKS = {
    "forged timestamp": "timestamp", "wrong receiver": "INV-4", "one endorser": "endorsement_policy",
    "stale read": "read_version", "votes": "INV-24", "INV-26": "INV-26", "mail of no event": "INV-26",
    **{name: name for name in ("INV-1", "INV-2", "INV-3", "INV-4", "INV-5", "INV-6", "INV-18", "INV-19", "INV-20",
                               "INV-24", "INV-25", "INV-29")}}
ELSEWHERE = {"votes", "INV-26"}
"""Lies that show at another transaction: where the votes were counted, which event has no mail."""
OF_SIGNATURES = {"orderer_signature", "creator_signature", "data_hash", "chain", "commit_hash", "endorsement",
                 "transaction_id", "proposal", "metadata", "configuration"}


def test_the_chain_under_new_keys_agrees(laboratory: Experiment) -> None:
    assert laboratory("conspiracies")["nothing"]["findings"] == []


def test_every_conspiracy_is_judged(laboratory: Experiment) -> None:
    assert set(laboratory("conspiracies")) == CHECKS.keys() | {"nothing"}


@pytest.mark.parametrize("name", CHECKS)
def test_a_lie_is_found_by_its_rule_alone(laboratory: Experiment, name: str) -> None:
    result = laboratory("conspiracies")[name]
    found = [finding for finding in result["findings"] if finding["check"] == CHECKS[name]]
    assert not result["agrees"] and found
    assert name in ELSEWHERE or result["place"] in [[one["block"], one["transaction"]] for one in found]
    assert not OF_SIGNATURES & {finding["check"] for finding in result["findings"]}, "not only the rules tell"
