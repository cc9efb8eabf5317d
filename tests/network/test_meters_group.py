"""The group `meters` and the simulation: started, watched and left as they are by `up`."""
from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.contract.fabric_channel import FabricChannel
from tests.network.broker_site import until
from tests.network.consortium import RunningConsortium

ROLES = ("access", "bridge", "broker", "totals")


@pytest.fixture(scope="module")
def meters(consortium: RunningConsortium) -> Iterator[RunningConsortium]:
    FabricChannel(consortium.state.root).bootstrap().close()
    assert consortium.moyai("webui", "prepare").returncode == 0
    done = consortium.moyai("network", "start", "meters")
    assert done.returncode == 0, done.stderr
    yield consortium
    for group in ("simulation", "meters"):
        consortium.stop(group)


def states(network: RunningConsortium) -> dict[str, str]:
    found = json.loads(network.moyai("network", "status", "--json").stdout)
    programs = [*found["shared"], *(one for member in found["municipalities"] for one in member["programs"])]
    return {one["program"]: one["state"] for one in programs}


def test_start_meters_starts_broker_access_and_bridge_everywhere(meters: RunningConsortium) -> None:
    found = states(meters)
    names = [name for name in found if name.split("-")[0] in ROLES]
    assert len(names) == len(ROLES) * len(meters.codes)
    assert {found[name] for name in names} == {"running"} and found["simulator"] == "stopped"


def test_up_leaves_the_meters_running(meters: RunningConsortium) -> None:
    before = {code: meters.pids(f"broker-{code}") for code in meters.codes}
    assert meters.moyai("network", "up").returncode == 0
    assert {code: meters.pids(f"broker-{code}") for code in meters.codes} == before


@pytest.mark.parametrize("program", ["broker-172022", "access-172022", "bridge-172022-1", "totals-172022"])
def test_a_program_of_the_meters_that_dies_is_started_again(meters: RunningConsortium, program: str) -> None:
    former = meters.kill(program)
    assert meters.wait_restarted(program, former) != former


def test_a_simulation_that_is_over_is_in_nobody_s_way(meters: RunningConsortium) -> None:
    done = meters.moyai("network", "start", "simulator")
    assert done.returncode == 0, done.stderr
    until(lambda: states(meters)["simulator"] == "exited", 180)
    assert meters.log("simulator")[-1] == "Everything is there once, and every fault is marked."
    assert meters.moyai("network", "stop", "broker-132012").returncode == 0
    done = meters.moyai("network", "start", "meters")
    assert done.returncode == 0, done.stderr
    assert states(meters)["simulator"] == "exited"
