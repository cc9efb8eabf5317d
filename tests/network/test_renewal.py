"""A municipality's certificates are renewed on a running network: same keys, later ends, and everything goes on."""
from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from moyai_network.rendering.certificates import certificates

from tests.network.consortium import RunningConsortium

OSHIMA, NANAO = "133612", "172022"


def _parsed(consortium: RunningConsortium, code6: str) -> list[x509.Certificate]:
    return [x509.load_pem_x509_certificate(certificate.file.read_bytes())
            for certificate in certificates(consortium.definition.municipality(code6), consortium.state)]


def _key(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _says(certificate: x509.Certificate) -> set[tuple[str, bytes]]:
    """Uses, names and attributes, in whatever order."""
    return {(extension.oid.dotted_string, extension.value.public_bytes()) for extension in certificate.extensions}


def test_renewed_certificates_are_of_the_same_keys_and_the_network_endorses(consortium: RunningConsortium) -> None:
    before, others = _parsed(consortium, OSHIMA), _parsed(consortium, NANAO)
    peers = {code6: consortium.pids(f"peer-{code6}") for code6 in (OSHIMA, NANAO)}
    done = consortium.moyai("network", "renew", OSHIMA, "--days", "100000")
    assert done.returncode == 0, done.stderr
    assert f"Certificates renewed: {len(before)}" in done.stdout + done.stderr
    after = _parsed(consortium, OSHIMA)
    assert [_key(certificate) for certificate in after] == [_key(certificate) for certificate in before]
    assert all(new.not_valid_after_utc >= old.not_valid_after_utc and new.serial_number != old.serial_number
               and new.subject == old.subject for new, old in zip(after, before, strict=True))
    assert [_says(new) for new in after] == [_says(old) for old in before]
    assert _parsed(consortium, NANAO) == others
    assert consortium.pids(f"peer-{NANAO}") == peers[NANAO], "the others go on"
    assert consortium.pids(f"peer-{OSHIMA}") != peers[OSHIMA]
    consortium.wait_ready()
    assert consortium.moyai("directory", "bootstrap").returncode == 0


def test_certificates_that_are_good_for_long_stay(consortium: RunningConsortium) -> None:
    before = _parsed(consortium, OSHIMA)
    done = consortium.moyai("network", "renew", OSHIMA)
    assert done.returncode == 0, done.stderr
    assert "Certificates renewed: 0" in done.stdout + done.stderr
    assert _parsed(consortium, OSHIMA) == before


def test_a_municipality_that_there_is_not(consortium: RunningConsortium) -> None:
    done = consortium.moyai("network", "renew", "999999")
    assert (done.returncode, done.stderr.strip()) == (1, "Error: No municipality has the code 999999.")
