"""A meter's certificate is not a member's: with it nobody signs anything on the channel."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2
from moyai_client.identity import Identity
from moyai_client.profile import Profile
from moyai_client.proposal import new_proposal
from moyai_client.transport import RpcFailure, Transport

from tests.network.broker_site import BrokerSite
from tests.network.consortium import RunningConsortium

NANAO = "172022"
UNKNOWN = "access denied: channel [moyai] creator org unknown, creator is malformed"
QUESTION = (b"directory.get_roster", b"{}")


@pytest.fixture(scope="module")
def profile(consortium: RunningConsortium) -> Profile:
    return Profile.load(consortium.profile(NANAO, "webui"))


@pytest.fixture(scope="module")
def transport(profile: Profile) -> Iterator[Transport]:
    """Over the same TLS as every client: the peer's certificate is checked, and the peer answers."""
    made = Transport(profile.gateways)
    yield made
    made.close()


@pytest.fixture(scope="module")
def device(consortium: RunningConsortium, tmp_path_factory: pytest.TempPathFactory) -> Identity:
    """A meter that claims to be a member's client."""
    pair = BrokerSite(consortium, NANAO, tmp_path_factory.mktemp("devices")).device()
    return Identity.load("NanaoMSP", pair.certificate, pair.key)


@pytest.fixture(scope="module")
def bridge(consortium: RunningConsortium) -> Identity:
    """What the bridge shows the broker is no member's either."""
    folder: Path = consortium.state.home(NANAO).bridge("1")
    return Identity.load("NanaoMSP", folder / "certificate.pem", folder / "private_key.pem")


@pytest.fixture(scope="module")
def member(profile: Profile) -> Identity:
    return Identity.load(profile.msp_id, profile.certificate, profile.private_key)


def asked(transport: Transport, profile: Profile, identity: Identity, method: str) -> str:
    """What the peer says to a well-formed proposal of this identity."""
    proposal = new_proposal(identity, profile.channel, profile.chaincode, QUESTION)
    kind = {"Endorse": gateway_pb2.EndorseRequest, "Evaluate": gateway_pb2.EvaluateRequest}[method]
    request = kind(transaction_id=proposal.transaction_id, channel_id=profile.channel,
                   proposed_transaction=proposal.signed)
    try:
        transport.call(profile.own_gateway, method, request, 10.0)
    except RpcFailure as failure:
        return " ".join((failure.message, *(detail.message for detail in failure.details)))
    return "endorsed"


@pytest.mark.parametrize("method", ["Endorse", "Evaluate"])
@pytest.mark.parametrize("who", ["device", "bridge"])
def test_a_proposal_signed_by_a_meter_is_refused(transport: Transport, profile: Profile, member: Identity,
                                                 request: pytest.FixtureRequest, who: str, method: str) -> None:
    assert UNKNOWN in asked(transport, profile, request.getfixturevalue(who), method)
    # The same bytes but for the signer are a good proposal.
    assert UNKNOWN not in asked(transport, profile, member, method)


def test_an_envelope_signed_by_a_meter_is_not_ordered(transport: Transport, profile: Profile,
                                                      device: Identity) -> None:
    """Without an endorsement it would not be valid; it does not even get into a block."""
    proposal = new_proposal(device, profile.channel, profile.chaincode, QUESTION)
    envelope = common_pb2.Envelope(payload=proposal.signed.proposal_bytes, signature=proposal.signed.signature)
    request = gateway_pb2.SubmitRequest(transaction_id=proposal.transaction_id, channel_id=profile.channel,
                                        prepared_transaction=envelope)
    with pytest.raises(RpcFailure) as refused:
        transport.call(profile.own_gateway, "Submit", request, 15.0)
    assert "status=FORBIDDEN" in str(refused.value) and "'Writers'" in str(refused.value)


def test_the_device_ca_is_in_nobody_s_msp(consortium: RunningConsortium) -> None:
    """Neither on a disk from which a node takes what it trusts, nor in the channel's first block."""
    for municipality in consortium.definition.municipalities:
        home = consortium.state.home(municipality.code)
        root = home.device_ca.read_bytes().strip()
        trusted = [path for folder in home.root.rglob("*cacerts") for path in folder.iterdir()]
        assert len(trusted) >= 8
        assert [path for path in trusted if root in path.read_bytes()] == []
        block = consortium.state.genesis_block.read_bytes()
        assert root not in block and home.ca_root.read_bytes().strip() in block
