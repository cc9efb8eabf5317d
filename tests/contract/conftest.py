"""The channel of the contracts' suite: on the ledger in memory, and on a real network."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.channel import Channel
from tests.contract.fabric_channel import FabricChannel
from tests.contract.memory_channel import MemoryChannel
from tests.contract.relief_story import MemoryStory, Story
from tests.contract.scene import Scene


@pytest.fixture
def memory(tmp_path: Path) -> MemoryChannel:
    """A fresh ledger in memory on which the three municipalities have joined."""
    return MemoryChannel(tmp_path).bootstrap()


@pytest.fixture(scope="session")
def fabric(consortium: Any) -> Iterator[FabricChannel]:
    """The real network, with its three municipalities."""
    channel = FabricChannel(consortium.state.root).bootstrap()
    yield channel
    channel.close()


@pytest.fixture(params=["memory", pytest.param("fabric", marks=pytest.mark.process)])
def channel(request: pytest.FixtureRequest) -> Channel:
    """Either of them, one after the other."""
    found: Channel = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def scene(channel: Channel) -> Scene:
    """People, sites and items on the channel."""
    return Scene(channel)


@pytest.fixture
def memory_story(memory: MemoryChannel) -> MemoryStory:
    """Relief on a fresh ledger in memory."""
    return MemoryStory(memory)


@pytest.fixture(scope="session")
def fabric_story(fabric: FabricChannel) -> Story:
    """Relief on the real network; people, sites and items are the same for the whole session."""
    return Story(fabric)


@pytest.fixture(params=["memory_story", pytest.param("fabric_story", marks=pytest.mark.process)])
def story(request: pytest.FixtureRequest) -> Story:
    """Either of them, one after the other."""
    found: Story = request.getfixturevalue(request.param)
    return found
