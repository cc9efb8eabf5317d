"""Serving phones on the local network: https on the machine's address, with a certificate authority of its own.

A phone's camera, keys and offline pages work on https only. Whoever trusts this CA trusts it for private addresses
and nothing else: the CA's own certificate says so.
"""
from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from moyai_network.errors import NetworkError
from moyai_network.layout import State
from moyai_network.storage import PRIVATE, private_folder, write

AUTOMATIC = "1"
"""Asks for the address by which this machine reaches others."""
_ELSEWHERE = ("192.0.2.1", 9)
"""An address for documentation; nothing is sent there."""
_CA_LASTS, _SERVER_LASTS, _RENEWED_BEFORE = timedelta(days=3650), timedelta(days=397), timedelta(days=30)
_PRIVATE_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")


@dataclass(frozen=True, slots=True)
class Files:
    """What lies in the state folder for the local network."""

    folder: Path

    @classmethod
    def of(cls, state: State) -> Files:
        return cls(state.root / "lan")

    @property
    def address(self) -> Path:
        """Holds the address that is served; absent where nothing is."""
        return self.folder / "address"

    @property
    def page(self) -> Path:
        """Holds where phones fetch the CA's certificate."""
        return self.folder / "page"

    @property
    def ca(self) -> Path:
        """What phones are asked to trust."""
        return self.folder / "ca.pem"

    @property
    def ca_key(self) -> Path:
        return self.folder / "ca.key"

    @property
    def certificate(self) -> Path:
        return self.folder / "server.pem"

    @property
    def key(self) -> Path:
        return self.folder / "server.key"


def serve(state: State, wanted: str, page_port: int) -> str:
    """Has the web UIs served on an address from the next start on, which is returned; NetworkError where it is none
    of this machine's. At `page_port` phones fetch the CA's certificate."""
    address = _find() if wanted == AUTOMATIC else _own(wanted)
    files = Files.of(state)
    private_folder(files.folder)
    _make_ca(files, address)
    _make_certificate(files, address)
    write(files.page, f"http://{address}:{page_port}/\n")
    write(files.address, f"{address}\n")
    return address


def stop_serving(state: State) -> None:
    """Back to this machine alone. The CA stays, for the phones that trust it."""
    for path in (Files.of(state).address, Files.of(state).page):
        path.unlink(missing_ok=True)


def served(state: State) -> str | None:
    """The address that is served."""
    path = Files.of(state).address
    return path.read_text("ascii").strip() if path.exists() else None


def _find() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
            return str(probe.getsockname()[0])
        except OSError as error:
            raise NetworkError("This machine has no network: name an address of it, as in LAN=192.168.1.5.") from error


def _own(wanted: str) -> str:
    try:
        address = str(ipaddress.IPv4Address(wanted))
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind((address, 0))
    except (ValueError, OSError) as error:
        raise NetworkError(f"{wanted} is no IPv4 address of this machine.") from error
    return address


def _make_ca(files: Files, address: str) -> None:
    """Made once; anew where it may not speak for the address."""
    if files.ca.exists() and files.ca_key.exists() and _speaks_for(files.ca, address):
        return
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Moyai on this local network")])
    networks = [*map(ipaddress.ip_network, _PRIVATE_NETWORKS)]
    if not any(ipaddress.ip_address(address) in network for network in networks):
        networks.append(ipaddress.ip_network(f"{address}/32"))
    permitted = [*map(x509.IPAddress, networks), x509.DNSName("localhost")]
    certificate = (_builder(name, name, key, _CA_LASTS)
                   .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
                   .add_extension(_usage(signs_certificates=True), critical=True)
                   .add_extension(x509.NameConstraints(permitted, None), critical=True)
                   .sign(key, hashes.SHA256()))
    write(files.ca_key, _pem(key), PRIVATE)
    write(files.ca, certificate.public_bytes(serialization.Encoding.PEM))
    files.certificate.unlink(missing_ok=True)


def _make_certificate(files: Files, address: str) -> None:
    """For the address and this machine itself; anew before it ends."""
    if files.certificate.exists() and files.key.exists() and _still_good(files.certificate, address):
        return
    ca = x509.load_pem_x509_certificate(files.ca.read_bytes())
    ca_key = serialization.load_pem_private_key(files.ca_key.read_bytes(), password=None)
    assert isinstance(ca_key, ec.EllipticCurvePrivateKey)  # as `_make_ca` made it
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    names = [x509.IPAddress(ipaddress.ip_address(each)) for each in dict.fromkeys((address, "127.0.0.1"))]
    certificate = (_builder(name, ca.subject, key, _SERVER_LASTS)
                   .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
                   .add_extension(_usage(signs_certificates=False), critical=True)
                   .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
                   .add_extension(x509.SubjectAlternativeName([*names, x509.DNSName("localhost")]), critical=False)
                   .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()),
                                  critical=False)
                   .sign(ca_key, hashes.SHA256()))
    write(files.key, _pem(key), PRIVATE)
    write(files.certificate, certificate.public_bytes(serialization.Encoding.PEM))


def _builder(name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey,
             lasts: timedelta) -> x509.CertificateBuilder:
    now = datetime.now(timezone.utc)
    return (x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + lasts)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False))


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(digital_signature=not signs_certificates, key_cert_sign=signs_certificates,
                         crl_sign=signs_certificates, content_commitment=False, key_encipherment=False,
                         data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False)


def _speaks_for(path: Path, address: str) -> bool:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    permitted = certificate.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    return any(isinstance(each, x509.IPAddress) and ipaddress.ip_address(address) in each.value for each in permitted)


def _still_good(path: Path, address: str) -> bool:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return (ipaddress.ip_address(address) in names.get_values_for_type(x509.IPAddress)
            and certificate.not_valid_after_utc - datetime.now(timezone.utc) > _RENEWED_BEFORE)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())
