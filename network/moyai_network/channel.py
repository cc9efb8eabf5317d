"""The channel: its first block, and the orderers and peers that join it."""
from __future__ import annotations

import os
from pathlib import Path

from moyai_network.binaries import Binaries
from moyai_network.definition import Consortium, Municipality
from moyai_network.fabric_command import Administrator, run
from moyai_network.layout import State
from moyai_network.operations import Operations, metric
from moyai_network.rendering.channel import PROFILE, configtx
from moyai_network.storage import write

ORDERER_BLOCK, PEER_HEIGHT = "consensus_etcdraft_committed_block_number", "ledger_blockchain_height"
IS_LEADER = "consensus_etcdraft_is_leader"


def make_genesis_block(consortium: Consortium, state: State, binaries: Binaries) -> bool:
    """The channel's first block, once and for all; False where it exists."""
    if state.genesis_block.exists():
        return False
    write(state.channel / "configtx.yaml", configtx(consortium, state))
    staging = state.genesis_block.with_suffix(".new")
    run([binaries.program("configtxgen"), "-configPath", str(state.channel), "-profile", PROFILE,
         "-channelID", consortium.channel, "-outputBlock", str(staging)],
        {"FABRIC_CFG_PATH": str(state.channel), "FABRIC_LOGGING_SPEC": "error"})
    _sync(staging)
    staging.rename(state.genesis_block)
    return True


def orderer_joined(consortium: Consortium, municipality: Municipality, state: State) -> bool:
    """Whether the municipality's running orderer serves the channel."""
    text = Operations.of(municipality, "orderer", state).metrics()
    return metric(text, IS_LEADER, consortium.channel) is not None


def peer_joined(consortium: Consortium, municipality: Municipality, state: State) -> bool:
    """Whether the municipality's running peer has the channel's ledger."""
    text = Operations.of(municipality, "peer", state).metrics()
    return metric(text, PEER_HEIGHT, consortium.channel) is not None


def join_orderer(consortium: Consortium, administrator: Administrator, state: State) -> None:
    """Makes the municipality's orderer a consenter of the channel."""
    administrator.osnadmin("join", "--channelID", consortium.channel, "--config-block", str(state.genesis_block))


def join_peer(administrator: Administrator, state: State) -> None:
    """Gives the municipality's peer the channel's ledger."""
    administrator.peer("channel", "join", "--blockpath", str(state.genesis_block))


def leader(consortium: Consortium, state: State) -> str | None:
    """Code of the municipality whose orderer leads, None while there is none."""
    for municipality in consortium.municipalities:
        text = Operations.of(municipality, "orderer", state).metrics()
        if metric(text, IS_LEADER, consortium.channel) == 1:
            return municipality.code
    return None


def _sync(path: Path) -> None:
    """On the disk before it gets its name: everything else of the channel hangs on this block."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
