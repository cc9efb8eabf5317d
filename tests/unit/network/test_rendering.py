"""What the definition is rendered to: compared as a whole with golden files, and in what must never be lost."""
from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from moyai_network import definition
from moyai_network.definition import Consortium
from moyai_network.layout import State
from moyai_network.rendering import broker, nodes
from moyai_network.rendering.certificates import CA, SERVICES, certificates
from moyai_network.rendering.channel import PROFILE, configtx
from moyai_network.rendering.profiles import profile
from moyai_network.rendering.webui import settings
from moyai_shim.service import Limits

from tests.unit.network.rendered import GOLDEN, NANAO, SAMPLE, STATE, rendered

TEXTS = rendered()


@pytest.fixture(scope="module")
def sample() -> Consortium:
    return definition.load(SAMPLE)


def test_golden_files_are_those_that_are_rendered() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(TEXTS)


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_rendered_as_in_the_golden_file(name: str) -> None:
    assert TEXTS[name] == (GOLDEN / name).read_text("utf-8")


def test_every_peer_refuses_forged_times_and_expired_identities(sample: Consortium) -> None:
    for municipality in sample.municipalities:
        peer = yaml.safe_load(nodes.peer(municipality, sample, STATE))["peer"]
        filters = [entry["name"] for entry in peer["handlers"]["authFilters"]]
        assert filters == ["DefaultAuth", "ExpirationCheck", "TimeWindowCheck"]
        assert peer["authentication"]["timewindow"] == "15m"


def test_what_decides_endorsements_is_the_same_at_every_peer(sample: Consortium) -> None:
    """Another limit or batch size at one peer, and endorsements of the same transaction differ."""
    cores = [yaml.safe_load(nodes.peer(municipality, sample, STATE)) for municipality in sample.municipalities]
    for core in cores:
        assert core["ledger"]["state"]["totalQueryLimit"] == Limits().total_query_limit == 1000
        assert core["chaincode"]["executetimeout"] == "10s" and Limits().time_limit <= 5
        assert core["chaincode"]["runtimeParams"] == {"useWriteBatch": True, "maxSizeWriteBatch": 1000,
                                                      "useGetMultipleKeys": True, "maxSizeGetMultipleKeys": 1000}


def test_no_peer_needs_docker_or_the_default_chaincode_port(sample: Consortium) -> None:
    for municipality in sample.municipalities:
        core = yaml.safe_load(nodes.peer(municipality, sample, STATE))
        assert core["vm"]["endpoint"] == ""
        assert core["peer"]["chaincodeListenAddress"] == municipality.address("peer_chaincode")


def test_a_peer_is_known_to_the_others_by_one_address(sample: Consortium) -> None:
    municipality = sample.municipality(NANAO)
    peer = yaml.safe_load(nodes.peer(municipality, sample, STATE))["peer"]
    gossip = peer["gossip"]
    assert {peer["address"], gossip["endpoint"], gossip["externalEndpoint"], gossip["bootstrap"]} == {"127.0.0.1:7351"}


@pytest.mark.parametrize("node", ["peer", "orderer"])
def test_operations_want_a_client_certificate(sample: Consortium, node: str) -> None:
    municipality = sample.municipality(NANAO)
    text = nodes.peer(municipality, sample, STATE) if node == "peer" else nodes.orderer(municipality, STATE)
    document = yaml.safe_load(text)
    tls = document["operations"]["tls"] if node == "peer" else document["Operations"]["TLS"]
    assert {str(key).lower(): value for key, value in tls.items()}["clientauthrequired"] is True
    assert {str(key).lower(): value for key, value in tls.items()}["enabled"] is True


def test_a_dead_leader_is_missed_after_a_second(sample: Consortium) -> None:
    raft = yaml.safe_load(configtx(sample, STATE))["Profiles"][PROFILE]["Orderer"]["EtcdRaft"]["Options"]
    assert (raft["TickInterval"], raft["ElectionTick"], raft["HeartbeatTick"]) == ("100ms", 10, 1)
    orderer = yaml.safe_load(nodes.orderer(sample.municipality(NANAO), STATE))
    assert orderer["General"]["Cluster"]["RPCTimeout"] == "1s"


def test_the_majority_endorses_and_every_member_orders(sample: Consortium) -> None:
    channel = yaml.safe_load(configtx(sample, STATE))["Profiles"][PROFILE]
    policies = channel["Application"]["Policies"]
    assert policies["Endorsement"]["Rule"] == policies["LifecycleEndorsement"]["Rule"] == "MAJORITY Endorsement"
    assert [entry["Port"] for entry in channel["Orderer"]["EtcdRaft"]["Consenters"]] == [7150, 7250, 7350]
    assert [entry["AnchorPeers"][0]["Port"] for entry in channel["Application"]["Organizations"]] == [7151, 7251, 7351]


def test_the_batch_timeout_is_the_definition_s() -> None:
    document = yaml.safe_load(SAMPLE.read_text("utf-8")) | {"batch_timeout": "2s"}
    channel = yaml.safe_load(configtx(definition.parse(document), STATE))["Profiles"][PROFILE]
    assert channel["Orderer"]["BatchTimeout"] == "2s"


def test_every_service_carries_its_name_and_no_node_does(sample: Consortium) -> None:
    for municipality in sample.municipalities:
        plan = certificates(municipality, STATE)
        services = {one.name: dict(one.attributes).get("moyai.service") for one in plan
                    if one.shape == "client" and one.ca == CA}
        assert services == {f"{service}-{municipality.code}": service for service in SERVICES}
        assert not any(one.attributes for one in plan if one.shape != "client")
        assert [one.kind for one in plan if one.ca == CA and one.shape == "msp"] == ["admin", "orderer", "peer"]


def test_no_two_certificates_share_a_folder(sample: Consortium) -> None:
    folders = [one.folder for municipality in sample.municipalities for one in certificates(municipality, STATE)]
    assert len(set(folders)) == len(folders) == 3 * 15


def test_a_profile_asks_its_own_gateway_first(sample: Consortium) -> None:
    document = profile(sample, sample.municipality(NANAO), "worker", STATE)
    assert [gateway["municipality"] for gateway in document["gateways"]] == [NANAO, "132012", "133612"]
    assert "actor_keys" not in document
    assert profile(sample, sample.municipality(NANAO), "console", STATE)["actor_keys"].endswith("172022/actor_keys")


def test_a_named_host_is_checked_by_its_name() -> None:
    document = yaml.safe_load(SAMPLE.read_text("utf-8"))
    document["municipalities"][2]["host"] = "fabric.nanao.example"
    consortium = definition.parse(document)
    nanao = consortium.municipality(NANAO)
    assert profile(consortium, nanao, "webui", STATE)["gateways"][0]["server_name"] == "fabric.nanao.example"
    assert nodes.hosts(nanao) == ["localhost", "127.0.0.1", "fabric.nanao.example"]


def test_a_municipality_may_keep_everything_in_postgresql() -> None:
    document = yaml.safe_load(SAMPLE.read_text("utf-8"))
    document["municipalities"][2]["database"] = "postgresql://moyai@db.nanao.example/moyai"
    consortium = definition.parse(document)
    first, *_, nanao = (settings(consortium, member, STATE) for member in consortium.municipalities)
    assert nanao["MOYAI_DATABASE_URL"] == nanao["MOYAI_READINGS_URL"] == "postgresql://moyai@db.nanao.example/moyai"
    assert first["MOYAI_DATABASE_URL"].startswith("sqlite:///")


def test_rendering_is_pure(sample: Consortium, tmp_path: Path) -> None:
    """The same definition gives the same text, and nothing is written."""
    state = State(tmp_path / "state")
    first = [configtx(sample, state), nodes.orderer(sample.municipality(NANAO), state)]
    assert first == [configtx(sample, state), nodes.orderer(sample.municipality(NANAO), state)]
    assert not list(tmp_path.iterdir())


def test_a_device_is_nobody_on_the_channel(sample: Consortium) -> None:
    """Its CA is in no MSP folder and no client profile, and its registrar has another secret than the members'."""
    for municipality in sample.municipalities:
        home = STATE.home(municipality.code)
        for one in certificates(municipality, STATE):
            assert not one.folder.is_relative_to(home.device_ca.parent)
        assert str(home.device_ca) not in configtx(sample, STATE)
        authority = yaml.safe_load(nodes.device_ca_server(municipality, "generated"))
        registrar, = authority["registry"]["identities"]
        assert registrar["attrs"]["hf.Registrar.Roles"] == "device,bridge"
        assert authority["signing"]["default"]["usage"] == ["digital signature", "client auth"]


def test_the_broker_knows_clients_by_their_certificates_alone(sample: Consortium) -> None:
    for municipality in sample.municipalities:
        lines = broker.mosquitto(municipality, STATE).splitlines()
        home = STATE.home(municipality.code)
        assert {"require_certificate true", "use_identity_as_username true", "use_username_as_clientid true",
                "allow_anonymous false", f"cafile {home.device_ca}", f"crlfile {home.broker}/revoked.pem",
                f"acl_file {home.broker}/access.acl"} <= set(lines)
        assert [line for line in lines if line.startswith("listener")] == [
            f"listener {municipality.ports.broker} 127.0.0.1"]


def test_a_device_s_rights_end_at_its_own_topic() -> None:
    nanao = definition.load(SAMPLE).municipality(NANAO)
    rights = [line for line in broker.rules(nanao).splitlines() if line.startswith("pattern")]
    assert rights and all("m/%u/" in line and "#" not in line and "+" not in line for line in rights)
    assert "pattern write m/%u/durable" not in rights
