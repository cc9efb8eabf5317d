"""Carries out the crypto plan: every certificate from the running CAs, each laid down whole or not at all."""
from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from cryptography import x509
from moyai_client.certificate_authority import CertificateAuthority, Enrolled, Registrar

from moyai_network import broker
from moyai_network.definition import Municipality
from moyai_network.layout import State
from moyai_network.rendering import nodes
from moyai_network.rendering.base_settings import to_yaml
from moyai_network.rendering.certificates import (CA, DEVICE_CA, REGISTRAR, TLS_CA, Certificate, certificates,
                                                  node_ous)
from moyai_network.rendering.meters import registrar
from moyai_network.storage import PRIVATE, private_folder, write

CA_NAMES = (CA, TLS_CA, DEVICE_CA)
_AT_ONCE = 4
"""Requests to one CA server at a time: it spends them on hashing and waiting for its disk."""


def prepare_authorities(municipality: Municipality, state: State) -> bool:
    """Writes the CA server's settings with generated registrars' secrets; True where they changed."""
    home = state.home(municipality.code)
    private_folder(home.ca)
    nodes_secret, devices_secret = (registrar_secret(municipality, state, name) for name in (CA, DEVICE_CA))
    write(home.device_registrar, registrar(devices_secret), PRIVATE)
    settings = {"": nodes.ca_server(municipality, nodes_secret),
                "tls": nodes.tls_ca_server(municipality, nodes_secret),
                "devices": nodes.device_ca_server(municipality, devices_secret)}
    changed = [write(home.ca / folder / "fabric-ca-server-config.yaml", text, PRIVATE)
               for folder, text in settings.items()]
    return any(changed)


def registrar_secret(municipality: Municipality, state: State, name: str) -> str:
    """The registrar's secret at the CA `name`, generated the first time.

    Whoever enrols devices must not be able to make members: the device CA has another one than the other two.
    """
    path = state.home(municipality.code).ca / ("devices" if name == DEVICE_CA else "") / "registrar-secret"
    if not path.exists():
        write(path, secrets.token_urlsafe(32), PRIVATE)
    return path.read_text("ascii")


def authority(municipality: Municipality, state: State, name: str) -> CertificateAuthority:
    """One of the municipality's three CAs."""
    root = state.home(municipality.code).ca_root
    return CertificateAuthority(name, municipality.host, municipality.ports.ca, root, municipality.romaji)


def certified(municipality: Municipality, state: State) -> bool:
    """Whether the municipality has every certificate of the plan, and the broker its list of revoked ones."""
    return not missing(municipality, state) and broker.prepared(municipality, state)


def missing(municipality: Municipality, state: State) -> list[Certificate]:
    """Certificates of the plan that are not there yet."""
    return [certificate for certificate in certificates(municipality, state) if not certificate.folder.exists()]


def enrol(municipality: Municipality, state: State) -> int:
    """Gets every missing certificate of the plan, the organisation's MSP, and what the broker needs to start with.

    Returns how many certificates were issued.
    """
    wanted = missing(municipality, state)
    roots = _Roots(municipality, state)
    registrars = {name: roots.registrar(name) for name in CA_NAMES}

    def lay_down(certificate: Certificate) -> None:
        _lay_down(certificate, _issue(certificate, municipality, registrars), roots)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lay_down, wanted))
    if not state.home(municipality.code).organisation_msp.exists():
        _in_one_step(state.home(municipality.code).organisation_msp, _msp_files(roots))
    broker.prepare(municipality, state, registrars[DEVICE_CA])
    return len(wanted)


def renew(municipality: Municipality, state: State, ends_before: datetime) -> list[Certificate]:
    """Has every certificate of the plan that ends before this moment certified again, of the same key.

    Raft knows an orderer by its key, and what was encrypted or signed for a key stays readable. Returns those renewed.
    """
    roots = _Roots(municipality, state)
    registrars = {name: roots.registrar(name) for name in CA_NAMES}
    wanted = [certificate for certificate in certificates(municipality, state)
              if x509.load_pem_x509_certificate(certificate.file.read_bytes()).not_valid_after_utc < ends_before]

    def lay_down(certificate: Certificate) -> None:
        enrolled = _issue(certificate, municipality, registrars, certificate.key_file.read_bytes())
        write(certificate.file, enrolled.certificate, PRIVATE)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lay_down, wanted))
    return wanted


def _issue(certificate: Certificate, municipality: Municipality, registrars: Mapping[str, Registrar],
           key: bytes = b"") -> Enrolled:
    tls = certificate.ca == TLS_CA
    return registrars[certificate.ca].issue(
        certificate.name, certificate.kind, certificate.attributes, profile="tls" if tls else "",
        hosts=nodes.hosts(municipality) if tls else (), pem=key)


class _Roots:
    """The CAs of a municipality: the roots of its members, and the registrars."""

    def __init__(self, municipality: Municipality, state: State) -> None:
        self._municipality, self._state = municipality, state
        home = state.home(municipality.code).ca
        self.ca = (home / "ca-cert.pem").read_bytes()
        self.tls_ca = (home / "tls" / "ca-cert.pem").read_bytes()

    def registrar(self, name: str) -> Registrar:
        """Whoever may register identities at the CA `name`."""
        secret = registrar_secret(self._municipality, self._state, name)
        return Registrar(authority(self._municipality, self._state, name), REGISTRAR, secret,
                         profile=REGISTRAR if name == DEVICE_CA else "")


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
