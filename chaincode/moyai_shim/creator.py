"""Who signed the proposal."""
from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Mapping

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

ATTRIBUTES_OID = x509.ObjectIdentifier("1.2.3.4.5.6.7.8.1")
"""Extension in which Fabric CA puts the attributes of an identity."""


@dataclass(frozen=True, slots=True)
class Creator:
    """Signer of a proposal: MSP id and certificate (PEM), both already verified by the peer."""

    msp_id: str
    certificate: bytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate's DER, lower hex."""
        return _facts(self.certificate).fingerprint

    @property
    def attributes(self) -> Mapping[str, str]:
        """Attributes the CA wrote into the certificate, e.g. `moyai.service`; empty if it has none."""
        return _facts(self.certificate).attributes

    @property
    def is_admin(self) -> bool:
        """True if the certificate's node OU is `admin`."""
        return "admin" in _facts(self.certificate).units


@dataclass(frozen=True, slots=True)
class _Facts:
    fingerprint: str
    attributes: Mapping[str, str]
    units: frozenset[str]


@lru_cache(maxsize=1024)
def _facts(pem: bytes) -> _Facts:
    """Parse once: a municipality sends all its transactions with a handful of certificates."""
    certificate = x509.load_pem_x509_certificate(pem)
    units = certificate.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATIONAL_UNIT_NAME)
    return _Facts(
        fingerprint=hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
        attributes=MappingProxyType(_attributes(certificate)),
        units=frozenset(str(unit.value) for unit in units),
    )


def _attributes(certificate: x509.Certificate) -> dict[str, str]:
    try:
        extension = certificate.extensions.get_extension_for_oid(ATTRIBUTES_OID)
    except x509.ExtensionNotFound:
        return {}
    assert isinstance(extension.value, x509.UnrecognizedExtension)
    return dict(json.loads(extension.value.value)["attrs"])
