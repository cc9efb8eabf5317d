"""Every file that follows from the sample definition, as text: what the golden files hold.

`python -m tests.unit.network.rendered` writes them anew after a change that is meant.
"""
from __future__ import annotations

import json
from pathlib import Path

from moyai_network import definition
from moyai_network.layout import State
from moyai_network.rendering import broker, chaincode, meters, nodes, processes
from moyai_network.rendering.base_settings import to_yaml
from moyai_network.rendering.certificates import SERVICES, certificates, node_ous
from moyai_network.rendering.channel import configtx
from moyai_network.rendering.profiles import profile
from moyai_network.rendering.webui import mailbox_settings, settings

GOLDEN = Path(__file__).parent / "golden"
SAMPLE = Path(__file__).parents[3] / "network" / "network.yaml"
STATE = State(Path("/srv/moyai"))
TOOLS = processes.Tools(Path("/opt/fabric/bin"), Path("/usr/sbin/mosquitto"), Path("/opt/moyai/bin/python3"),
                        Path("/opt/moyai/bin/moyai"))
NANAO = "172022"


def rendered() -> dict[str, str]:
    """Name of each golden file → what it must hold; 七尾市 stands for all municipalities where they are alike."""
    consortium = definition.load(SAMPLE)
    nanao = consortium.municipality(NANAO)
    moyai = chaincode.moyai(consortium)
    plan = processes.plan(consortium, [moyai], STATE, TOOLS)
    texts = {
        "configtx.yaml": configtx(consortium, STATE),
        "orderer.yaml": nodes.orderer(nanao, STATE),
        "core.yaml": nodes.peer(nanao, consortium, STATE),
        "fabric-ca-server-config.yaml": nodes.ca_server(nanao, "generated"),
        "tls-fabric-ca-server-config.yaml": nodes.tls_ca_server(nanao, "generated"),
        "device-fabric-ca-server-config.yaml": nodes.device_ca_server(nanao, "generated"),
        "mosquitto.conf": broker.mosquitto(nanao, STATE),
        "rules.acl": broker.rules(nanao),
        "access.json": _json(meters.access_settings(nanao, STATE)),
        "bridge.json": _json(meters.bridge_settings(consortium, nanao, STATE, "1")),
        "totals.json": _json(meters.totals_settings(consortium, nanao, STATE)),
        "simulator.json": _json(meters.simulator_settings(nanao, STATE)),
        "msp-config.yaml": to_yaml(node_ous()),
        "certificates.json": _json([_certificate(one) for one in certificates(nanao, STATE)]),
        "connection.json": chaincode.connection(nanao, 7358, "CERTIFICATE", "KEY", "ROOT"),
        "chaincode.json": _json({"label": moyai.label, "package_id": moyai.package_id, "ports": moyai.ports}),
        "supervisord.conf": processes.supervisord(plan, STATE),
        "webui.json": _json(settings(consortium, nanao, STATE)),
        "mailbox.json": _json(mailbox_settings(consortium, STATE)),
    }
    return texts | {f"profile-{service}.json": _json(profile(consortium, nanao, service, STATE))
                    for service in SERVICES}


def _certificate(certificate: object) -> dict:
    return {name: str(value) if isinstance(value, Path) else value
            for name, value in ((name, getattr(certificate, name)) for name in certificate.__slots__)}


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name, text in rendered().items():
        (GOLDEN / name).write_text(text, "utf-8")
