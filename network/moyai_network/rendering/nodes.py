"""Settings files of a municipality's three Fabric servers: CA, orderer and peer."""
from __future__ import annotations

from typing import Mapping

from moyai_network.definition import Consortium, Municipality
from moyai_network.layout import Home, State
from moyai_network.rendering.base_settings import with_base
from moyai_network.rendering.certificates import BRIDGE, CA, DEVICE, DEVICE_CA, REGISTRAR, TLS_CA

CONNECTIONS_VARIABLE = "MOYAI_CONTRACT_CONNECTIONS"
"""Tells the external builder where the addresses of the contract services lie."""


def ca_server(municipality: Municipality, secret: str) -> str:
    """fabric-ca-server-config.yaml of the identity CA, which serves the TLS CA and the device CA as well."""
    return with_base("fabric-ca-server", {
        "address": municipality.host,
        "port": municipality.ports.ca,
        "tls": {"enabled": True},
        **_authority(municipality, CA, secret),
        "cafiles": ["tls/fabric-ca-server-config.yaml", "devices/fabric-ca-server-config.yaml"],
        "operations": {"listenAddress": municipality.address("ca_operations"), "tls": {"enabled": False}},
        "metrics": {"provider": "disabled"},
    })


def tls_ca_server(municipality: Municipality, secret: str) -> str:
    """fabric-ca-server-config.yaml of the TLS CA in the identity CA's process."""
    return with_base("fabric-ca-server", _authority(municipality, TLS_CA, secret))


def device_ca_server(municipality: Municipality, secret: str) -> str:
    """fabric-ca-server-config.yaml of the device CA in the identity CA's process.

    A certificate is good for the ten years after which a meter is exchanged (検定有効期間); one that is revoked is
    told at once, so that a list may be old where the CA is away.
    """
    attributes = {"hf.Registrar.Roles": f"{DEVICE},{BRIDGE}", "hf.Revoker": True, "hf.GenCRL": True}
    return with_base("fabric-ca-server", {
        **_authority(municipality, DEVICE_CA, secret, attributes),
        "crl": {"expiry": "8760h"},
        "signing": {"default": {"usage": ["digital signature", "client auth"], "expiry": "87600h"},
                    "profiles": {REGISTRAR: {"usage": ["digital signature"], "expiry": "24h"}}},
    })


_REGISTRAR_OF_NODES = {
    "hf.Registrar.Roles": "*", "hf.Registrar.DelegateRoles": "*", "hf.Registrar.Attributes": "*",
    "hf.Revoker": True, "hf.GenCRL": True, "hf.AffiliationMgr": True, "hf.IntermediateCA": False}


def _authority(municipality: Municipality, name: str, secret: str,
               attributes: Mapping[str, object] = _REGISTRAR_OF_NODES) -> dict:
    registrar = {"name": REGISTRAR, "pass": secret, "type": "client", "affiliation": "", "attrs": attributes}
    return {
        "ca": {"name": name},
        "registry": {"identities": [registrar]},
        "csr": {"cn": f"{name}-{municipality.code}",
                "names": [{"C": "JP", "O": municipality.romaji}],
                "hosts": hosts(municipality)},
    }


def orderer(municipality: Municipality, state: State) -> str:
    """orderer.yaml"""
    home = state.home(municipality.code)
    tls = {name: str(home.orderer / "tls" / file) for name, file in
           (("PrivateKey", "server.key"), ("Certificate", "server.crt"))}
    client_roots = [str(home.tls_ca)]
    return with_base("orderer", {
        "General": {
            "ListenAddress": municipality.host,
            "ListenPort": municipality.ports.orderer,
            "TLS": {**tls, "RootCAs": client_roots},
            "Cluster": {"ClientCertificate": tls["Certificate"], "ClientPrivateKey": tls["PrivateKey"]},
            "LocalMSPDir": str(home.orderer / "msp"),
            "LocalMSPID": municipality.msp_id,
        },
        "FileLedger": {"Location": str(home.orderer / "data")},
        "Operations": {"ListenAddress": municipality.address("orderer_operations"),
                       "TLS": {**tls, "ClientRootCAs": client_roots}},
        "Admin": {"ListenAddress": municipality.address("orderer_admin"),
                  "TLS": {**tls, "ClientRootCAs": client_roots}},
        "Consensus": {"WALDir": str(home.orderer / "data" / "etcdraft" / "wal"),
                      "SnapDir": str(home.orderer / "data" / "etcdraft" / "snapshot")},
    })


def peer(municipality: Municipality, consortium: Consortium, state: State) -> str:
    """core.yaml"""
    home = state.home(municipality.code)
    address = municipality.address("peer")
    certificate, key = (str(home.peer / "tls" / name) for name in ("server.crt", "server.key"))
    return with_base("core", {
        "peer": {
            "id": f"peer-{municipality.code}",
            "networkId": consortium.channel,
            "listenAddress": address,
            "address": address,
            "chaincodeListenAddress": municipality.address("peer_chaincode"),
            "chaincodeAddress": municipality.address("peer_chaincode"),
            "gossip": {"bootstrap": address, "endpoint": address, "externalEndpoint": address},
            "tls": {"cert": {"file": certificate}, "key": {"file": key}, "rootcert": {"file": str(home.tls_ca)},
                    "clientRootCAs": {"files": [str(home.tls_ca)]}},
            "fileSystemPath": str(home.peer / "data"),
            "mspConfigPath": str(home.peer / "msp"),
            "localMspId": municipality.msp_id,
        },
        "chaincode": {"externalBuilders": [{"name": "moyai", "path": str(state.builder),
                                            "propagateEnvironment": [CONNECTIONS_VARIABLE]}]},
        "ledger": {"snapshots": {"rootDir": str(home.peer / "data" / "snapshots")}},
        "operations": {"listenAddress": municipality.address("peer_operations"),
                       "tls": {"cert": {"file": certificate}, "key": {"file": key},
                               "clientRootCAs": {"files": [str(home.tls_ca)]}}},
    })


def hosts(municipality: Municipality) -> list[str]:
    """Names and addresses a server certificate of the municipality is good for."""
    return list(dict.fromkeys(["localhost", "127.0.0.1", municipality.host]))


def peer_environment(home: Home) -> dict[str, str]:
    """What a peer needs besides core.yaml."""
    return {"FABRIC_CFG_PATH": str(home.peer), CONNECTIONS_VARIABLE: str(home.connections)}
