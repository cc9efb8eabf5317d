"""Certificates for tests: real X.509, made when first asked for."""
from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from moyai_shim.creator import ATTRIBUTES_OID, Creator

_VALID_FROM = datetime(2020, 1, 1, tzinfo=timezone.utc)
_VALID_FOR = timedelta(days=365 * 30)


@lru_cache(maxsize=None)
def make_creator(msp_id: str, service: str | None, *, admin: bool = False, name: str = "") -> Creator:
    """Identity of an organisation with the attribute `moyai.service` (none if `service` is None).

    The same arguments give the same certificate within a process; `name` tells two of the same kind apart.
    """
    unit = "admin" if admin else "client"
    subject = _name(unit, name or f"{service or unit}.{msp_id}")
    builder = _builder(subject, _name("ca", f"ca.{msp_id}"), _key(f"{subject.rfc4514_string()}/{msp_id}").public_key())
    if service is not None:
        attributes = json.dumps({"attrs": {"hf.Type": unit, "moyai.service": service}}).encode()
        builder = builder.add_extension(x509.UnrecognizedExtension(ATTRIBUTES_OID, attributes), critical=False)
    certificate = builder.sign(_key(f"ca/{msp_id}"), hashes.SHA256())
    return Creator(msp_id, certificate.public_bytes(Encoding.PEM))


@lru_cache(maxsize=None)
def _key(owner: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _name(unit: str, common_name: str) -> x509.Name:
    return x509.Name([
        x509.NameAttribute(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name),
    ])


def _builder(subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_VALID_FROM)
        .not_valid_after(_VALID_FROM + _VALID_FOR)
    )
