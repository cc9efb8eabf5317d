"""What members write together with all keys, so that every hash and signature is right, the rules find."""
from __future__ import annotations

import pytest

from tests.unit.auditor.conftest import Experiment

CHECKS = {
    "forged timestamp": "timestamp", "wrong receiver": "INV-4", "one endorser": "endorsement_policy",
    "a proposal that takes": "INV-5", "an approval of more": "INV-1", "an approval by another": "INV-5",
    "a rejection by another": "INV-5", "other contents": "INV-3", "repacked by another": "INV-5",
    "another way": "INV-5", "a leg that is not": "INV-5", "handed over by another": "INV-5",
    "a recall by another": "INV-5", "a recall that gives nothing back": "INV-1", "a correction without a key": "INV-25",
    "a correction that nobody notes": "INV-4", "a correction of the sum": "INV-4", "a receipt written anew": "INV-4",
    "redirected elsewhere": "INV-5", "lost at once": "INV-5", "an arrival of another's": "INV-24",
    "an intake of another's": "INV-24", "an attestation of another's": "INV-24", "a drill that is not open": "INV-6",
    "a drill of another's": "INV-24", "forgotten operations": "INV-29",
    "a need of another site": "INV-24", "another's offer": "INV-24", "another's key": "INV-24",
    "a head that lies": "INV-19", "more than was said": "INV-29", "another role than was said": "INV-29",
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
