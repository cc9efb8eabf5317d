"""A town with its mail worker, and a mail server."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.channel import HACHIOJI, NANAO
from tests.postgresql import database_url, postgresql  # noqa: F401
from tests.unit.webui.mail.mail_server import MailServer
from tests.unit.webui.mail.post import Post
from tests.unit.webui.town import TickingStory, begin_story


@pytest.fixture
def server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def story(tmp_path: Path) -> TickingStory:
    return begin_story(tmp_path / "consoles")


@pytest.fixture
def post(database_url: str, story: TickingStory, server: MailServer) -> Iterator[Post]:  # noqa: F811
    """七尾市's mail."""
    post = Post(database_url, story, server.port, NANAO, "七尾市", "nanao.example")
    yield post
    post.close()


@pytest.fixture
def hachioji(tmp_path: Path, story: TickingStory, server: MailServer) -> Iterator[Post]:
    """八王子市's mail, in a database of its own."""
    post = Post(f"sqlite:///{tmp_path / 'hachioji.sqlite'}", story, server.port, HACHIOJI, "八王子市",
                "hachioji.example")
    yield post
    post.close()
