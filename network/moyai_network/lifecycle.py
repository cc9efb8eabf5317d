"""The life cycle of a chaincode: installed at every peer, approved by every member, committed once."""
from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Sequence

from moyai_network.definition import Consortium
from moyai_network.fabric_command import Administrator
from moyai_network.layout import State
from moyai_network.rendering.chaincode import VERSION, Chaincode, package
from moyai_network.storage import write

SEQUENCE = "1"


def deploy(consortium: Consortium, chaincode: Chaincode, administrators: Sequence[Administrator], state: State,
           collections: Path | None = None) -> None:
    """Carries a chaincode through to its commit; what an earlier attempt did is not done again.

    `collections` is a file of private data collections; every approval and the commit carry it.
    """
    path = state.chaincodes / f"{chaincode.label}.tar.gz"
    write(path, package(chaincode.label))
    terms = ["--channelID", consortium.channel, "--name", chaincode.name, "--version", VERSION,
             "--sequence", SEQUENCE]
    if collections:
        terms += ["--collections-config", str(collections)]
    with ThreadPoolExecutor(len(administrators)) as pool:
        list(pool.map(lambda administrator: _install(administrator, chaincode, path), administrators))
        if _committed(administrators[0], consortium, chaincode):
            return
        approvals = _approvals(administrators[0], terms)
        waiting = [one for one in administrators if not approvals.get(one.municipality.msp_id)]
        list(pool.map(lambda administrator: _approve(administrator, terms, chaincode), waiting))
    _commit(administrators, terms)


def _install(administrator: Administrator, chaincode: Chaincode, path: Path) -> None:
    installed = json.loads(administrator.peer("lifecycle", "chaincode", "queryinstalled", "--output", "json"))
    ids = {entry["package_id"] for entry in installed.get("installed_chaincodes", [])}
    if chaincode.package_id not in ids:
        administrator.peer("lifecycle", "chaincode", "install", str(path))


def _committed(administrator: Administrator, consortium: Consortium, chaincode: Chaincode) -> bool:
    answer = json.loads(administrator.peer("lifecycle", "chaincode", "querycommitted", "--channelID",
                                           consortium.channel, "--output", "json"))
    return any(entry["name"] == chaincode.name for entry in answer.get("chaincode_definitions", []))


def _approvals(administrator: Administrator, terms: Sequence[str]) -> dict[str, bool]:
    answer = administrator.peer("lifecycle", "chaincode", "checkcommitreadiness", *terms, "--output", "json")
    return json.loads(answer)["approvals"]


def _approve(administrator: Administrator, terms: Sequence[str], chaincode: Chaincode) -> None:
    administrator.peer("lifecycle", "chaincode", "approveformyorg", *administrator.to_orderer(), *terms,
                       "--package-id", chaincode.package_id)


def _commit(administrators: Sequence[Administrator], terms: Sequence[str]) -> None:
    peers = [argument for one in administrators for argument in
             ("--peerAddresses", one.municipality.address("peer"), "--tlsRootCertFiles", str(one.home.tls_ca))]
    first = administrators[0]
    first.peer("lifecycle", "chaincode", "commit", *first.to_orderer(), *terms, *peers)
