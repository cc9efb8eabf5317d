"""Client profiles: what a service of a municipality needs to reach the ledger."""
from __future__ import annotations

from moyai_network.definition import Consortium, Municipality
from moyai_network.layout import State


def profile(consortium: Consortium, municipality: Municipality, service: str, state: State) -> dict:
    """The profile of one service; its own gateway comes first, the others follow for when that one is away."""
    home = state.home(municipality.code)
    others = [other for other in consortium.municipalities if other is not municipality]
    document = {
        "channel": consortium.channel,
        "chaincode": consortium.chaincode,
        "municipality": municipality.code,
        "name": municipality.name,
        "msp_id": municipality.msp_id,
        "service": service,
        "certificate": str(home.service(service) / "certificate.pem"),
        "private_key": str(home.service(service) / "private_key.pem"),
        "gateways": [_gateway(member, state) for member in (municipality, *others)],
    }
    if service == "console":
        document["actor_keys"] = str(home.actor_keys)
    return document


def _gateway(municipality: Municipality, state: State) -> dict[str, str]:
    return {"municipality": municipality.code, "msp_id": municipality.msp_id, "address": municipality.address("peer"),
            "server_name": municipality.server_name, "tls_ca": str(state.home(municipality.code).tls_ca)}
