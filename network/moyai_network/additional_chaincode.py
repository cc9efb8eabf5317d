"""One more chaincode beside `moyai`, with services of its own."""
from __future__ import annotations

import re
from pathlib import Path

from moyai_network import contracts, preparation
from moyai_network.binaries import Binaries
from moyai_network.definition import Consortium
from moyai_network.errors import NetworkError
from moyai_network.layout import State
from moyai_network.ports import free_ports
from moyai_network.progress import Progress
from moyai_network.rendering.chaincode import Chaincode
from moyai_network.start_up import StartUp
from moyai_network.supervisor import Supervisor

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


def install(consortium: Consortium, state: State, binaries: Binaries, progress: Progress, *, name: str, contract: str,
            collections: Path | None = None, path: Path | None = None) -> Chaincode:
    """Starts the services of `contract` ("module:Class", imported from `path` if given) and deploys it as `name`.

    A second call with the same name only completes what is missing. NetworkError where the network is not up.
    """
    if not _NAME.fullmatch(name) or name == consortium.chaincode:
        raise NetworkError(f"A chaincode cannot be called {name!r}.")
    if Supervisor(state).pid() is None or not state.genesis_block.exists():
        raise NetworkError("The network is not up: call `moyai network up` first.")
    with preparation.exclusive(state):
        known = {chaincode.name: chaincode for chaincode in contracts.known(consortium, state)}
        chaincode = known.get(name) or _new(consortium, name, contract, path)
        if chaincode.contract != contract:
            raise NetworkError(f"The chaincode {name} is there already, with the contract {chaincode.contract}.")
        contracts.remember(chaincode, state, collections.read_bytes() if collections else None)
        StartUp(consortium, state, binaries, progress).add(chaincode, contracts.collections(chaincode, state))
    return chaincode


def _new(consortium: Consortium, name: str, contract: str, path: Path | None) -> Chaincode:
    members = consortium.municipalities
    ports = free_ports(len(members), members[0].host)
    return Chaincode(name, contract, tuple((member.code, port) for member, port in zip(members, ports)),
                     str(path.absolute()) if path else "")
