"""One flipped byte anywhere in a peer's block file is found."""
from __future__ import annotations

import random
from collections import Counter

import pytest

from tests.unit.auditor.conftest import Experiment

FLIPS, PREFIXES = 100, 8


@pytest.mark.parametrize("region", ["content", "metadata"])
def test_every_flipped_byte_is_found(laboratory: Experiment, region: str) -> None:
    """`content` is header and data; of the metadata no byte is left that neither hash nor signature covers."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    results = laboratory("flips", seed=seed, count=FLIPS, region=region)
    assert len(results) == FLIPS
    unseen = [place for place, found, _ in results if not found]
    assert not unseen, f"seed {seed}: flipped bytes at {unseen} were not found"
    print(Counter(first["check"] for _, _, first in results))
    assert all("block" in first for _, _, first in results), "a finding names no block"


def test_an_unflipped_chain_agrees_wherever_it_ends(laboratory: Experiment) -> None:
    """Else the flips would be found for no merit of theirs."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    wrong = [[end, findings] for end, findings in laboratory("prefixes", seed=seed, count=PREFIXES) if findings]
    assert not wrong, f"seed {seed}: {wrong}"
