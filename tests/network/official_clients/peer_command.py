"""Fabric's own command line, `peer chaincode query` and `invoke`, as a municipality's ordinary service."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from moyai_network import binaries
from moyai_network.definition import Municipality

from moyai_client.profile import Profile
from tests.network.consortium import RunningConsortium


class PeerCommand:
    """One service of a municipality; `folder` holds its identity in the form that `peer` wants."""

    def __init__(self, consortium: RunningConsortium, code6: str, service: str, folder: Path) -> None:
        self._program = binaries.obtain().program("peer")
        self._profile = Profile.load(consortium.profile(code6, service))
        self._members = {entry.code: entry for entry in consortium.definition.municipalities}
        self._own = self._members[code6]
        self._home = consortium.state.home(code6)
        self._tls = {code: consortium.state.home(code).tls_ca for code in self._members}
        self._msp = self._make_msp(folder)

    def query(self, function: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Asks the own peer."""
        return self._run("query", *self._transaction(function, arguments))

    def invoke(self, function: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Has two municipalities endorse, submits, and waits for the commit on both their peers."""
        other = next(entry for entry in self._members.values() if entry is not self._own)
        return self._run(
            "invoke", "--orderer", self._own.address("orderer"), "--tls", "--cafile", str(self._tls[self._own.code]),
            *self._peer(self._own), *self._peer(other), "--waitForEvent", *self._transaction(function, arguments))

    def _transaction(self, function: str, arguments: tuple[str, ...]) -> tuple[str, ...]:
        constructor = json.dumps({"Args": [function, *arguments]}, ensure_ascii=False)
        return "-C", self._profile.channel, "-n", self._profile.chaincode, "-c", constructor

    def _peer(self, member: Municipality) -> tuple[str, ...]:
        return "--peerAddresses", member.address("peer"), "--tlsRootCertFiles", str(self._tls[member.code])

    def _run(self, verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "FABRIC_CFG_PATH": str(self._home.peer), "CORE_PEER_ADDRESS": self._own.address("peer"),
            "CORE_PEER_LOCALMSPID": self._profile.msp_id, "CORE_PEER_MSPCONFIGPATH": str(self._msp),
            "CORE_PEER_TLS_ENABLED": "true", "CORE_PEER_TLS_ROOTCERT_FILE": str(self._tls[self._own.code])}
        return subprocess.run([self._program, "chaincode", verb, *arguments], capture_output=True, text=True,
                              timeout=60, env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **environment})

    def _make_msp(self, folder: Path) -> Path:
        shutil.copytree(self._home.organisation_msp, folder)
        for name, source in (("signcerts", self._profile.certificate), ("keystore", self._profile.private_key)):
            (folder / name).mkdir()
            shutil.copy(source, folder / name / f"{name}.pem")
        return folder
