"""A device's certificate: what is refused before the device CA is asked, and what is said when it is not there."""
from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from moyai_client.certificate_authority import AuthorityAway

from moyai_bridge.device_certificates import DeviceCaSettings, DeviceCertificate, DeviceCertificates

DEVICE = "0123456789ABCDEFGHJKMNPQRS"


@pytest.fixture
def self_signed() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DEVICE)])
    now = datetime.now(timezone.utc)
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now)
                   .not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256()))
    return certificate.public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def settings(tmp_path: Path, self_signed: bytes) -> Callable[[str], DeviceCaSettings]:
    root = tmp_path / "root.pem"
    root.write_bytes(self_signed)
    (tmp_path / "registrar.json").write_text(json.dumps({"name": "registrar", "secret": "generated"}))

    def made(url: str) -> DeviceCaSettings:
        return DeviceCaSettings(device_ca_url=url, device_ca_name="deviceca", device_ca_root=root,
                                device_ca_organisation="Nanao", device_registrar=tmp_path / "registrar.json")
    return made


@pytest.mark.parametrize("url", ["http://127.0.0.1:7354", "https://127.0.0.1", "127.0.0.1:7354", ""])
def test_the_device_ca_is_asked_over_tls_alone(settings: Callable[[str], DeviceCaSettings], url: str) -> None:
    with pytest.raises(ValueError, match="is not https://host:port"):
        DeviceCertificates(settings(url))


@pytest.mark.parametrize("name", ["bridge-1", "registrar", DEVICE.lower(), DEVICE + "0", DEVICE[1:], f"../{DEVICE}",
                                  ""])
def test_nothing_but_a_device_id_gets_a_device_s_certificate(
        settings: Callable[[str], DeviceCaSettings], name: str) -> None:
    certificates = DeviceCertificates(settings("https://127.0.0.1:7354"))
    for act in (certificates.enrol, certificates.revoke):
        with pytest.raises(ValueError, match="is not a device id"):
            act(name)


def test_a_device_ca_that_cannot_be_asked_is_one_error(settings: Callable[[str], DeviceCaSettings]) -> None:
    with pytest.raises(AuthorityAway, match="CA deviceca at 127.0.0.1:1 does not answer: .*refused"):
        DeviceCertificates(settings("https://127.0.0.1:1")).enrol(DEVICE)


def test_a_certificate_is_named_as_on_the_ledger(self_signed: bytes) -> None:
    parsed = x509.load_pem_x509_certificate(self_signed)
    made = DeviceCertificate(self_signed, b"")
    assert made.fingerprint == parsed.fingerprint(hashes.SHA256()).hex()
    assert int(made.serial, 16) == parsed.serial_number
