"""The crypto plan: every certificate of a municipality, from which of its CAs, for whom, and where it is kept."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from moyai_network.definition import Municipality
from moyai_network.layout import State

CA = "ca"
TLS_CA = "tlsca"
DEVICE_CA = "deviceca"
"""In no MSP: what it certifies may speak to the broker, and sign nothing on the channel."""
REGISTRAR = "registrar"
SERVICES = ("webui", "worker", "console", "auditor", "bridge")
"""Client services of a municipality; each certificate carries its name in the attribute moyai.service."""
SERVICE_ATTRIBUTE = "moyai.service"
DEVICE, BRIDGE = "device", "bridge"
"""Identity types at the device CA."""

Shape = Literal["msp", "tls", "client"]


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate to register and enrol.

    `kind` is the Fabric identity type (peer, orderer, admin, client), which becomes its node OU. `shape` says how it
    is laid down in `folder`: "msp" a whole MSP folder, "tls" server.crt and server.key, "client" certificate.pem and
    private_key.pem.
    """

    name: str
    ca: str
    kind: str
    shape: Shape
    folder: Path
    attributes: tuple[tuple[str, str], ...] = ()
    program: str = ""

    @property
    def file(self) -> Path:
        """The certificate itself."""
        return self.folder / {"msp": "signcerts/cert.pem", "tls": "server.crt", "client": "certificate.pem"}[self.shape]

    @property
    def key_file(self) -> Path:
        """Its private key."""
        return self.folder / {"msp": "keystore/key.pem", "tls": "server.key", "client": "private_key.pem"}[self.shape]

    @property
    def owner(self) -> str:
        """The program or service it belongs to, by default of the same name."""
        return self.program or self.name


def bridge_client(name: str) -> str:
    """Name of the bridge `name` in its certificate, hence its client id at the broker."""
    return f"bridge-{name}"


def certificates(municipality: Municipality, state: State) -> tuple[Certificate, ...]:
    """The crypto plan of one municipality."""
    code, home = municipality.code, state.home(municipality.code)
    nodes = (
        Certificate(f"admin-{code}", CA, "admin", "msp", home.admin / "msp"),
        Certificate(f"orderer-{code}", CA, "orderer", "msp", home.orderer / "msp"),
        Certificate(f"peer-{code}", CA, "peer", "msp", home.peer / "msp"),
        Certificate(f"admin-{code}", TLS_CA, "client", "tls", home.admin / "tls"),
        Certificate(f"orderer-{code}", TLS_CA, "orderer", "tls", home.orderer / "tls"),
        Certificate(f"peer-{code}", TLS_CA, "peer", "tls", home.peer / "tls"),
        Certificate(f"contract-{code}", TLS_CA, "client", "tls", home.contract / "tls"),
        # Devices trust the TLS CA; the broker trusts the device CA.
        Certificate(f"broker-{code}", TLS_CA, "client", "tls", home.broker / "tls"),
        # What the peer shows its contract services: a pair of its own, for the external builder copies the key.
        Certificate(f"contract-client-{code}", TLS_CA, "client", "tls", home.contract / "client"),
    )
    services = tuple(
        Certificate(f"{service}-{code}", CA, "client", "client", home.service(service),
                    ((SERVICE_ATTRIBUTE, service),))
        for service in SERVICES)
    bridges = tuple(
        Certificate(bridge_client(name), DEVICE_CA, BRIDGE, "client", home.bridge(name),
                    program=f"bridge-{code}-{name}")
        for name in municipality.bridge_names)
    return nodes + services + bridges


def node_ous() -> dict:
    """config.yaml of every MSP folder: the role follows from the certificate's organisational unit."""
    def unit(name: str) -> dict[str, str]:
        return {"Certificate": "cacerts/ca.pem", "OrganizationalUnitIdentifier": name}
    return {"NodeOUs": {"Enable": True, "ClientOUIdentifier": unit("client"), "PeerOUIdentifier": unit("peer"),
                        "AdminOUIdentifier": unit("admin"), "OrdererOUIdentifier": unit("orderer")}}
