"""Settings of the programs that receive meters' readings, as environment variables."""
from __future__ import annotations

import json

from moyai_network.definition import Consortium, Municipality
from moyai_network.layout import State
from moyai_network.rendering.broker import ACCESS_FILE, CRL_FILE, PID_FILE, RULES_FILE
from moyai_network.rendering.certificates import DEVICE_CA, REGISTRAR


def registrar(secret: str) -> str:
    """The file of whoever may enrol and revoke devices."""
    return json.dumps({"name": REGISTRAR, "secret": secret}) + "\n"


def device_settings(municipality: Municipality, state: State) -> dict[str, str]:
    """What the web UI needs to enrol a device and to tell it where to go: readings, broker, device CA."""
    home, folder = state.home(municipality.code), state.bridge(municipality.code)
    return {
        "MOYAI_READINGS_URL": municipality.database or f"sqlite:///{folder / 'readings.sqlite'}",
        "MOYAI_BROKER_HOST": municipality.host,
        "MOYAI_BROKER_PORT": str(municipality.ports.broker),
        "MOYAI_BROKER_CA": str(home.tls_ca),
        "MOYAI_DEVICE_CA_URL": f"https://{municipality.address('ca')}",
        "MOYAI_DEVICE_CA_NAME": DEVICE_CA,
        "MOYAI_DEVICE_CA_ROOT": str(home.ca_root),
        "MOYAI_DEVICE_CA_ORGANISATION": municipality.romaji,
        "MOYAI_DEVICE_REGISTRAR": str(home.device_registrar),
    }


def access_settings(municipality: Municipality, state: State) -> dict[str, str]:
    """What whoever decides which devices may publish is told: the broker's files besides."""
    home, folder = state.home(municipality.code), state.bridge(municipality.code)
    return _common(municipality, state) | {
        "MOYAI_BROKER_ACCESS_FILE": str(home.broker / ACCESS_FILE),
        "MOYAI_BROKER_RULES_FILE": str(home.broker / RULES_FILE),
        "MOYAI_BROKER_CRL_FILE": str(home.broker / CRL_FILE),
        "MOYAI_BROKER_PID_FILE": str(home.broker / PID_FILE),
        "MOYAI_ACCESS_CURSOR": str(folder / "access-cursor"),
    }


def bridge_settings(consortium: Consortium, municipality: Municipality, state: State, name: str) -> dict[str, str]:
    """What the bridge `name` is told."""
    client, folder = state.home(municipality.code).bridge(name), state.bridge(municipality.code)
    return _common(municipality, state) | {
        "MOYAI_BRIDGE_NAME": name,
        "MOYAI_BRIDGE_CERTIFICATE": str(client / "certificate.pem"),
        "MOYAI_BRIDGE_KEY": str(client / "private_key.pem"),
        "MOYAI_SPOOL": str(folder / f"spool-{name}.sqlite"),
        "MOYAI_ANCHOR_SECONDS": str(consortium.anchor_seconds),
    }


def totals_settings(consortium: Consortium, municipality: Municipality, state: State) -> dict[str, str]:
    """What whoever records the months' totals is told; it looks as often as readings are anchored."""
    return _common(municipality, state) | {
        "MOYAI_TOTALS_GRACE_SECONDS": str(consortium.totals_grace_hours * 3600),
        "MOYAI_TOTALS_LOOK_SECONDS": str(consortium.anchor_seconds),
        "MOYAI_TOTALS_STATUS": str(state.bridge(municipality.code) / "totals.status.json"),
    }


def simulator_settings(municipality: Municipality, state: State) -> dict[str, str]:
    """What the simulator of a municipality's homes is told: it enrols and registers them as the office would."""
    home = state.home(municipality.code)
    return _common(municipality, state) | {"MOYAI_PROFILE": str(home.profile("webui")),
                                           "MOYAI_CONSOLE_PROFILE": str(home.profile("console"))}


def _common(municipality: Municipality, state: State) -> dict[str, str]:
    return {
        "MOYAI_STATE": str(state.root),
        "MOYAI_MUNICIPALITY": municipality.code,
        "MOYAI_MUNICIPALITY_NAME": municipality.name,
        "MOYAI_BRIDGE_PROFILE": str(state.home(municipality.code).profile("bridge")),
        **device_settings(municipality, state),
    }
