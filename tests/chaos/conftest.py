"""The real consortium with its municipalities, and people who send on it."""
from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chaos.senders import Sender
from tests.contract.fabric_channel import FabricChannel
from tests.contract.scene import Scene
from tests.network.consortium import RunningConsortium, running


@pytest.fixture(scope="session")
def honest_consortium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningConsortium]:
    """A network of its own, on which honest programs alone have written, so that the auditor agrees with it.

    Other suites write what no honest web UI would. Its municipalities may have two bridges, and anchor at once.
    """
    with running(tmp_path_factory.mktemp("honest"), bridges=2, anchor_seconds=3) as network:
        yield network


@pytest.fixture(scope="session")
def channel(consortium: RunningConsortium) -> Iterator[FabricChannel]:
    """The channel with all three municipalities on it."""
    found = FabricChannel(consortium.state.root).bootstrap()
    yield found
    found.close()


@pytest.fixture(scope="session")
def scene(channel: FabricChannel) -> Scene:
    """Makes people, sites and items."""
    return Scene(channel)


@pytest.fixture(scope="session")
def item(scene: Scene, consortium: RunningConsortium) -> str:
    """One item that all municipalities speak of."""
    return scene.item(consortium.codes[0])


@pytest.fixture(scope="session")
def senders(scene: Scene, channel: FabricChannel, consortium: RunningConsortium, item: str) -> tuple[Sender, ...]:
    """A clerk with an open site in each municipality, in the consortium's order."""
    made = [(code, scene.official(code, "C"), scene.site(code)) for code in consortium.codes]
    return tuple(Sender(code, channel.access(code, "webui"), clerk, site, item) for code, clerk, site in made)
