"""The auditor's client profile as the connection profile that hfc reads."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from moyai_client.errors import ProfileError
from moyai_client.profile import GatewayEndpoint, Profile

from moyai_auditor.errors import AuditError


def find_profile(state: Path, municipality: str | None) -> Profile:
    """The auditor's profile of a municipality below the state folder, of the first one where none is named.

    Raises AuditError.
    """
    found = sorted((state / "network").glob(f"{municipality or '*'}/profiles/auditor.json"))
    if not found:
        whose = f"of {municipality} " if municipality else ""
        raise AuditError(f"There is no auditor's profile {whose}below {state / 'network'}: has the network been "
                         "brought up?")
    return load_profile(found[0])


def load_profile(path: Path) -> Profile:
    """A profile by its file. Raises AuditError."""
    try:
        return Profile.load(path)
    except ProfileError as error:
        raise AuditError(f"{error}.") from error


def write_connection(profile: Profile, folder: Path) -> Path:
    """Writes hfc's connection profile into a private folder, which hfc also keeps its user in; returns its path."""
    path = folder / "connection.json"
    path.write_text(json.dumps(_connection(profile, folder), ensure_ascii=False), "utf-8")
    return path


def _connection(profile: Profile, folder: Path) -> dict[str, Any]:
    store = {"path": str(folder / "store"), "cryptoStore": {"path": str(folder / "store")}}
    user = {"cert": str(profile.certificate), "private_key": str(profile.private_key)}
    return {
        "name": "moyai", "version": "1.0",
        "client": {"organization": profile.municipality, "credentialStore": store},
        "organizations": {profile.municipality: {
            "mspid": profile.msp_id, "peers": [gateway.municipality for gateway in profile.gateways],
            "orderers": [], "certificateAuthorities": [], "users": {"auditor": user}}},
        "orderers": {}, "certificateAuthorities": {},
        "peers": {gateway.municipality: _peer(gateway) for gateway in profile.gateways}}


def _peer(gateway: GatewayEndpoint) -> dict[str, Any]:
    options = {"grpc.ssl_target_name_override": gateway.server_name, "grpc.max_receive_message_length": -1}
    return {"url": gateway.address, "eventUrl": gateway.address, "grpcOptions": options,
            "tlsCACerts": {"path": str(gateway.tls_ca)}}
