"""One municipality's mail worker over the ledger in memory."""
from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy import select

from moyai_webui.mail.composer import Composer, Letterhead
from moyai_webui.mail.post_office import PostOffice
from moyai_webui.mail.worker import MailWorker
from moyai_webui.rows import Mail
from moyai_webui.store.home_tables import OutgoingMail
from moyai_webui.store.outbox import Outbox
from moyai_webui.store.projection_store import ProjectionStore
from tests.contract.relief_story import MemoryStory
from tests.unit.webui.projected import Projected


class Post:
    """A worker whose clock the test moves; its ledger is the service `worker` of the municipality."""

    def __init__(self, url: str, story: MemoryStory, port: int, code6: str, name: str, domain: str) -> None:
        self.projected = Projected(url, story.channel.ledger, code6)
        self.now = datetime.fromtimestamp(story.channel.now, timezone.utc)
        self.projected.store = ProjectionStore(self.projected.database.writing, code6, lambda: self.now)
        self.projected.projector._store = self.projected.store
        self.projected.projector._clock = lambda: self.now
        self.letterhead = Letterhead(code6, name, f"moyai@{domain}", f"bousai@{domain}", "http://127.0.0.1:7380")
        self.outbox = Outbox(self.projected.database, code6)
        self.ledger: Any = story.channel.access(code6, "worker")
        self.composer = Composer(self.letterhead, self.projected.reading, self.projected.home, lambda: self.now)
        self.port = port
        self.worker = self.new_worker()
        self._story = story

    def new_worker(self, timeout: float = 5.0) -> MailWorker:
        """A worker as it begins after a restart."""
        worker = MailWorker(self.outbox, self.composer, PostOffice("127.0.0.1", self.port, timeout), self.ledger,
                            lambda: self.now)
        worker.begin()
        return worker

    def send(self) -> None:
        """Reads the chain to its end and tries every mail that is due."""
        self.project()
        self.worker.send()

    def project(self) -> None:
        """Reads the chain to its end, at the ledger's time or later."""
        self.now = max(self.now, datetime.fromtimestamp(self._story.channel.now, timezone.utc))
        self.projected.project()

    def later(self, **span: float) -> None:
        """Time passes, here and on the ledger."""
        self._story.channel.advance(int(timedelta(**span).total_seconds()))
        self.now += timedelta(**span)

    @property
    def shown(self) -> list[Mail]:
        """What the office's page shows, newest first."""
        return list(self.projected.reading.mails().rows)

    def row(self) -> Any:
        """The only row of the outbox."""
        with self.projected.database.reading() as connection:
            return connection.execute(select(OutgoingMail.__table__)).one()

    def close(self) -> None:
        self.projected.close()
