"""Registers and enrols at a running Fabric CA over its REST interface."""
from __future__ import annotations

import base64
import http.client
import ipaddress
import json
import secrets
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import NameOID

from moyai_network.errors import NetworkError
from moyai_network.rendering.certificates import Certificate

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_ALREADY_REGISTERED = 74
_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A certificate with its private key and the root it chains to, all PEM."""

    certificate: bytes
    key: bytes
    root: bytes


class RequestFailed(NetworkError):
    """The CA refused; `code` is its own error number."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text)
        self.code = code


class CertificateAuthority:
    """One CA (`name`) of the server at host:port, whose own TLS certificate chains to `root`."""

    def __init__(self, name: str, host: str, port: int, root: Path, organisation: str) -> None:
        self._name, self._host, self._port, self._root = name, host, port, root
        self._organisation = organisation

    def answers(self) -> bool:
        """Whether the CA is up and says its name."""
        try:
            return self._send("GET", f"/api/v1/cainfo?ca={self._name}", None, {})["CAName"] == self._name
        except (OSError, http.client.HTTPException, RequestFailed):
            return False

    def registrar(self, name: str, secret: str) -> Registrar:
        """Enrols the bootstrap identity, which may register others."""
        return Registrar(self, self.enrol(name, secret))

    def enrol(self, name: str, secret: str, *, profile: str = "", hosts: Sequence[str] = ()) -> Enrolled:
        """A fresh key and its certificate for a registered identity."""
        key = ec.generate_private_key(ec.SECP256R1())
        credentials = base64.b64encode(f"{name}:{secret}".encode()).decode()
        answer = self._send("POST", "/api/v1/enroll", {
            "certificate_request": self._request(name, key, hosts),
            "caname": self._name,
            **({"profile": profile} if profile else {}),
        }, {"Authorization": f"Basic {credentials}"})
        return Enrolled(
            certificate=base64.b64decode(answer["Cert"]),
            key=key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                  serialization.NoEncryption()),
            root=base64.b64decode(answer["ServerInfo"]["CAChain"]))

    def signed(self, method: str, path: str, body: dict[str, Any], signer: Enrolled) -> dict[str, Any]:
        """A request with the token that proves who sends it."""
        content = json.dumps({**body, "caname": self._name}).encode()
        parts = [base64.b64encode(part).decode() for part in (path.encode(), content, signer.certificate)]
        signature = _low_s(_private_key(signer.key).sign(".".join((method, *parts)).encode(),
                                                         ec.ECDSA(hashes.SHA256())))
        return self._send(method, path, content,
                          {"Authorization": f"{parts[2]}.{base64.b64encode(signature).decode()}"})

    def _request(self, name: str, key: ec.EllipticCurvePrivateKey, hosts: Sequence[str]) -> str:
        subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
                             x509.NameAttribute(NameOID.ORGANIZATION_NAME, self._organisation),
                             x509.NameAttribute(NameOID.COMMON_NAME, name)])
        request = x509.CertificateSigningRequestBuilder().subject_name(subject)
        if hosts:
            request = request.add_extension(x509.SubjectAlternativeName([_general_name(host) for host in hosts]),
                                            critical=False)
        return request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def _send(self, method: str, path: str, body: dict[str, Any] | bytes | None,
              headers: dict[str, str]) -> dict[str, Any]:
        content = json.dumps(body).encode() if isinstance(body, dict) else body
        context = ssl.create_default_context(cafile=str(self._root))
        connection = http.client.HTTPSConnection(self._host, self._port, timeout=_TIMEOUT, context=context)
        try:
            connection.request(method, path, content, {"Content-Type": "application/json", **headers})
            response = connection.getresponse()
            answer = json.loads(response.read() or b"{}")
        except ValueError as error:
            raise RequestFailed(f"CA {self._name}: the answer to {path} is not JSON.", response.status) from error
        finally:
            connection.close()
        if response.status >= 400 or not answer.get("success"):
            first = (answer.get("errors") or [{"code": response.status, "message": "no reason given"}])[0]
            raise RequestFailed(f"CA {self._name} refused {path.split('?')[0]}: {first['message']}", first["code"])
        return answer["result"]


class Registrar:
    """Somebody a CA lets register identities."""

    def __init__(self, authority: CertificateAuthority, identity: Enrolled) -> None:
        self._authority, self._identity = authority, identity

    def issue(self, certificate: Certificate, *, profile: str = "", hosts: Sequence[str] = ()) -> Enrolled:
        """Registers the identity of `certificate` with a secret nobody keeps, and enrols it.

        An identity an interrupted attempt left registered gets a new secret.
        """
        secret = secrets.token_urlsafe(24)
        entry = {
            "id": certificate.name, "type": certificate.kind, "affiliation": "", "secret": secret,
            "max_enrollments": -1,
            "attrs": [{"name": name, "value": value, "ecert": True} for name, value in certificate.attributes],
        }
        try:
            self._authority.signed("POST", "/api/v1/register", entry, self._identity)
        except RequestFailed as refusal:
            if refusal.code != _ALREADY_REGISTERED:
                raise
            self._authority.signed("PUT", f"/api/v1/identities/{certificate.name}", entry, self._identity)
        return self._authority.enrol(certificate.name, secret, profile=profile, hosts=hosts)


def _private_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise NetworkError("A registrar's key must be an ECDSA key.")
    return key


def _low_s(signature: bytes) -> bytes:
    """Fabric takes only the smaller of the two equivalent signatures."""
    r, s = utils.decode_dss_signature(signature)
    return utils.encode_dss_signature(r, min(s, _ORDER - s))


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
