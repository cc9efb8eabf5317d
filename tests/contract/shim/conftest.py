"""The two channels of the suite."""
from __future__ import annotations

import itertools
import json
import os
from typing import Callable, Sequence

import pytest

from moyai_client.profile import Profile
from tests.contract.shim.channel import PAIR, Channel, MemoryChannel
from tests.contract.shim.fabric_channel import FabricChannel
from tests.network.consortium import ROOT, RunningConsortium

FABRIC = pytest.param("fabric", marks=pytest.mark.process)
CHAINCODE = "shim"
_NUMBERS = itertools.count(1)
_RUN = os.urandom(4).hex()


@pytest.fixture(params=["memory", FABRIC])
def channel(request: pytest.FixtureRequest) -> Channel:
    """The ledger in memory, then real peers."""
    if request.param == "memory":
        return MemoryChannel()
    return request.getfixturevalue("fabric_channel")


@pytest.fixture(scope="session")
def fabric_channel(consortium: RunningConsortium, tmp_path_factory: pytest.TempPathFactory) -> FabricChannel:
    """The session's real channel with the test-only chaincode on it."""
    profiles = [Profile.load(consortium.profile(code, "webui")) for code in consortium.codes]
    collections = tmp_path_factory.mktemp("shim") / "collections.json"
    collections.write_text(json.dumps([pair_of([profile.msp_id for profile in profiles[:2]])]), "utf-8")
    installed = consortium.moyai(
        "network", "install-chaincode", CHAINCODE, "tests.contract.shim_contract:ShimContract",
        "--collections", str(collections), "--path", str(ROOT),
    )
    assert installed.returncode == 0, installed.stderr
    return FabricChannel(profiles, CHAINCODE)


@pytest.fixture
def key() -> Callable[[str], str]:
    """Makes keys that no other test uses: they begin with the same prefix, in the order of the names."""
    prefix = f"{_RUN}-{next(_NUMBERS):04}-"
    return lambda name="": prefix + name


def pair_of(msp_ids: Sequence[str]) -> dict[str, object]:
    """Definition of the private collection of these organisations, any one of which endorses."""
    def any_one(role: str) -> str:
        return "OR({})".format(",".join(f"'{msp_id}.{role}'" for msp_id in msp_ids))

    return {
        "name": PAIR, "policy": any_one("member"), "requiredPeerCount": 0, "maxPeerCount": 1, "blockToLive": 0,
        "memberOnlyRead": True, "memberOnlyWrite": True, "endorsementPolicy": {"signaturePolicy": any_one("peer")},
    }
