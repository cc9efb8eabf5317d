"""Carries out the crypto plan: every certificate from the running CAs, each laid down whole or not at all."""
from __future__ import annotations

import secrets
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from moyai_network.certificate_authority import CertificateAuthority, Enrolled, Registrar
from moyai_network.definition import Municipality
from moyai_network.layout import State
from moyai_network.rendering import nodes
from moyai_network.rendering.base_settings import to_yaml
from moyai_network.rendering.certificates import CA, REGISTRAR, TLS_CA, Certificate, certificates, node_ous
from moyai_network.storage import PRIVATE, private_folder, write

CA_NAMES = (CA, TLS_CA)
_AT_ONCE = 4
"""Requests to one CA server at a time: it spends them on hashing and waiting for its disk."""


def prepare_authorities(municipality: Municipality, state: State) -> bool:
    """Writes the CA server's settings with a generated registrar's secret; True where they changed."""
    home = private_folder(state.home(municipality.code).ca)
    secret = registrar_secret(municipality, state)
    first = write(home / "fabric-ca-server-config.yaml", nodes.ca_server(municipality, secret), PRIVATE)
    second = write(home / "tls" / "fabric-ca-server-config.yaml", nodes.tls_ca_server(municipality, secret), PRIVATE)
    return first or second


def registrar_secret(municipality: Municipality, state: State) -> str:
    """The registrar's secret at both CAs, generated the first time."""
    path = state.home(municipality.code).ca / "registrar-secret"
    if not path.exists():
        write(path, secrets.token_urlsafe(32), PRIVATE)
    return path.read_text("ascii")


def authority(municipality: Municipality, state: State, name: str) -> CertificateAuthority:
    """One of the municipality's two CAs."""
    root = state.home(municipality.code).ca / "ca-cert.pem"
    return CertificateAuthority(name, municipality.host, municipality.ports.ca, root, municipality.romaji)


def missing(municipality: Municipality, state: State) -> list[Certificate]:
    """Certificates of the plan that are not there yet."""
    return [certificate for certificate in certificates(municipality, state) if not certificate.folder.exists()]


def enrol(municipality: Municipality, state: State) -> int:
    """Gets every missing certificate of the plan, then the organisation's MSP; returns how many were issued."""
    wanted = missing(municipality, state)
    roots = _Roots(municipality, state)
    registrars = {name: roots.registrar(name) for name in {certificate.ca for certificate in wanted}}

    def issue(certificate: Certificate) -> None:
        tls = certificate.ca == TLS_CA
        hosts = nodes.hosts(municipality) if tls else ()
        enrolled = registrars[certificate.ca].issue(certificate, profile="tls" if tls else "", hosts=hosts)
        _lay_down(certificate, enrolled, roots)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(issue, wanted))
    if not state.home(municipality.code).organisation_msp.exists():
        _in_one_step(state.home(municipality.code).organisation_msp, _msp_files(roots))
    return len(wanted)


class _Roots:
    """The two CAs of a municipality: their roots and registrars."""

    def __init__(self, municipality: Municipality, state: State) -> None:
        self._municipality, self._state = municipality, state
        home = state.home(municipality.code).ca
        self.ca = (home / "ca-cert.pem").read_bytes()
        self.tls_ca = (home / "tls" / "ca-cert.pem").read_bytes()

    def registrar(self, name: str) -> Registrar:
        """Whoever may register identities at the CA `name`."""
        secret = registrar_secret(self._municipality, self._state)
        return authority(self._municipality, self._state, name).registrar(REGISTRAR, secret)


def _lay_down(certificate: Certificate, enrolled: Enrolled, roots: _Roots) -> None:
    if certificate.shape == "msp":
        files = {**_msp_files(roots), "signcerts/cert.pem": enrolled.certificate, "keystore/key.pem": enrolled.key}
    elif certificate.shape == "tls":
        files = {"server.crt": enrolled.certificate, "server.key": enrolled.key, "ca.crt": roots.tls_ca}
    else:
        files = {"certificate.pem": enrolled.certificate, "private_key.pem": enrolled.key}
    _in_one_step(certificate.folder, files)


def _msp_files(roots: _Roots) -> dict[str, bytes]:
    return {"cacerts/ca.pem": roots.ca, "tlscacerts/ca.pem": roots.tls_ca,
            "config.yaml": to_yaml(node_ous()).encode()}


def _in_one_step(folder: Path, files: dict[str, bytes]) -> None:
    """A folder appears with all its files, or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        for name, content in files.items():
            write(staging / name, content, PRIVATE)
        staging.rename(folder)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
