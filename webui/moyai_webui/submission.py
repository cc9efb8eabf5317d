"""The way onto the ledger: store the command, have it endorsed, store the envelope, send it, learn the outcome.

Each step is kept before the next one begins, so that another process may go on after a crash: a command without an
envelope was never sent and is endorsed afresh, one with an envelope is sent again in the same bytes.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillBusy
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import structlog
from moyai_client import Invalidated, Ledger, NotSent, OutcomeUnknown, Refused
from moyai_client.retry import persist
from moyai_contracts import api
from moyai_contracts.api import Command, schema
from moyai_contracts.api.command import LIVE
from ulid import ULID

from moyai_webui.home import Actor, Submission, form_sha256
from moyai_webui.store.submissions import PENDING, REFUSED, SubmissionStore, Work

THREADS = 16
PATIENCE_SECONDS = 4.0
BUSY_FOR = timedelta(seconds=30)
FOR_ITSELF = timedelta(seconds=5)
"""So long a command is left to the process that accepted it."""
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=1)
AT_ONCE = 50
REFUSED_KEPT_FOR = timedelta(days=1)
SCOPED = "relief."
"""Transactions that there are in drills too."""

log = structlog.get_logger()


class LedgerSubmissions:
    """Implements `moyai_webui.home.Submissions`; safe to use from several threads."""

    def __init__(self, store: SubmissionStore, ledger: Ledger, *, patience: float = PATIENCE_SECONDS,
                 clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> None:
        self._store = store
        self._ledger = ledger
        self._patience = patience
        self._clock = clock
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="submission")

    def submit(self, command: Command, actor: Actor, *, user_id: str, op: str, page: str = "",
               form: Mapping[str, str] | None = None) -> Submission:
        """Sends a command once for each `op` and waits a short while; gives what is known then.

        The same op with the same content, or from the same form (of a second click the content may differ in what
        the first one changed), is the same submission; after a refusal, of which nothing stands on the ledger, it is
        tried anew. Another content under an op that was taken, such as an old form that was filled in again, is
        refused as `id_reused` and kept under an op of its own: nobody must take the first one's receipt for that of
        the second.
        """
        wanted = self._wanted(command, actor, PENDING, user_id, op, page, form)
        self._store.forget_unsent(op)
        if not self._store.add(wanted, wanted.accepted_at + FOR_ITSELF):
            known = self._store.find(op)
            if known is not None and not _same(known, wanted):
                return self._keep_refused(wanted)
        self._wait(op)
        return self._store.find(op) or wanted

    def hold(self, command: Command, actor: Actor, *, until: str, user_id: str, op: str, page: str = "",
             form: Mapping[str, str] | None = None) -> Submission:
        """Keeps a command back until it is released; what was held back unsigned or refused under its op goes."""
        wanted = self._wanted(command, actor, until, user_id, op, page, form)
        self._store.forget_unsent(op)
        if not self._store.add(wanted, wanted.accepted_at):
            known = self._store.find(op)
            if known is not None and not _same(known, wanted):
                return self._keep_refused(wanted)
        return self._store.find(op) or wanted

    def release(self, op: str, proof: Sequence[Mapping[str, Any]] = ()) -> Submission | None:
        """Sends what was held back; of something that is on its way already it tells what is known."""
        if self._store.let_go(op, proof, self._clock() + FOR_ITSELF):
            self._wait(op)
        return self._store.find(op)

    def submission(self, op: str) -> Submission | None:
        """What is known of a submission; one that is due is taken up again first."""
        known = self._store.find(op)
        if known is None or known.state != PENDING:
            return known
        if op in self._store.due(self._clock(), AT_ONCE):
            self._wait(op)
        else:
            self._settle_from_projection(op)
        return self._store.find(op)

    def resume(self) -> int:
        """Goes on with every command that is due; returns how many were taken up."""
        due = self._store.due(self._clock(), AT_ONCE)
        for op in due:
            self.advance(op)
        return len(due)

    def tidy(self) -> None:
        """Forgets refused forms that nobody corrected within a day."""
        self._store.forget_typed(self._clock() - REFUSED_KEPT_FOR)

    def advance(self, op: str) -> None:
        """One attempt at a pending command, unless another process is at it."""
        now = self._clock()
        if self._settle_from_projection(op):
            return
        work = self._store.claim(op, now, now + BUSY_FOR)
        if work is None:
            return
        try:
            self._send(work)
        except Refused as refusal:
            self._store.refused(op, refusal.code, refusal.params)
        except OutcomeUnknown as error:
            log.warning("outcome unknown", op=op, tx_id=error.transaction_id)
            self._store.release(op, self._next_attempt(work), doubtful=True)
        except (NotSent, Invalidated) as error:
            log.warning("not recorded yet", op=op, reason=str(error))
            self._store.release(op, self._next_attempt(work), doubtful=False)

    def close(self) -> None:
        """Waits for the attempts under way."""
        self._pool.shutdown()

    def _wanted(self, command: Command, actor: Actor, state: str, user_id: str, op: str, page: str,
                form: Mapping[str, str] | None) -> Submission:
        return Submission(op=op, transaction=command.transaction, fields=schema.to_json(command),
                          account=actor.account, role=actor.role, office=actor.office, user_id=user_id, state=state,
                          accepted_at=self._clock(), page=page, form=form or {},
                          scope=actor.scope if command.transaction.startswith(SCOPED) else LIVE,
                          form_sha256=form_sha256(form) if form is not None else "")

    def _keep_refused(self, wanted: Submission) -> Submission:
        """What was not sent because its op was taken, to be shown and corrected."""
        refused = replace(wanted, op=str(ULID()), state=REFUSED, refusal="id_reused")
        self._store.add(refused, wanted.accepted_at)
        return refused

    def _wait(self, op: str) -> None:
        attempt: Future[None] = self._pool.submit(self.advance, op)
        try:
            attempt.result(self._patience)
        except StillBusy:
            log.info("still busy", op=op)

    def _send(self, work: Work) -> None:
        command = schema.decode(api.TRANSACTIONS[work.transaction], dict(work.fields))
        envelope, tx_id = work.envelope, work.tx_id

        def attempt() -> None:
            nonlocal envelope, tx_id
            if envelope is None:
                prepared = self._ledger.prepare(
                    command, api.Actor(work.account, work.role, work.office), op=work.op,
                    scope=None if work.scope == LIVE else work.scope, at_height=self._store.height(),
                    proof=work.proof)
                if prepared.replayed:
                    self._store.recorded(work.op, "", None, self._clock())
                    return
                envelope, tx_id = prepared.envelope, prepared.transaction_id
                self._store.keep_envelope(work.op, envelope, tx_id)
            try:
                receipt = self._ledger.finish(envelope, tx_id)
            except Invalidated:
                envelope = None
                self._store.keep_envelope(work.op, None, "")
                raise
            self._store.recorded(work.op, receipt.tx_id, receipt.block_number, self._clock())

        with self._ledger.lane(_contended_key(command)):
            persist(attempt, Invalidated)

    def _settle_from_projection(self, op: str) -> bool:
        """Whether the blocks hold the command already: what stands there needs no sending."""
        found = self._store.in_projection(op)
        if found is None:
            return False
        self._store.recorded(op, *found)
        return True

    def _next_attempt(self, work: Work) -> datetime:
        pause = FIRST_PAUSE * 2 ** min(work.attempts - 1, 10)
        return self._clock() + min(pause, LONGEST_PAUSE)


def _same(one: Submission, other: Submission) -> bool:
    """Whether two submissions ask for the same in the name of the same account."""
    if (one.transaction, one.account, one.scope) != (other.transaction, other.account, other.scope):
        return False
    return one.fields == other.fields or one.form_sha256 == other.form_sha256 != ""


def _contended_key(command: Command) -> str | None:
    """The offer that requests for dispatch compete for: this process asks for it one after the other."""
    if isinstance(command, api.relief.RequestDispatch):
        return f"offer {command.dispatches[0].offer_id}"
    return None
