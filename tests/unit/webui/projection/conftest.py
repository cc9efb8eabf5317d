"""A story on the ledger in memory, and databases of both kinds that follow it."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.channel import NANAO
from tests.contract.relief_story import MemoryStory
from tests.postgresql import database_url, postgresql  # noqa: F401
from tests.unit.webui.projected import Projected
from tests.unit.webui.town import begin_story


@pytest.fixture
def story(tmp_path: Path) -> MemoryStory:
    """Named shelters and items, nothing needed yet."""
    return begin_story(tmp_path / "consoles")


@pytest.fixture
def projected(database_url: str, story: MemoryStory) -> Iterator[Projected]:  # noqa: F811
    """七尾市's database, empty."""
    projected = Projected(database_url, story.channel.ledger, NANAO)
    yield projected
    projected.close()
