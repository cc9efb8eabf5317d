"""The service as a program: mutual TLS, one clear sentence when it cannot start, SIGTERM."""
from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Iterator

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fabric_protos.peer.chaincode_shim_pb2 import ChaincodeMessage
from fabric_protos.peer.chaincode_shim_pb2_grpc import ChaincodeStub

from tests.unit.shim.conftest import wait_for

CONTRACT = "tests.contract.shim_contract:ShimContract"


class Authority:
    """A TLS authority of a test."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self.certificate = folder / f"{name}.pem"
        signed = self._build(self.subject, self.key, is_authority=True).sign(self.key, hashes.SHA256())
        self.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str) -> tuple[Path, Path]:
        """Certificate and key file for localhost."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        signed = self._build(subject, key, is_authority=False).sign(self.key, hashes.SHA256())
        certificate_path, key_path = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        certificate_path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        key_path.write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ))
        return certificate_path, key_path

    def _build(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, is_authority: bool
    ) -> x509.CertificateBuilder:
        now = datetime.now(timezone.utc)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        )


class Program:
    """A running service."""

    def __init__(self, own: Authority, port: int, contract: str = CONTRACT) -> None:
        certificate, key = own.issue("service")
        self.port = port
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "moyai_shim", "--contract", contract, "--address", f"127.0.0.1:{port}",
                "--package-id", "moyai_1:0123", "--tls-certificate", certificate, "--tls-key", key,
                "--tls-client-ca", own.certificate,
            ],
            stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": os.getcwd()},
        )

    def connect(self, trusted: Authority, identity: tuple[Path, Path] | None) -> ChaincodeMessage:
        """First message of a new stream; grpc.RpcError if the service hangs up."""
        certificate, key = (path.read_bytes() for path in identity) if identity else (None, None)
        credentials = grpc.ssl_channel_credentials(trusted.certificate.read_bytes(), key, certificate)
        with grpc.secure_channel(f"localhost:{self.port}", credentials) as channel:
            return next(ChaincodeStub(channel).Connect(iter(()), timeout=5))

    def is_listening(self) -> bool:
        """True once the port takes connections."""
        assert self.process.poll() is None, self.process.stderr.read()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@pytest.fixture
def own(tmp_path: Path) -> Authority:
    """TLS authority of the service's organisation."""
    return Authority(tmp_path, "own")


@pytest.fixture
def program(own: Authority, free_port: int) -> Iterator[Program]:
    """A service that listens."""
    started = Program(own, free_port)
    wait_for(started.is_listening, 20)
    yield started
    started.process.kill()
    started.process.communicate()


@pytest.fixture
def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_only_clients_of_the_own_authority_are_served(program: Program, own: Authority, tmp_path: Path) -> None:
    assert program.connect(own, own.issue("peer")).type == ChaincodeMessage.REGISTER
    foreign = Authority(tmp_path, "foreign")
    for identity in (None, foreign.issue("stranger")):
        with pytest.raises(grpc.RpcError) as refused:
            program.connect(own, identity)
        assert refused.value.code() == grpc.StatusCode.UNAVAILABLE


def test_sigterm_ends_the_program_with_status_0(program: Program) -> None:
    program.process.send_signal(signal.SIGTERM)
    _, log = program.process.communicate(timeout=15)
    assert program.process.returncode == 0
    assert "service=draining" in log and "service=stopped" in log


def test_taken_port_is_one_sentence_and_status_2(own: Authority, free_port: int) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", free_port))
        holder.listen()
        refused = Program(own, free_port)
        _, log = refused.process.communicate(timeout=20)
    assert refused.process.returncode == 2
    assert f"The contract service cannot start: Failed to bind to address 127.0.0.1:{free_port}" in log
    assert "Traceback" not in log


@pytest.mark.parametrize("contract", ["nothing", "no.such:Contract", "tests.contract.shim_contract:Missing"])
def test_missing_contract_is_one_sentence_and_status_2(own: Authority, free_port: int, contract: str) -> None:
    refused = Program(own, free_port, contract)
    _, log = refused.process.communicate(timeout=20)
    assert refused.process.returncode == 2
    assert log.startswith("The contract service cannot start: ")
    assert "Traceback" not in log
