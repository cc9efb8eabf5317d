"""A chaincode that runs as a service: its package, its services and how each peer reaches its own."""
from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass

from moyai_network.definition import Consortium, Municipality

MOYAI_CONTRACT = "moyai_contracts.contract:MoyaiContract"
VERSION = "1"


@dataclass(frozen=True, slots=True)
class Chaincode:
    """One chaincode: its name, "module:Class" of the contract, and each municipality's service port by code.

    `path` is a folder to import the contract from when it is not installed.
    """

    name: str
    contract: str
    ports: tuple[tuple[str, int], ...]
    path: str = ""

    @property
    def label(self) -> str:
        """Label of the package, and name of the connection file beside each peer."""
        return f"{self.name}_{VERSION}"

    @property
    def package_id(self) -> str:
        """Known before any peer has installed it, so that the services can start first."""
        return f"{self.label}:{hashlib.sha256(package(self.label)).hexdigest()}"

    def port(self, code: str) -> int:
        """Port of the service of the municipality `code`."""
        return dict(self.ports)[code]


def moyai(consortium: Consortium) -> Chaincode:
    """The consortium's own chaincode."""
    ports = tuple((municipality.code, municipality.ports.contract_service)
                  for municipality in consortium.municipalities)
    return Chaincode(consortium.chaincode, MOYAI_CONTRACT, ports)


def package(label: str) -> bytes:
    """The same bytes at every municipality: neither code nor address nor key, only what names it."""
    note = b"Runs as a service beside each peer; the peer's external builder knows the address.\n"
    code = _archive({"README": note})
    metadata = json.dumps({"type": "ccaas", "label": label}).encode()
    return _archive({"metadata.json": metadata, "code.tar.gz": code})


def connection(municipality: Municipality, port: int, certificate: str, key: str, root: str) -> str:
    """connection.json with which a peer dials its contract service: both sides show certificates."""
    return json.dumps({
        "address": f"{municipality.host}:{port}",
        "dial_timeout": "3s",
        "tls_required": True,
        "client_auth_required": True,
        "client_key": key,
        "client_cert": certificate,
        "root_cert": root,
        "domain": municipality.server_name,
    }, indent=1) + "\n"


def _archive(files: dict[str, bytes]) -> bytes:
    """A tar.gz without times, owners or names of the machine."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", compresslevel=0, mtime=0) as zipped:
        zipped.write(plain.getvalue())
    return packed.getvalue()
