"""The Fabric identity of a service: certificate, key, and how they sign."""
from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fabric_protos.msp import identities_pb2

from moyai_client.errors import ProfileError

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
NONCE_BYTES = 24


@dataclass(frozen=True)
class Identity:
    """A certificate of an MSP with its P-256 key; safe to use from many threads."""

    msp_id: str
    certificate: bytes
    key: ec.EllipticCurvePrivateKey = field(repr=False)
    creator: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        serialized = identities_pb2.SerializedIdentity(mspid=self.msp_id, id_bytes=self.certificate)
        object.__setattr__(self, "creator", serialized.SerializeToString(deterministic=True))

    @classmethod
    def load(cls, msp_id: str, certificate: Path, private_key: Path) -> Identity:
        """Reads PEM files; raises ProfileError where they are unreadable or do not belong together."""
        try:
            pem = certificate.read_bytes()
            public = x509.load_pem_x509_certificate(pem).public_key()
            key = load_pem_private_key(private_key.read_bytes(), password=None)
        except (OSError, ValueError, TypeError) as error:
            raise ProfileError(f"identity {certificate}, {private_key} cannot be used: {error}") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise ProfileError(f"{private_key} is not a P-256 key")
        if key.public_key() != public:
            raise ProfileError(f"{private_key} does not belong to {certificate}")
        return cls(msp_id, pem, key)

    def sign(self, message: bytes) -> bytes:
        """ECDSA with SHA-256 as Fabric demands it: DER, the lower of the two possible s."""
        r, s = decode_dss_signature(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
        return encode_dss_signature(r, min(s, P256_ORDER - s))

    def new_transaction(self) -> tuple[bytes, str]:
        """A fresh nonce and the transaction id that follows from it: hex SHA-256(nonce ‖ creator)."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce, hashlib.sha256(nonce + self.creator).hexdigest()


def certificate_fingerprint(path: Path) -> str:
    """SHA-256 of the DER of a PEM certificate, lower hex: how the ledger names a blocked certificate."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes()).fingerprint(hashes.SHA256()).hex()
    except (OSError, ValueError) as error:
        raise ProfileError(f"{path} is not a certificate: {error}") from error
