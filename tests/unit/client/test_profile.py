"""Profiles, identities and keys: read whole or refused with a sentence that names the file and the reason."""
from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from fabric_protos.msp import identities_pb2

from moyai_client.errors import ProfileError
from moyai_client.identity import P256_ORDER, Identity, certificate_fingerprint
from moyai_client.ledger import Ledger
from moyai_client.profile import Profile
from tests.unit.client.certificates import write_identity


def test_a_profile_has_the_own_gateway_first(profile_path: Path) -> None:
    profile = Profile.load(profile_path)
    assert [entry.municipality for entry in profile.gateways] == ["172022", "133612"]
    assert profile.own_gateway.msp_id == profile.msp_id
    assert profile.actor_keys is None


@pytest.mark.parametrize("field", ["channel", "msp_id", "certificate", "gateways"])
def test_a_missing_field_is_named(profile_path: Path, field: str) -> None:
    content = json.loads(profile_path.read_text())
    del content[field]
    profile_path.write_text(json.dumps(content))
    with pytest.raises(ProfileError, match=f"{profile_path.name}.*{field}"):
        Profile.load(profile_path)


def test_a_gateway_without_address_is_named(profile_path: Path) -> None:
    content = json.loads(profile_path.read_text())
    del content["gateways"][1]["address"]
    profile_path.write_text(json.dumps(content))
    with pytest.raises(ProfileError, match="gateway 2: field address"):
        Profile.load(profile_path)


def test_a_missing_certificate_file_is_named(profile_path: Path) -> None:
    Profile.load(profile_path).certificate.unlink()
    with pytest.raises(ProfileError, match=r"webui\.pem does not exist"):
        Profile.load(profile_path)


@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_a_damaged_profile_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "webui.json"
    path.write_text(content)
    with pytest.raises(ProfileError, match=r"webui\.json"):
        Profile.load(path)


def test_no_profile_at_all(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="does not exist; has the network been brought up"):
        Profile.load(tmp_path / "webui.json")


def test_a_key_of_another_certificate_is_refused(profile_path: Path, tmp_path: Path) -> None:
    profile = Profile.load(profile_path)
    _, stranger = write_identity(tmp_path, "stranger")
    profile.private_key.write_bytes(stranger.read_bytes())
    with pytest.raises(ProfileError, match="does not belong to"):
        Ledger.open(profile)


def test_a_damaged_key_is_refused(profile_path: Path) -> None:
    profile = Profile.load(profile_path)
    profile.private_key.write_text("-----BEGIN PRIVATE KEY-----\n")
    with pytest.raises(ProfileError, match="cannot be used"):
        Ledger.open(profile)


def test_an_identity_signs_with_the_lower_s_and_names_itself(tmp_path: Path) -> None:
    certificate, key = write_identity(tmp_path, "worker")
    identity = Identity.load("NanaoMSP", certificate, key)
    public = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    for number in range(40):
        message = number.to_bytes(4)
        signature = identity.sign(message)
        public.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        assert decode_dss_signature(signature)[1] <= P256_ORDER // 2
    creator = identities_pb2.SerializedIdentity.FromString(identity.creator)
    assert (creator.mspid, creator.id_bytes) == ("NanaoMSP", certificate.read_bytes())


def test_a_transaction_id_follows_from_nonce_and_creator(tmp_path: Path) -> None:
    identity = Identity.load("NanaoMSP", *write_identity(tmp_path, "worker"))
    (nonce, transaction_id), (other_nonce, _) = identity.new_transaction(), identity.new_transaction()
    assert transaction_id == hashlib.sha256(nonce + identity.creator).hexdigest()
    assert nonce != other_nonce and len(nonce) == 24


def test_a_fingerprint_is_of_the_der(tmp_path: Path) -> None:
    certificate, key = write_identity(tmp_path, "worker")
    parsed = x509.load_pem_x509_certificate(certificate.read_bytes())
    assert certificate_fingerprint(certificate) == parsed.fingerprint(hashes.SHA256()).hex()
    with pytest.raises(ProfileError, match="is not a certificate"):
        certificate_fingerprint(key)
