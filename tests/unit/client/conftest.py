"""A municipality's ledger client before two fake peers: its own and one of another municipality."""
from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from moyai_contracts.api.relief import NeedLine, RegisterNeed

from moyai_client.ledger import Ledger
from moyai_client.profile import Profile
from tests.unit.client.certificates import write_identity
from tests.unit.client.fake_peer import FakePeer

COMMAND = RegisterNeed((NeedLine("01KD000000000000000000000A", "CC0000000504", "000000-0101", 10),))
OWN, OTHER = "NanaoMSP", "OshimaMSP"


@pytest.fixture
def own() -> Iterator[FakePeer]:
    """The own municipality's peer."""
    peer = FakePeer(OWN)
    yield peer
    peer.stop()


@pytest.fixture
def other() -> Iterator[FakePeer]:
    """Another municipality's peer."""
    peer = FakePeer(OTHER)
    yield peer
    peer.stop()


@pytest.fixture
def profile_path(tmp_path: Path, own: FakePeer, other: FakePeer) -> Path:
    """A profile file with both peers as gateways."""
    certificate, key = write_identity(tmp_path, "webui", service="webui")
    gateways = []
    for municipality, peer in (("172022", own), ("133612", other)):
        tls_ca = tmp_path / f"{municipality}-tls.pem"
        tls_ca.write_bytes(peer.certificate)
        gateways.append({"municipality": municipality, "msp_id": peer.msp_id, "address": peer.address,
                         "server_name": "localhost", "tls_ca": str(tls_ca)})
    path = tmp_path / "webui.json"
    path.write_text(json.dumps({
        "channel": "moyai", "chaincode": "moyai", "municipality": "172022", "name": "七尾市", "msp_id": OWN,
        "service": "webui", "certificate": str(certificate), "private_key": str(key), "gateways": gateways}))
    return path


@pytest.fixture
def ledger(profile_path: Path) -> Iterator[Ledger]:
    """The client under test."""
    opened = Ledger.open(Profile.load(profile_path))
    yield opened
    opened.close()
