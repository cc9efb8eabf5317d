"""Who the municipalities are: their certificate authorities, and the certificates these gave to peers and services."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from fabric_protos.msp import identities_pb2
from google.protobuf.message import DecodeError

from moyai_client.identity import P256_ORDER
from moyai_client.proof.files import Authority, from_base64, to_base64
from moyai_client.proof.not_proven import NotProven, UnreadableProof


_BROKEN = (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.InvalidVersion)
"""What a certificate raises that somebody has changed or made up."""


@dataclass(frozen=True)
class Signer:
    """Somebody of a municipality, known by a certificate."""

    msp_id: str
    certificate: x509.Certificate

    def require(self, signature: bytes, message: bytes, what: str) -> None:
        """The signature is this signer's, in the one form that Fabric takes. Raises NotProven."""
        try:
            key = self.certificate.public_key()
            if not isinstance(key, ec.EllipticCurvePublicKey) or decode_dss_signature(signature)[1] > P256_ORDER // 2:
                raise InvalidSignature
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        except _BROKEN as error:
            raise NotProven(f"the signature under {what} is not that of {self.msp_id}") from error


class Authorities:
    """The certificate authorities of all municipalities, by MSP id."""

    def __init__(self, certificates: Mapping[str, x509.Certificate]) -> None:
        self._certificates = dict(certificates)

    @classmethod
    def in_folder(cls, folder: Path) -> Authorities:
        """From a folder with one `<MSP id>.pem` for each municipality. Raises UnreadableProof."""
        certificates = {}
        for path in sorted(folder.glob("*.pem")):
            try:
                certificates[path.stem] = x509.load_pem_x509_certificate(path.read_bytes())
            except (OSError, ValueError) as error:
                raise UnreadableProof(f"{path} is not a certificate: {error}") from error
        if not certificates:
            raise UnreadableProof(f"{folder} holds no certificate <MSP id>.pem")
        return cls(certificates)

    @classmethod
    def named(cls, authorities: Iterable[Authority]) -> Authorities:
        """Those that a proof names. Raises NotProven where one is named twice or is no authority."""
        certificates: dict[str, x509.Certificate] = {}
        for authority in authorities:
            if authority.msp_id in certificates:
                raise NotProven(f"{authority.msp_id} has two authorities")
            try:
                certificate = x509.load_der_x509_certificate(from_base64(authority.certificate))
                certificate.verify_directly_issued_by(certificate)
            except _BROKEN as error:
                raise NotProven(f"the authority of {authority.msp_id} does not vouch for itself") from error
            certificates[authority.msp_id] = certificate
        return cls(certificates)

    @property
    def certificates(self) -> dict[str, bytes]:
        """MSP id → the certificate as PEM."""
        return {msp_id: certificate.public_bytes(Encoding.PEM)
                for msp_id, certificate in sorted(self._certificates.items())}

    @property
    def fingerprints(self) -> dict[str, str]:
        """MSP id → SHA-256 of the certificate's DER, lower hex."""
        return {msp_id: certificate.fingerprint(hashes.SHA256()).hex()
                for msp_id, certificate in sorted(self._certificates.items())}

    def require_majority(self, msp_ids: Iterable[str], what: str) -> None:
        """More than half of the municipalities, each of these counted once. Raises NotProven."""
        have, number = len(set(msp_ids) & self._certificates.keys()), len(self._certificates)
        if 2 * have <= number:
            raise NotProven(f"{what} come from {have} of {number} municipalities, which is no majority")

    def signer(self, serialized: bytes, units: Iterable[str], at: int) -> Signer:
        """Whose identity this is: certified by its municipality, in one of these roles, at that time.

        Raises NotProven.
        """
        try:
            identity = identities_pb2.SerializedIdentity.FromString(serialized)
            certificate = x509.load_pem_x509_certificate(identity.id_bytes)
        except (DecodeError, *_BROKEN) as error:
            raise NotProven("a signer's certificate cannot be read") from error
        authority = self._certificates.get(identity.mspid)
        if authority is None:
            raise NotProven(f"{identity.mspid} is none of the municipalities")
        try:
            certificate.verify_directly_issued_by(authority)
        except _BROKEN as error:
            raise NotProven(f"a certificate was not issued by the authority of {identity.mspid}") from error
        _require_role(identity.mspid, certificate, units)
        _require_time(identity.mspid, certificate, at)
        return Signer(identity.mspid, certificate)


def to_authority(msp_id: str, pem: bytes) -> Authority:
    """As a proof names it."""
    certificate = x509.load_pem_x509_certificate(pem)
    return Authority(msp_id, to_base64(certificate.public_bytes(Encoding.DER)))


def _require_role(msp_id: str, certificate: x509.Certificate, units: Iterable[str]) -> None:
    wanted = set(units)
    found = {attribute.value
             for attribute in certificate.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATIONAL_UNIT_NAME)}
    if not wanted & found:
        raise NotProven(f"a certificate of {msp_id} is not that of a {' or '.join(sorted(wanted))}")


def _require_time(msp_id: str, certificate: x509.Certificate, at: int) -> None:
    try:
        moment = datetime.fromtimestamp(at, timezone.utc)
    except (OverflowError, OSError, ValueError) as error:
        raise NotProven("a time is out of range") from error
    if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
        raise NotProven(f"a certificate of {msp_id} was not valid at {moment:%Y-%m-%d %H:%M:%S} UTC")
