"""The MQTT broker of a municipality: where Mosquitto is, and what it needs to find at its first start."""
from __future__ import annotations

import os
import shutil
from pathlib import Path

from moyai_client.certificate_authority import Registrar

from moyai_network.definition import Municipality
from moyai_network.errors import BinariesError
from moyai_network.layout import State
from moyai_network.rendering.broker import ACCESS_FILE, CRL_FILE, rules
from moyai_network.storage import write

_SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin")
"""Where Debian keeps it; often not on an ordinary user's PATH."""


def find() -> Path:
    """The Mosquitto program; BinariesError where there is none."""
    places = os.pathsep.join((os.environ.get("PATH", ""), *_SYSTEM_FOLDERS))
    found = shutil.which("mosquitto", path=places)
    if found is None:
        raise BinariesError("Mosquitto is not installed: apt-get install mosquitto")
    return Path(found)


def prepared(municipality: Municipality, state: State) -> bool:
    """Whether the broker finds an access file and a list of revoked certificates."""
    folder = state.home(municipality.code).broker
    return (folder / ACCESS_FILE).exists() and (folder / CRL_FILE).exists()


def prepare(municipality: Municipality, state: State, registrar: Registrar) -> None:
    """Writes both as long as they are missing; from then on they belong to the program `access`."""
    folder = state.home(municipality.code).broker
    if not (folder / ACCESS_FILE).exists():
        write(folder / ACCESS_FILE, rules(municipality))
    if not (folder / CRL_FILE).exists():
        write(folder / CRL_FILE, registrar.revocation_list())
