"""The contract services of a network: the chaincodes it knows, and how each peer finds its own service."""
from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from importlib.resources import as_file, files
from pathlib import Path

from moyai_network.definition import Consortium, Municipality
from moyai_network.layout import State
from moyai_network.rendering.chaincode import Chaincode, connection, moyai
from moyai_network.storage import PRIVATE, private_folder, write

BUILDER_PROGRAMS = ("detect", "build", "release")


def known(consortium: Consortium, state: State) -> list[Chaincode]:
    """The consortium's own chaincode, then those added to this state."""
    added = []
    for path in sorted(state.chaincodes.glob("*.json")):
        entry = json.loads(path.read_text("utf-8"))
        added.append(Chaincode(**{**entry, "ports": tuple((code, port) for code, port in entry["ports"])}))
    return [moyai(consortium), *added]


def remember(chaincode: Chaincode, state: State, collections: bytes | None) -> None:
    """Keeps an added chaincode and its collections, so that every later `up` starts its services."""
    if collections is not None:
        write(state.chaincodes / f"{chaincode.name}.collections", collections)
    write(state.chaincodes / f"{chaincode.name}.json", json.dumps(asdict(chaincode), indent=1) + "\n")


def collections(chaincode: Chaincode, state: State) -> Path | None:
    """The file of a chaincode's private data collections, None where it has none."""
    path = state.chaincodes / f"{chaincode.name}.collections"
    return path if path.exists() else None


def install_builder(state: State) -> None:
    """Puts the external builder where the peers look for it, executable."""
    for name in BUILDER_PROGRAMS:
        with as_file(files("moyai_network").joinpath("external_builder", name)) as source:
            write(state.builder / "bin" / name, source.read_bytes(), 0o755)


def connect(municipality: Municipality, chaincode: Chaincode, state: State) -> bool:
    """Writes where the municipality's peer finds the chaincode's service; True where it must forget an older place.

    Peers keep what the external builder released, even over a restart: a place that changed is dropped there.
    """
    home = state.home(municipality.code)
    client = home.contract / "client"
    document = connection(municipality, chaincode.port(municipality.code),
                          (client / "server.crt").read_text("ascii"), (client / "server.key").read_text("ascii"),
                          home.tls_ca.read_text("ascii"))
    if not write(private_folder(home.connections) / f"{chaincode.label}.json", document, PRIVATE):
        return False
    built = home.peer / "data" / "externalbuilder" / "builds" / chaincode.package_id.replace(":", "-")
    if not built.exists():
        return False
    shutil.rmtree(built)
    return True
