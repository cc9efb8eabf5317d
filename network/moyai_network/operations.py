"""What can be seen of a Fabric server from outside: whether it serves, and its health and metrics over mutual TLS."""
from __future__ import annotations

import http.client
import re
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from moyai_network.definition import Municipality
from moyai_network.layout import State

_TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class Operations:
    """One orderer or peer: where it serves, where it tells of itself, and the administrator's TLS pair to ask with."""

    host: str
    service_port: int
    port: int
    root: Path
    client: Path

    @classmethod
    def of(cls, municipality: Municipality, node: str, state: State) -> Operations:
        """Of the municipality's `node`, "orderer" or "peer"."""
        home = state.home(municipality.code)
        service, port = (getattr(municipality.ports, name) for name in (node, f"{node}_operations"))
        return cls(municipality.host, service, port, home.tls_ca, home.admin / "tls")

    def ready(self) -> bool:
        """Whether the server serves and calls itself healthy.

        It is healthy before its ledgers are open, and its port takes connections before anybody reads from them: only
        a finished TLS handshake shows that it serves.
        """
        return self._shakes_hands() and self._get("/healthz") is not None

    def metrics(self) -> str:
        """All metrics as Prometheus text, empty when the server does not answer."""
        return self._get("/metrics") or ""

    def _shakes_hands(self) -> bool:
        context = ssl.create_default_context(cafile=str(self.root))
        context.set_alpn_protocols(["h2"])
        try:
            with socket.create_connection((self.host, self.service_port), timeout=_TIMEOUT) as plain:
                with context.wrap_socket(plain, server_hostname=self.host):
                    return True
        except OSError:
            return False

    def _get(self, path: str) -> str | None:
        context = ssl.create_default_context(cafile=str(self.root))
        context.load_cert_chain(self.client / "server.crt", self.client / "server.key")
        connection = http.client.HTTPSConnection(self.host, self.port, timeout=_TIMEOUT, context=context)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            text = response.read().decode()
            return text if response.status == 200 else None
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


def metric(text: str, name: str, channel: str) -> int | None:
    """Value of the metric `name` for `channel` in Prometheus text, None where it is absent."""
    match = re.search(rf'^{re.escape(name)}{{[^}}]*channel="{re.escape(channel)}"[^}}]*}} (\S+)$', text, re.MULTILINE)
    return int(float(match[1])) if match else None
