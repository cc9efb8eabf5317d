"""Runs Fabric's own command-line programs as the node administrator of a municipality."""
from __future__ import annotations

import os
import subprocess
from typing import Sequence

from moyai_network.binaries import Binaries
from moyai_network.definition import Municipality
from moyai_network.errors import ProgramFailed
from moyai_network.layout import State

_PATIENCE_SECONDS = 120.0


class Administrator:
    """The node administrator of one municipality, who may use its peer and its orderer."""

    def __init__(self, municipality: Municipality, state: State, binaries: Binaries) -> None:
        self.municipality = municipality
        self._state, self._binaries = state, binaries
        self.home = state.home(municipality.code)

    def peer(self, *arguments: str) -> str:
        """`peer …` against the own peer; its standard output. ProgramFailed carries the last line of its error."""
        return self._run("peer", arguments, {
            "FABRIC_CFG_PATH": str(self.home.peer),
            "FABRIC_LOGGING_SPEC": "error",
            "CORE_PEER_ADDRESS": self.municipality.address("peer"),
            "CORE_PEER_LOCALMSPID": self.municipality.msp_id,
            "CORE_PEER_MSPCONFIGPATH": str(self.home.admin / "msp"),
            "CORE_PEER_TLS_ENABLED": "true",
            "CORE_PEER_TLS_ROOTCERT_FILE": str(self.home.tls_ca),
        })

    def to_orderer(self) -> tuple[str, ...]:
        """Arguments of `peer` that name the own orderer."""
        return "--orderer", self.municipality.address("orderer"), "--tls", "--cafile", str(self.home.tls_ca)

    def osnadmin(self, *arguments: str) -> str:
        """`osnadmin channel …` against the own orderer."""
        tls = self.home.admin / "tls"
        return self._run("osnadmin", (
            "channel", *arguments, "--orderer-address", self.municipality.address("orderer_admin"),
            "--ca-file", str(self.home.tls_ca), "--client-cert", str(tls / "server.crt"),
            "--client-key", str(tls / "server.key")), {})

    def _run(self, program: str, arguments: Sequence[str], environment: dict[str, str]) -> str:
        return run([self._binaries.program(program), *arguments], environment)


def run(command: Sequence[str], environment: dict[str, str]) -> str:
    """Standard output of a Fabric program that must succeed; it inherits PATH, HOME and nothing else."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    name = " ".join([os.path.basename(command[0]), *(word for word in command[1:4] if not word.startswith("-"))])
    try:
        done = subprocess.run(command, env=inherited | environment, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired as late:
        raise ProgramFailed(f"{name} did not end within {_PATIENCE_SECONDS:.0f} s.") from late
    if done.returncode:
        reason = ((done.stderr.strip() or done.stdout.strip()).splitlines() or ["no reason given"])[-1]
        raise ProgramFailed(f"{name}: {reason}")
    return done.stdout
