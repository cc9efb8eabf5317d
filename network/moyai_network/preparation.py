"""Before anything starts: what must hold, and every file that is rendered from the definition."""
from __future__ import annotations

import fcntl
import json
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Sequence

from moyai_network import broker, contracts
from moyai_network.binaries import Binaries
from moyai_network.definition import Consortium, Municipality
from moyai_network.enrolment import prepare_authorities
from moyai_network.errors import NetworkError
from moyai_network.layout import State
from moyai_network.rendering import nodes, processes
from moyai_network.rendering import broker as broker_files
from moyai_network.rendering.certificates import SERVICES
from moyai_network.rendering.chaincode import Chaincode
from moyai_network.rendering.meters import access_settings, bridge_settings
from moyai_network.rendering.profiles import profile
from moyai_network.rendering.webui import settings
from moyai_network.storage import PRIVATE, private_folder, write

LEAST_FREE_BYTES = 1 << 30


@contextmanager
def exclusive(state: State) -> Iterator[None]:
    """One command at a time works on a state folder."""
    private_folder(state.network)
    with (state.network / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NetworkError(f"Another moyai network command is at work on {state.root}: wait for it.") from None
        yield


def demand_space(state: State) -> None:
    """NetworkError where the disk is nearly full: a peer that cannot write its ledger stops for good."""
    free = shutil.disk_usage(state.network).free
    if free < LEAST_FREE_BYTES:
        raise NetworkError(f"Only {free >> 20} MiB are free on the disk of {state.root}; "
                           f"the network needs {LEAST_FREE_BYTES >> 20} MiB.")


def demand_same_channel(consortium: Consortium, state: State) -> None:
    """NetworkError where the definition contradicts the first block this state was founded with."""
    if not state.genesis_block.exists():
        return
    founded = json.loads(_charter(state).read_text("utf-8"))
    for name, value in channel_terms(consortium).items():
        if founded.get(name) != value:
            raise NetworkError(f"network.yaml says {name} {value!r}, but the channel in {state.root} was founded with "
                               f"{founded.get(name)!r}: put it back, or begin anew with `moyai network reset`.")


def record_channel(consortium: Consortium, state: State) -> None:
    """Keeps what the first block says, before there is one."""
    write(_charter(state), json.dumps(channel_terms(consortium), indent=1, ensure_ascii=False) + "\n")


def channel_terms(consortium: Consortium) -> dict[str, str]:
    """What of the definition is in the first block and cannot be changed by editing the file."""
    terms = {"channel": consortium.channel, "batch_timeout": consortium.batch_timeout}
    terms["members"] = " ".join(municipality.code for municipality in consortium.municipalities)
    for municipality in consortium.municipalities:
        terms[f"msp_id of {municipality.code}"] = municipality.msp_id
        terms[f"orderer of {municipality.code}"] = municipality.address("orderer")
        terms[f"peer of {municipality.code}"] = municipality.address("peer")
    return terms


def tools(binaries: Binaries) -> processes.Tools:
    """What programs are run with here: the interpreter of this environment, and the `moyai` beside it.

    Under one name, however this command was started: another would look like changed settings.
    """
    folder = Path(sys.executable).parent
    python = folder / "python3" if (folder / "python3").exists() else Path(sys.executable)
    return processes.Tools(binaries.folder, broker.find(), python, folder / "moyai")


def render(consortium: Consortium, chaincodes: Sequence[Chaincode], state: State,
           binaries: Binaries) -> tuple[tuple[processes.Program, ...], set[str]]:
    """Writes every file that follows from the definition; the process plan, and the programs whose settings changed."""
    changed: set[str] = set()
    contracts.install_builder(state)
    for municipality in consortium.municipalities:
        changed |= _render_nodes(consortium, municipality, state)
        _render_profiles(consortium, municipality, state)
    programs = processes.plan(consortium, chaincodes, state, tools(binaries))
    for program in programs:
        program.directory.mkdir(parents=True, exist_ok=True)
    write(state.supervisor_configuration, processes.supervisord(programs, state), PRIVATE)
    return programs, changed


def _render_nodes(consortium: Consortium, municipality: Municipality, state: State) -> set[str]:
    code, home = municipality.code, state.home(municipality.code)
    changed = set()
    if prepare_authorities(municipality, state):
        changed.add(f"ca-{code}")
    if write(home.orderer / "orderer.yaml", nodes.orderer(municipality, state)):
        changed.add(f"orderer-{code}")
    if write(home.peer / "core.yaml", nodes.peer(municipality, consortium, state)):
        changed.add(f"peer-{code}")
    private_folder(home.broker)
    if write(home.broker / broker_files.RULES_FILE, broker_files.rules(municipality)):
        changed.add(f"access-{code}")
    if write(home.broker / "mosquitto.conf", broker_files.mosquitto(municipality, state)):
        changed.add(f"broker-{code}")
    return changed


def _render_profiles(consortium: Consortium, municipality: Municipality, state: State) -> None:
    home = state.home(municipality.code)
    private_folder(home.actor_keys)
    private_folder(state.webui(municipality.code))
    for service in SERVICES:
        document = profile(consortium, municipality, service, state)
        write(home.profile(service), json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    private_folder(state.bridge(municipality.code))
    bridge = access_settings(municipality, state) | bridge_settings(
        consortium, municipality, state, municipality.bridge_names[0])
    for name, environment in (("webui", settings(consortium, municipality, state)), ("bridge", bridge)):
        write(home.root / f"{name}.json", json.dumps(environment, indent=1, ensure_ascii=False) + "\n")


def _charter(state: State) -> Path:
    return state.channel / "founded.json"
