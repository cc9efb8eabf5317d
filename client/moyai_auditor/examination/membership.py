"""The members of a channel as one configuration names them: whose certificate is one of theirs, in which role."""
from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Iterable

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hfc.protos.msp import identities_pb2, msp_config_pb2

from moyai_auditor.examination.blocks import Unreadable
from moyai_auditor.examination.newer_messages import decode, newer

ROLES = ("client", "peer", "admin", "orderer")
ATTRIBUTES = x509.ObjectIdentifier("1.2.3.4.5.6.7.8.1")
"""Extension in which Fabric's certificate authority writes a certificate's attributes, as JSON."""

UNFIT = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension,
         x509.UnsupportedGeneralNameType)
"""What bytes that are no proper certificate make the library raise."""

_ORDERS = {
    "secp256r1": 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551,
    "secp384r1": int("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf"
                     "581a0db248b0a77aecec196accc52973", 16),
}


class NotAMember(Exception):
    """The certificate belongs to no member of the channel; the text says why."""


class BadSignature(Exception):
    """The signature does not verify; the text says why."""


@dataclass(frozen=True, eq=False)
class Identity:
    """A member's certificate: `role` client, peer, admin or orderer, `service` its attribute moyai.service."""

    msp_id: str
    certificate: x509.Certificate
    role: str
    service: str
    fingerprint: str

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raises BadSignature."""
        try:
            key = self.certificate.public_key()
            if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in _ORDERS:
                raise BadSignature("the certificate's key is of an unknown kind")
            if decode_dss_signature(signature)[1] > _ORDERS[key.curve.name] // 2:
                raise BadSignature("the signature is not in its lower form")
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, *UNFIT) as error:
            raise BadSignature("the signature does not verify") from error

    def is_valid_at(self, at: int) -> bool:
        """Whether a time in UTC seconds lies in the certificate's validity."""
        return (self.certificate.not_valid_before_utc.timestamp() <= at
                <= self.certificate.not_valid_after_utc.timestamp())


@dataclass
class Member:
    """One municipality's certificate authorities and what it has revoked."""

    msp_id: str
    authorities: list[x509.Certificate]
    organisational_units: dict[str, str]
    revoked: list[x509.CertificateRevocationList]
    admins: set[str]
    _seen: dict[bytes, Identity | NotAMember] = field(default_factory=dict)

    @classmethod
    def parse(cls, value: bytes) -> Member:
        """From a channel configuration's MSPConfig. Raises Unreadable."""
        config = decode(msp_config_pb2.FabricMSPConfig, decode(msp_config_pb2.MSPConfig, value).config)
        try:
            return cls(
                config.name, [*map(x509.load_pem_x509_certificate, (*config.root_certs, *config.intermediate_certs))],
                _organisational_units(config), [*map(x509.load_pem_x509_crl, config.revocation_list)],
                {_fingerprint(x509.load_pem_x509_certificate(admin)) for admin in config.admins})
        except UNFIT as error:
            raise Unreadable(f"the certificates of {config.name} cannot be read: {error}") from error

    @property
    def root_fingerprints(self) -> list[str]:
        """SHA-256 of the authorities' certificates, lower hex: what members compare by telephone."""
        return [_fingerprint(authority) for authority in self.authorities]

    def identity(self, pem: bytes) -> Identity:
        """The member's identity behind a certificate. Raises NotAMember."""
        if pem not in self._seen:
            try:
                self._seen[pem] = self._check(pem)
            except NotAMember as error:
                self._seen[pem] = error
            except UNFIT:
                self._seen[pem] = NotAMember(f"what should be a certificate of {self.msp_id} is none")
        found = self._seen[pem]
        if isinstance(found, NotAMember):
            raise found
        return found

    def _check(self, pem: bytes) -> Identity:
        certificate = x509.load_pem_x509_certificate(pem)
        if _is_authority(certificate):
            raise NotAMember(f"a certificate authority of {self.msp_id} signs by itself")
        issuer = self._issuer(certificate)
        if issuer is None:
            raise NotAMember(f"the certificate claims {self.msp_id}, whose authorities did not issue it")
        if self._is_revoked(certificate, issuer):
            raise NotAMember(f"the certificate {certificate.serial_number:x} of {self.msp_id} is revoked")
        return Identity(self.msp_id, certificate, self._role(certificate), _service(certificate),
                        _fingerprint(certificate))

    def _issuer(self, certificate: x509.Certificate) -> x509.Certificate | None:
        for authority in self.authorities:
            try:
                certificate.verify_directly_issued_by(authority)
            except (InvalidSignature, *UNFIT):
                continue
            return authority
        return None

    def _is_revoked(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
        key: Any = issuer.public_key()
        return any(crl.issuer == issuer.subject and crl.is_signature_valid(key)
                   and crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None
                   for crl in self.revoked)

    def _role(self, certificate: x509.Certificate) -> str:
        units = {str(entry.value) for entry in
                 certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)}
        roles = [role for role, unit in self.organisational_units.items() if unit in units]
        if self.organisational_units and len(roles) != 1:
            raise NotAMember(f"a certificate of {self.msp_id} has {len(roles)} roles instead of one")
        if _fingerprint(certificate) in self.admins:
            return "admin"
        return roles[0] if roles else ""


class Members:
    """All members of a channel, by MSP."""

    def __init__(self, members: Iterable[Member]) -> None:
        self.by_msp = {member.msp_id: member for member in members}

    def identity(self, serialized: bytes) -> Identity:
        """The identity behind a creator or endorser as it stands in a transaction. Raises NotAMember."""
        try:
            named = decode(identities_pb2.SerializedIdentity, serialized)
        except Unreadable as error:
            raise NotAMember("what should be an identity is none") from error
        member = self.by_msp.get(named.mspid)
        if member is None:
            raise NotAMember(f"the channel has no member {named.mspid or 'without name'}")
        return member.identity(named.id_bytes)


def _organisational_units(config: Any) -> dict[str, str]:
    """Role → organisational unit in a certificate's subject; empty where the member does not tell roles apart."""
    units = newer("NodeOUs", config.fabric_node_ous.SerializeToString())
    if not units.enable:
        return {}
    named = {role: decode(msp_config_pb2.FabricOUIdentifier, getattr(units, role)) for role in ROLES}
    return {role: unit.organizational_unit_identifier for role, unit in named.items()
            if unit.organizational_unit_identifier}


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False


def _service(certificate: x509.Certificate) -> str:
    try:
        extension: Any = certificate.extensions.get_extension_for_oid(ATTRIBUTES).value
        return str(json.loads(extension.value)["attrs"].get("moyai.service", ""))
    except (x509.ExtensionNotFound, ValueError, KeyError, AttributeError):
        return ""


def _fingerprint(certificate: x509.Certificate) -> str:
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()
