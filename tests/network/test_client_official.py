"""Hyperledger's own clients, the `peer` command line and the Node client, send the same transactions as ours.

Whatever one of them recorded is, for each of the others, the earlier result of the same command.
"""
from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from moyai_contracts.api import Actor
from moyai_contracts.api.relief import NeedLine, RegisterNeed

from moyai_client.command_message import command_text
from moyai_client.ledger import Ledger
from moyai_client.profile import Profile
from tests.contract.channel import NANAO
from tests.contract.fabric_channel import FabricChannel
from tests.contract.scene import Scene, ulid
from tests.network.consortium import RunningConsortium
from tests.network.official_clients.node_client import NodeClient
from tests.network.official_clients.peer_command import PeerCommand


@pytest.fixture(scope="module")
def scene(consortium: RunningConsortium) -> Iterator[Scene]:
    """The three municipalities on the real network."""
    channel = FabricChannel(consortium.state.root).bootstrap()
    yield Scene(channel)
    channel.close()


@pytest.fixture(scope="module")
def clerk(scene: Scene) -> Actor:
    """七尾市's clerk."""
    return scene.official(NANAO, "C")


@pytest.fixture
def command(scene: Scene, clerk: Actor) -> RegisterNeed:
    """A need; all peers of the municipality's gateway stand where it can be registered."""
    line = NeedLine(ulid(), scene.site(NANAO), scene.item(NANAO), 10)
    for code6 in (NANAO, "132012", "133612"):
        scene.channel.access(code6, "webui")
    return RegisterNeed((line,))


@pytest.fixture
def ledger(consortium: RunningConsortium) -> Iterator[Ledger]:
    """Our client."""
    opened = Ledger.open(Profile.load(consortium.profile(NANAO, "webui")))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def node() -> NodeClient:
    """The official Node client."""
    return NodeClient()


@pytest.fixture
def peer(consortium: RunningConsortium, tmp_path: Path) -> PeerCommand:
    """The official command line, as the web UI's service."""
    return PeerCommand(consortium, NANAO, "webui", tmp_path / "msp")


def arguments(command: RegisterNeed, clerk: Actor) -> tuple[str, str]:
    """Function and canonical JSON, as our client sends them."""
    return command.transaction, command_text(command, clerk, op=ulid()).decode()


def query(command: RegisterNeed) -> tuple[str, str]:
    """The getter of the need and its arguments."""
    return "relief.get_need", json.dumps({"need_id": command.needs[0].need_id})


def test_the_node_client_submits_and_evaluates(consortium: RunningConsortium, clerk: Actor, ledger: Ledger,
                                               command: RegisterNeed, node: NodeClient) -> None:
    profile, sent = consortium.profile(NANAO, "webui"), arguments(command, clerk)
    recorded = node.submit(profile, *sent)
    assert recorded["valid"] and json.loads(recorded["result"])["op"] == json.loads(sent[1])["op"]
    assert ledger.submit(command, clerk).replayed
    read = node.evaluate(profile, *query(command))
    assert json.loads(read["result"]) == ledger.relief.get_need(need_id=command.needs[0].need_id)
    block, = ledger.blocks(recorded["block"], last=recorded["block"])
    assert [entry.code for entry in block.transactions if entry.tx_id == recorded["transaction"]] == ["VALID"]


def test_the_node_client_is_refused_like_ours(consortium: RunningConsortium, node: NodeClient) -> None:
    refused = node.evaluate(consortium.profile(NANAO, "webui"), "relief.get_need", json.dumps({"need_id": ulid()}))
    assert refused["details"] == ['chaincode response 404, {"code":"not_found","params":{}}']


def test_the_peer_command_submits_and_queries(clerk: Actor, ledger: Ledger, command: RegisterNeed,
                                              peer: PeerCommand) -> None:
    sent = arguments(command, clerk)
    recorded = peer.invoke(*sent)
    assert recorded.returncode == 0 and "status:200" in recorded.stderr, recorded.stderr
    assert ledger.submit(command, clerk).replayed
    read = peer.query(*query(command))
    assert json.loads(read.stdout) == ledger.relief.get_need(need_id=command.needs[0].need_id)


def test_what_ours_recorded_is_the_earlier_result_for_both(consortium: RunningConsortium, clerk: Actor, ledger: Ledger,
                                                           command: RegisterNeed, node: NodeClient,
                                                           peer: PeerCommand) -> None:
    sent = arguments(command, clerk)
    receipt = ledger.submit(command, clerk)
    assert ledger.catch_up((receipt.block_number or 0) + 1)
    by_node = node.evaluate(consortium.profile(NANAO, "webui"), *sent)
    assert json.loads(by_node["result"]) == {"op": json.loads(sent[1])["op"], "replayed": True}
    by_peer = peer.query(*sent)
    assert by_peer.returncode == 0 and json.loads(by_peer.stdout)["replayed"], by_peer.stderr
