"""configtx.yaml: members, policies, consenters and block cutting of the channel."""
from __future__ import annotations

from moyai_network.definition import Consortium, Municipality
from moyai_network.layout import State
from moyai_network.rendering.base_settings import to_yaml

PROFILE = "Consortium"


def configtx(consortium: Consortium, state: State) -> str:
    """configtx.yaml with the one profile PROFILE."""
    organisations = [_organisation(municipality, state) for municipality in consortium.municipalities]
    return to_yaml({"Profiles": {PROFILE: {
        "Capabilities": {"V3_0": True},
        "Policies": _policies("MAJORITY Admins"),
        "Orderer": _orderer(consortium, state, organisations),
        "Application": {
            "Organizations": organisations,
            "Capabilities": {"V2_5": True},
            "Policies": {**_policies("MAJORITY Admins"),
                         "Endorsement": _implicit("MAJORITY Endorsement"),
                         "LifecycleEndorsement": _implicit("MAJORITY Endorsement")},
        },
    }}})


def _organisation(municipality: Municipality, state: State) -> dict:
    msp = municipality.msp_id
    return {
        "Name": msp,
        "ID": msp,
        "MSPDir": str(state.home(municipality.code).organisation_msp),
        "Policies": {"Readers": _signature(msp, "member"), "Writers": _signature(msp, "member"),
                     "Admins": _signature(msp, "admin"), "Endorsement": _signature(msp, "peer")},
        "OrdererEndpoints": [municipality.address("orderer")],
        "AnchorPeers": [{"Host": municipality.host, "Port": municipality.ports.peer}],
    }


def _orderer(consortium: Consortium, state: State, organisations: list[dict]) -> dict:
    return {
        "OrdererType": "etcdraft",
        "BatchTimeout": consortium.batch_timeout,
        "BatchSize": {"MaxMessageCount": 500, "AbsoluteMaxBytes": "10 MB", "PreferredMaxBytes": "2 MB"},
        "MaxChannels": 0,
        "EtcdRaft": {
            "Consenters": [_consenter(municipality, state) for municipality in consortium.municipalities],
            # A follower calls an election after a second without its leader.
            "Options": {"TickInterval": "100ms", "ElectionTick": 10, "HeartbeatTick": 1, "MaxInflightBlocks": 5,
                        "SnapshotIntervalSize": "16 MB"},
        },
        "Organizations": organisations,
        "Capabilities": {"V2_0": True},
        "Policies": {**_policies("MAJORITY Admins"), "BlockValidation": _implicit("ANY Writers")},
    }


def _consenter(municipality: Municipality, state: State) -> dict:
    certificate = str(state.home(municipality.code).orderer / "tls" / "server.crt")
    return {"Host": municipality.host, "Port": municipality.ports.orderer,
            "ClientTLSCert": certificate, "ServerTLSCert": certificate}


def _policies(admins: str) -> dict:
    return {"Readers": _implicit("ANY Readers"), "Writers": _implicit("ANY Writers"), "Admins": _implicit(admins)}


def _implicit(rule: str) -> dict[str, str]:
    return {"Type": "ImplicitMeta", "Rule": rule}


def _signature(msp: str, role: str) -> dict[str, str]:
    return {"Type": "Signature", "Rule": f"OR('{msp}.{role}')"}
