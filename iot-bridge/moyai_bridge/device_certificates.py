"""A device's certificate, from the municipality's device CA: which is in no MSP and signs nothing on the channel."""
from __future__ import annotations

import json
import re
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID
from moyai_client.certificate_authority import CertificateAuthority, Registrar
from moyai_client.errors import MoyaiError
from moyai_contracts.api.identifiers import RANDOM_26_PATTERN
from pydantic_settings import BaseSettings, SettingsConfigDict

_KIND = "device"
_REGISTRARS_PROFILE = "registrar"
_REASON = "privilegewithdrawn"


class DeviceCaSettings(BaseSettings):
    """Where the device CA is, and who may register there; from the environment (prefix `MOYAI_`)."""

    model_config = SettingsConfigDict(env_prefix="MOYAI_", frozen=True, extra="ignore")

    device_ca_url: str
    device_ca_name: str
    device_ca_root: Path
    device_ca_organisation: str
    device_registrar: Path


class AlreadyEnrolled(MoyaiError):
    """The device has or had a certificate. Its key is the device's alone: a lost one is a new device."""


@dataclass(frozen=True, slots=True)
class DeviceCertificate:
    """What a device is known by: certificate and private key, PEM. Nobody else keeps the key."""

    certificate: bytes
    private_key: bytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate's DER, lower hex: how the ledger names it."""
        return self._parsed.fingerprint(hashes.SHA256()).hex()

    @property
    def serial(self) -> str:
        """The certificate's serial number, lower hex."""
        return f"{self._parsed.serial_number:x}"

    @property
    def _parsed(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.certificate)


class DeviceCertificates:
    """The device CA, asked by its registrar. Raises AuthorityAway and AuthorityRefused of moyai_client."""

    def __init__(self, settings: DeviceCaSettings) -> None:
        address = urllib.parse.urlsplit(settings.device_ca_url)
        if address.scheme != "https" or not address.hostname or not address.port:
            raise ValueError(f"{settings.device_ca_url} is not https://host:port")
        authority = CertificateAuthority(settings.device_ca_name, address.hostname, address.port,
                                         settings.device_ca_root, settings.device_ca_organisation)
        registrar = json.loads(settings.device_registrar.read_text("utf-8"))
        self._registrar = Registrar(authority, registrar["name"], registrar["secret"], profile=_REGISTRARS_PROFILE)

    def enrol(self, device_id: str) -> DeviceCertificate:
        """The certificate of a new device, whose name in it is `device_id`. Raises AlreadyEnrolled.

        An attempt that was interrupted before there was a certificate may be repeated.
        """
        _demand_device_id(device_id)
        if self._registrar.certificates(device_id):
            raise AlreadyEnrolled(f"Device {device_id} has a certificate already.")
        enrolled = self._registrar.issue(device_id, _KIND)
        return DeviceCertificate(enrolled.certificate, enrolled.key)

    def revoke(self, device_id: str) -> bool:
        """Revokes what the device has, for good; again is harmless. False where it never had a certificate.

        The broker hears of it by `moyai_bridge.access`.
        """
        _demand_device_id(device_id)
        return self._registrar.revoke(device_id, _REASON)

    def revoked(self) -> frozenset[str]:
        """Names in all certificates that were revoked, those of bridges too."""
        return frozenset(str(attribute.value) for certificate in self._registrar.revoked()
                         for attribute in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME))

    def revocation_list(self) -> bytes:
        """A fresh certificate revocation list, PEM."""
        return self._registrar.revocation_list()


def _demand_device_id(device_id: str) -> None:
    """Bridges and registrars have names at the same CA: nobody gets one of those as a device."""
    if not re.fullmatch(RANDOM_26_PATTERN, device_id):
        raise ValueError(f"{device_id!r} is not a device id")
