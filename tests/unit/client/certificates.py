"""Throw-away certificates: TLS for a fake peer, identities for a fake municipality."""
from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

ATTRIBUTES = x509.ObjectIdentifier("1.2.3.4.5.6.7.8.1")


def make_certificate(common_name: str, *, service: str | None = None,
                     unit: str = "client") -> tuple[bytes, ec.EllipticCurvePrivateKey]:
    """A self-signed P-256 certificate (PEM) for localhost with its key; `service` becomes attribute moyai.service."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
                      x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
    now = datetime.now(timezone.utc)
    builder = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    )
    if service is not None:
        attributes = json.dumps({"attrs": {"moyai.service": service}}).encode()
        builder = builder.add_extension(x509.UnrecognizedExtension(ATTRIBUTES, attributes), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM), key


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The key as PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def write_identity(folder: Path, name: str, *, service: str | None = None) -> tuple[Path, Path]:
    """Writes certificate and key of a new identity; their paths."""
    certificate, key = make_certificate(name, service=service)
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    folder.mkdir(parents=True, exist_ok=True)
    paths[0].write_bytes(certificate)
    paths[1].write_bytes(key_pem(key))
    return paths
