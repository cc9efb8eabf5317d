"""Who a program is on the network and whom it asks: the file that the network's rendering writes for each service."""
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moyai_client.errors import ProfileError


@dataclass(frozen=True)
class GatewayEndpoint:
    """One municipality's peer: `address` is host:port, `server_name` the name in its TLS certificate."""

    municipality: str
    msp_id: str
    address: str
    server_name: str
    tls_ca: Path


@dataclass(frozen=True)
class Profile:
    """One service of one municipality; `gateways` has the own peer first, then the other municipalities'."""

    channel: str
    chaincode: str
    municipality: str
    name: str
    msp_id: str
    service: str
    certificate: Path
    private_key: Path
    gateways: tuple[GatewayEndpoint, ...]
    actor_keys: Path | None = None

    @classmethod
    def load(cls, path: str | Path) -> Profile:
        """Reads a profile; raises ProfileError naming the file and the field that is missing or of the wrong kind."""
        path = Path(path)
        content = _read(path)
        texts = {name: _text(content, name, path) for name in
                 ("channel", "chaincode", "municipality", "name", "msp_id", "service")}
        gateways = content.get("gateways")
        if not isinstance(gateways, list) or not gateways:
            raise ProfileError(f"{path}: field gateways must be a list with the own peer first")
        profile = cls(
            **texts,
            certificate=Path(_text(content, "certificate", path)),
            private_key=Path(_text(content, "private_key", path)),
            gateways=tuple(_gateway(entry, number, path) for number, entry in enumerate(gateways)),
            actor_keys=Path(_text(content, "actor_keys", path)) if "actor_keys" in content else None,
        )
        for file in (profile.certificate, profile.private_key, *(entry.tls_ca for entry in profile.gateways)):
            if not file.is_file():
                raise ProfileError(f"{path}: {file} does not exist; has the network been brought up?")
        return profile

    @property
    def own_gateway(self) -> GatewayEndpoint:
        """The peer of the profile's own municipality."""
        return self.gateways[0]


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ProfileError(f"profile {path} does not exist; has the network been brought up?") from None
    except (OSError, ValueError) as error:
        raise ProfileError(f"profile {path} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise ProfileError(f"profile {path} is not a JSON object")
    return content


def _text(content: dict[str, Any], name: str, where: object) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not value:
        raise ProfileError(f"{where}: field {name} is missing or not a text")
    return value


def _gateway(entry: Any, number: int, path: Path) -> GatewayEndpoint:
    where = f"{path}: gateway {number + 1}"
    if not isinstance(entry, dict):
        raise ProfileError(f"{where} is not an object")
    texts = {name: _text(entry, name, where) for name in ("municipality", "msp_id", "address", "server_name")}
    return GatewayEndpoint(**texts, tls_ca=Path(_text(entry, "tls_ca", where)))
