"""七尾市's web UI: commands on their way, on a ledger whose calls may be made to fail."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta, timezone
from typing import Any

from moyai_client import Prepared, Receipt
from moyai_contracts.api import relief
from sqlalchemy import select

from moyai_webui.home import Actor, Submission
from moyai_webui.store.home_tables import Submission as Stored
from moyai_webui.store.submissions import SubmissionStore
from moyai_webui.submission import LedgerSubmissions
from tests.contract.channel import NANAO
from tests.contract.memory_channel import MemoryAccess
from tests.contract.relief_story import MemoryStory
from tests.unit.webui.projected import Projected

FORM = {"quantity": "10", "note": "typed"}


class Ledger:
    """The web UI's ledger, whose next calls may be made to fail: `before` instead of, `after` in spite of success."""

    def __init__(self, access: MemoryAccess) -> None:
        self._access = access
        self.calls: list[str] = []
        self.heights: list[int | None] = []
        self.before: dict[str, list[Callable[[], None]]] = {"prepare": [], "finish": []}
        self.after: dict[str, list[Callable[[], None]]] = {"prepare": [], "finish": []}

    def prepare(self, command: Any, actor: Any, *, op: str, at_height: int | None, scope: str | None = None,
                proof: Sequence[Mapping[str, Any]] = ()) -> Prepared:
        self.heights.append(at_height)
        return self._call("prepare", lambda: self._access.prepare(command, actor, op=op, scope=scope, proof=proof))

    def finish(self, envelope: bytes, transaction_id: str) -> Receipt:
        return self._call("finish", lambda: self._access.finish(envelope, transaction_id))

    def lane(self, key: str | None) -> AbstractContextManager[None]:
        self.calls.append(f"lane {key}")
        return nullcontext()

    def _call(self, name: str, action: Callable[[], Any]) -> Any:
        self.calls.append(name)
        if self.before[name]:
            self.before[name].pop(0)()
        result = action()
        if self.after[name]:
            self.after[name].pop(0)()
        return result


class Desk:
    """七尾市's web UI: a clerk's commands on their way."""

    def __init__(self, url: str, story: MemoryStory) -> None:
        self.story = story
        self.projected = Projected(url, story.channel.ledger, NANAO)
        self.projected.project()
        self.now = datetime(2024, 1, 9, 9, 0, tzinfo=timezone.utc)
        access = story.channel.access(NANAO, "webui")
        self.ledger = Ledger(access)
        self.submissions = self.another_process()
        actor = story["clerk"].actor
        assert actor is not None
        self.actor = Actor(actor.account, actor.role, actor.office)

    def another_process(self) -> LedgerSubmissions:
        """Another web server or worker on the same database."""
        store = SubmissionStore(self.projected.database, NANAO)
        return LedgerSubmissions(store, self.ledger, clock=lambda: self.now)  # type: ignore[arg-type]

    def command(self, quantity: int = 10) -> relief.RegisterNeed:
        return relief.RegisterNeed((self.story.need_line(quantity),))

    def submit(self, command: relief.RegisterNeed, op: str, form: Mapping[str, str] = FORM) -> Submission:
        return self.submissions.submit(command, self.actor, user_id="CLERK", op=op, page="/relief/register_need",
                                       form=form)

    def on_the_chain(self, op: str) -> int:
        """How many valid transactions carry the op."""
        return sum(each.valid and each.event is not None and each.event.payload["op"] == op
                   for each in self.story.channel.transactions())

    def scope_on_the_chain(self, op: str) -> str:
        """The scope of the transaction with this op."""
        (found,) = (each.event.payload["scope"] for each in self.story.channel.transactions()
                    if each.valid and each.event is not None and each.event.payload["op"] == op)
        return str(found)

    def stored(self, op: str) -> Any:
        with self.projected.database.reading() as connection:
            return connection.execute(select(Stored.__table__).where(Stored.op == op)).one()

    def later(self, **span: float) -> None:
        """Time passes."""
        self.now += timedelta(**span)


def raising(error: Exception) -> Callable[[], None]:
    """A step that fails."""
    def fail() -> None:
        raise error
    return fail
