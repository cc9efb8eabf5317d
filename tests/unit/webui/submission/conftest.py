"""Databases of both kinds, and a desk with one."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgresql import database_url, postgresql  # noqa: F401
from tests.unit.webui.submission.desk import Desk
from tests.unit.webui.town import begin_story


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:  # noqa: F811
    desk = Desk(database_url, begin_story(tmp_path / "consoles"))
    yield desk
    desk.submissions.close()
    desk.projected.close()
