"""A Fabric CA over its REST interface: registers, enrols, revokes, lists what is revoked."""
from __future__ import annotations

import base64
import http.client
import ipaddress
import json
import secrets
import ssl
import threading
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import NameOID

from moyai_client.errors import MoyaiError
from moyai_client.identity import P256_ORDER

ALREADY_REGISTERED, NOT_REGISTERED = 74, 10
"""Error numbers of Fabric CA: registering a name again, revoking one that it does not know."""
_TIMEOUT = 30.0
_BEGINNING = "1970-01-01T00:00:00Z"
_RENEWED_BEFORE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A certificate with its private key and the root it chains to, all PEM."""

    certificate: bytes
    key: bytes
    root: bytes


class AuthorityAway(MoyaiError):
    """Nobody answers where the CA should be, or what answers is no CA."""


class AuthorityRefused(MoyaiError):
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
        except (AuthorityAway, AuthorityRefused):
            return False

    def enrol(self, name: str, secret: str, *, profile: str = "", hosts: Sequence[str] = (),
              pem: bytes = b"") -> Enrolled:
        """A certificate for a registered identity, of a fresh key or of the private one in `pem`."""
        key = _private_key(pem) if pem else ec.generate_private_key(ec.SECP256R1())
        credentials = base64.b64encode(f"{name}:{secret}".encode()).decode()
        answer = self._send("POST", "/api/v1/enroll", json.dumps({
            "certificate_request": self._request(name, key, hosts),
            "caname": self._name,
            **({"profile": profile} if profile else {}),
        }).encode(), {"Authorization": f"Basic {credentials}"})
        return Enrolled(
            certificate=base64.b64decode(answer["Cert"]),
            key=key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                  serialization.NoEncryption()),
            root=base64.b64decode(answer["ServerInfo"]["CAChain"]))

    def post(self, path: str, body: Mapping[str, Any], signer: Enrolled, method: str = "POST") -> dict[str, Any]:
        """Asks for something, with the token that proves who does."""
        return self._signed(method, path, json.dumps({**body, "caname": self._name}).encode(), signer)

    def get(self, path: str, query: Mapping[str, str], signer: Enrolled) -> dict[str, Any]:
        """Asks what the CA knows, with the token that proves who does."""
        return self._signed("GET", f"{path}?{urllib.parse.urlencode({**query, 'ca': self._name})}", b"", signer)

    def _signed(self, method: str, path: str, content: bytes, signer: Enrolled) -> dict[str, Any]:
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

    def _send(self, method: str, path: str, content: bytes | None, headers: dict[str, str]) -> dict[str, Any]:
        where = f"CA {self._name} at {self._host}:{self._port}"
        try:
            context = ssl.create_default_context(cafile=str(self._root))
            connection = http.client.HTTPSConnection(self._host, self._port, timeout=_TIMEOUT, context=context)
            try:
                connection.request(method, path, content, {"Content-Type": "application/json", **headers})
                response = connection.getresponse()
                answer = json.loads(response.read() or b"{}")
            finally:
                connection.close()
        except ValueError as error:
            raise AuthorityAway(f"{where}: the answer to {path} is not JSON.") from error
        except (OSError, http.client.HTTPException) as error:
            raise AuthorityAway(f"{where} does not answer: {error}") from error
        if response.status >= 400 or not answer.get("success"):
            first = (answer.get("errors") or [{"code": response.status, "message": "no reason given"}])[0]
            raise AuthorityRefused(f"CA {self._name} refused {path.split('?')[0]}: {first['message']}", first["code"])
        return answer["result"]


class Registrar:
    """Whoever a CA lets register and revoke identities; enrols at the first use, and again before its time is up."""

    def __init__(self, authority: CertificateAuthority, name: str, secret: str, *, profile: str = "") -> None:
        self._authority, self._name, self._secret, self._profile = authority, name, secret, profile
        self._enrolled: tuple[Enrolled, datetime] | None = None
        self._lock = threading.Lock()

    def issue(self, name: str, kind: str, attributes: Sequence[tuple[str, str]] = (), *, profile: str = "",
              hosts: Sequence[str] = (), pem: bytes = b"") -> Enrolled:
        """Registers an identity of the type `kind` with a secret nobody keeps, and enrols it.

        One that is registered already, by an interrupted attempt or because its certificate of the private key in
        `pem` is about to end, gets a new secret.
        """
        secret = secrets.token_urlsafe(24)
        entry = {
            "id": name, "type": kind, "affiliation": "", "secret": secret, "max_enrollments": -1,
            "attrs": [{"name": name, "value": value, "ecert": True} for name, value in attributes],
        }
        signer = self._identity()
        try:
            self._authority.post("/api/v1/register", entry, signer)
        except AuthorityRefused as refusal:
            if refusal.code != ALREADY_REGISTERED:
                raise
            self._authority.post(f"/api/v1/identities/{name}", entry, signer, method="PUT")
        return self._authority.enrol(name, secret, profile=profile, hosts=hosts, pem=pem)

    def revoke(self, name: str, reason: str) -> bool:
        """Revokes every certificate of an identity, which gets none any more; False where the CA does not know it.

        Again is harmless. `reason` is one of RFC 5280's, in lower case.
        """
        try:
            self._authority.post("/api/v1/revoke", {"id": name, "reason": reason}, self._identity())
        except AuthorityRefused as refusal:
            if refusal.code != NOT_REGISTERED:
                raise
            return False
        return True

    def certificates(self, name: str) -> list[x509.Certificate]:
        """Every certificate an identity ever got."""
        return self._certificates({"id": name})

    def revoked(self) -> list[x509.Certificate]:
        """Every certificate that was revoked."""
        return self._certificates({"revoked_start": _BEGINNING})

    def revocation_list(self) -> bytes:
        """A fresh list of what is revoked, PEM."""
        return base64.b64decode(self._authority.post("/api/v1/gencrl", {}, self._identity())["CRL"])

    def _certificates(self, query: Mapping[str, str]) -> list[x509.Certificate]:
        found = self._authority.get("/api/v1/certificates", query, self._identity())["certs"]
        return [x509.load_pem_x509_certificate(entry["PEM"].encode()) for entry in found]

    def _identity(self) -> Enrolled:
        with self._lock:
            if self._enrolled is None or self._enrolled[1] < datetime.now(timezone.utc) + _RENEWED_BEFORE:
                enrolled = self._authority.enrol(self._name, self._secret, profile=self._profile)
                certificate = x509.load_pem_x509_certificate(enrolled.certificate)
                self._enrolled = enrolled, certificate.not_valid_after_utc
            return self._enrolled[0]


def _private_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise AuthorityRefused("a key must be an ECDSA key", 0)
    return key


def _low_s(signature: bytes) -> bytes:
    """Fabric takes only the smaller of the two equivalent signatures."""
    r, s = utils.decode_dss_signature(signature)
    return utils.encode_dss_signature(r, min(s, P256_ORDER - s))


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
