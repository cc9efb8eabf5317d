"""The two channels of the suite."""
from __future__ import annotations

import itertools
import os
from typing import Callable

import pytest

from tests.contract.shim.channel import Channel, MemoryChannel

FABRIC = pytest.param("fabric", marks=pytest.mark.process)
_NUMBERS = itertools.count(1)
_RUN = os.urandom(4).hex()


@pytest.fixture(params=["memory", FABRIC])
def channel(request: pytest.FixtureRequest) -> Channel:
    """The ledger in memory, then real peers."""
    if request.param == "memory":
        return MemoryChannel()
    return request.getfixturevalue("fabric_channel")


@pytest.fixture
def key() -> Callable[[str], str]:
    """Makes keys that no other test uses: they begin with the same prefix, in the order of the names."""
    prefix = f"{_RUN}-{next(_NUMBERS):04}-"
    return lambda name="": prefix + name
