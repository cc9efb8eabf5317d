"""Where everything generated lies: paths below one state folder, and nothing else."""
from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

LONGEST_SOCKET = 90
"""A Unix socket's path holds 107 bytes, and supervisord binds a longer temporary name first."""


@dataclass(frozen=True, slots=True)
class State:
    """A state folder; `root` is absolute."""

    root: Path

    @classmethod
    def at(cls, path: str | os.PathLike[str]) -> State:
        """The state folder at `path`, made absolute."""
        return cls(Path(os.path.abspath(path)))

    @property
    def network(self) -> Path:
        """All that belongs to this package."""
        return self.root / "network"

    @property
    def logs(self) -> Path:
        """One log a program."""
        return self.network / "logs"

    @property
    def channel(self) -> Path:
        """The channel's configuration and first block."""
        return self.network / "channel"

    @property
    def genesis_block(self) -> Path:
        """First block of the channel; where it exists, the channel has its members and addresses for good."""
        return self.channel / "genesis.block"

    @property
    def builder(self) -> Path:
        """External builder for chaincode that runs as a service."""
        return self.network / "builder"

    @property
    def chaincodes(self) -> Path:
        """Packages and records of the chaincodes."""
        return self.network / "chaincodes"

    @property
    def supervisor_configuration(self) -> Path:
        """supervisord.conf"""
        return self.network / "supervisord.conf"

    @property
    def supervisor_socket(self) -> Path:
        """supervisord's control socket: in the state folder, or a short path keyed by it when that is too long."""
        near = self.network / "supervisor.sock"
        if len(os.fsencode(near)) <= LONGEST_SOCKET:
            return near
        key = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"moyai-{os.getuid()}-{key}" / "supervisor.sock"

    def home(self, code: str) -> Home:
        """Folder of one municipality's identities, nodes and profiles."""
        return Home(self.network / code)

    def webui(self, code: str) -> Path:
        """Folder of one municipality's web UI."""
        return self.root / "webui" / code

    def bridge(self, code: str) -> Path:
        """Folder of one municipality's readings and spools."""
        return self.root / "bridge" / code


@dataclass(frozen=True, slots=True)
class Home:
    """One municipality's part of the network's state."""

    root: Path

    @property
    def ca(self) -> Path:
        """Home of the CA server; the TLS CA lies in its folder `tls`, the device CA in `devices`."""
        return self.root / "ca"

    @property
    def organisation_msp(self) -> Path:
        """What the channel knows of the municipality."""
        return self.root / "msp"

    @property
    def admin(self) -> Path:
        """The node administrator."""
        return self.root / "admin"

    @property
    def orderer(self) -> Path:
        return self.root / "orderer"

    @property
    def peer(self) -> Path:
        return self.root / "peer"

    @property
    def contract(self) -> Path:
        """TLS certificate of the contract services, and `connections` with what the peer needs to reach them."""
        return self.root / "contract"

    @property
    def connections(self) -> Path:
        return self.contract / "connections"

    @property
    def tls_ca(self) -> Path:
        """Root certificate of the municipality's TLS."""
        return self.organisation_msp / "tlscacerts" / "ca.pem"

    @property
    def ca_root(self) -> Path:
        """Root certificate that the CA server's own TLS certificate chains to."""
        return self.ca / "ca-cert.pem"

    @property
    def device_ca(self) -> Path:
        """Root certificate of the devices, which is in no MSP."""
        return self.ca / "devices" / "ca-cert.pem"

    @property
    def device_registrar(self) -> Path:
        """Name and secret of whoever enrols and revokes devices."""
        return self.root / "devices" / "registrar.json"

    @property
    def broker(self) -> Path:
        """The MQTT broker's certificate, settings, access file, revocation list and data."""
        return self.root / "broker"

    def bridge(self, name: str) -> Path:
        """Certificate and key with which a bridge meets the broker: certificate.pem, private_key.pem."""
        return self.root / "bridges" / name

    def service(self, service: str) -> Path:
        """Certificate and key of a client service: certificate.pem, private_key.pem."""
        return self.root / "services" / service

    def profile(self, service: str) -> Path:
        """Client profile of a service."""
        return self.root / "profiles" / f"{service}.json"

    @property
    def actor_keys(self) -> Path:
        """Where the console keeps its officials' keys."""
        return self.root / "actor_keys"
