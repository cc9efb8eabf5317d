"""Mosquitto as configured for real and `moyai bridge run` of one municipality, with no ledger beside them.

The bridge's roots wait for a ledger that never comes; everything up to the database is as in the whole network.
"""
from __future__ import annotations

import ipaddress
import json
import os
import signal
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from moyai_bridge.simulator.publisher import BrokerAddress, Credentials
from moyai_network import definition
from moyai_network.layout import State
from moyai_network.ports import free_ports
from moyai_network.rendering import broker
from moyai_network.waiting import wait_for

from tests.network.consortium import MOYAI, write_definition
from tests.unit.client.certificates import key_pem, write_identity

MOSQUITTO = "/usr/sbin/mosquitto"
PEM = Encoding.PEM


class DeviceAuthority:
    """A device CA in memory."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "device CA")])
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        self.certificate = self._signed(self._name, self._key, (constraints,)).public_bytes(PEM)

    def revocation_list(self) -> bytes:
        """A list of nobody."""
        now = datetime.now(timezone.utc)
        builder = x509.CertificateRevocationListBuilder().issuer_name(self._name)
        return builder.last_update(now - timedelta(hours=1)).next_update(now + timedelta(days=1)).sign(
            self._key, hashes.SHA256()).public_bytes(PEM)

    def write(self, folder: Path, name: str) -> Credentials:
        """Certificate and key of one that is named so; both also know the machine by its address."""
        folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        certificate = self._signed(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]), key, (address,))
        found = Credentials(folder / f"{name}.crt", folder / f"{name}.key")
        found.certificate.write_bytes(certificate.public_bytes(PEM))
        found.private_key.write_bytes(key_pem(key))
        return found

    def _signed(self, name: x509.Name, key: ec.EllipticCurvePrivateKey,
                extensions: tuple[x509.ExtensionType, ...]) -> x509.Certificate:
        now = datetime.now(timezone.utc)
        builder = (x509.CertificateBuilder().subject_name(name).issuer_name(self._name).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(hours=1))
                   .not_valid_after(now + timedelta(days=1)))
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self._key, hashes.SHA256())


class MetersApart:
    """The two programs, started and killed by the test; ended by `close`."""

    def __init__(self, folder: Path) -> None:
        self.authority = DeviceAuthority()
        consortium = definition.load(write_definition(folder / "network.yaml"))
        self._municipality, self._state = consortium.municipalities[0], State.at(folder / "state")
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.readings_url = f"sqlite:///{folder / 'readings.sqlite'}"
        self.address = BrokerAddress(self._municipality.host, self._municipality.ports.broker,
                                     self._state.home(self._municipality.code).device_ca)
        self._write_broker()
        self._environment = self._write_bridge()
        subprocess.run([MOYAI, "bridge", "prepare"], env=self._environment, check=True, timeout=60)
        self._commands: dict[str, list[str]] = {
            "broker": [MOSQUITTO, "-c", str(folder / "mosquitto.conf")],
            "bridge": [str(MOYAI), "bridge", "run"]}

    def start(self, program: str) -> None:
        """Starts "broker" or "bridge"."""
        with (self._folder / f"{program}.log").open("ab") as log:
            self._running[program] = subprocess.Popen(self._commands[program], env=self._environment,
                                                      stdout=log, stderr=log)

    def kill(self, program: str) -> None:
        """kill -9, and starts it again."""
        self._running[program].send_signal(signal.SIGKILL)
        self._running[program].wait(10)
        self.start(program)

    def wait_for(self, condition: Callable[[], object], seconds: float, failure: str) -> None:
        """Waits until the condition holds; else says why it did not."""
        wait_for(condition, seconds=seconds, failure=lambda: f"{failure}\n{self.log()}")

    def log(self) -> str:
        """What both said last."""
        return "\n".join(path.read_text("utf-8")[-2000:] for path in sorted(self._folder.glob("*.log")))

    def close(self) -> None:
        """Ends both."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            process.wait(20)

    def _write_broker(self) -> None:
        home = self._state.home(self._municipality.code)
        (home.broker / "data").mkdir(parents=True)
        home.device_ca.parent.mkdir(parents=True, exist_ok=True)
        home.device_ca.write_bytes(self.authority.certificate)
        server = self.authority.write(home.broker / "tls", "server")
        assert server.certificate.name == "server.crt"
        (home.broker / broker.CRL_FILE).write_bytes(self.authority.revocation_list())
        (home.broker / broker.ACCESS_FILE).write_text(broker.rules(self._municipality))
        (self._folder / "mosquitto.conf").write_text(broker.mosquitto(self._municipality, self._state))

    def _write_bridge(self) -> dict[str, str]:
        client = self.authority.write(self._folder / "bridge", "bridge-1")
        certificate, key = write_identity(self._folder / "identity", "bridge", service="bridge")
        nobody = {"municipality": "132012", "msp_id": "HachiojiMSP", "address": f"127.0.0.1:{free_ports(1)[0]}",
                  "server_name": "localhost", "tls_ca": str(certificate)}
        profile = self._folder / "bridge.json"
        profile.write_text(json.dumps({
            "channel": "moyai", "chaincode": "moyai", "municipality": "132012", "name": "八王子市",
            "msp_id": "HachiojiMSP", "service": "bridge", "certificate": str(certificate), "private_key": str(key),
            "gateways": [nobody]}))
        return {**os.environ, "MOYAI_MUNICIPALITY": "132012", "MOYAI_BRIDGE_NAME": "1",
                "MOYAI_STATE": str(self._folder), "MOYAI_BRIDGE_PROFILE": str(profile),
                "MOYAI_BROKER_HOST": self.address.host, "MOYAI_BROKER_PORT": str(self.address.port),
                "MOYAI_BROKER_CA": str(self.address.ca), "MOYAI_BRIDGE_CERTIFICATE": str(client.certificate),
                "MOYAI_BRIDGE_KEY": str(client.private_key), "MOYAI_READINGS_URL": self.readings_url,
                "MOYAI_SPOOL": str(self._folder / "spool.sqlite"), "MOYAI_ANCHOR_SECONDS": "86400"}
