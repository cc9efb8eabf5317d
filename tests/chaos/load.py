"""Needs at a steady rate, whatever becomes of the earlier ones, each with what its sender was told."""
from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from moyai_client.blocks import Transaction
from moyai_client.errors import MoyaiError
from moyai_contracts.api.relief import NeedLine, RegisterNeed

from tests.chaos.senders import Sender
from tests.contract.scene import ulid

RATE = 30.0
"""Attempts a second, from all senders in turn."""
MOST_AT_ONCE = 300
LONGEST_ANSWER_SECONDS = 60.0


@dataclass
class Attempt:
    """One command and its answer; `answered` is a monotonic time, `error` empty where it was acknowledged."""

    sender: Sender
    command: RegisterNeed
    op: str = field(default_factory=ulid)
    answered: float = 0.0
    error: str = ""

    def send(self) -> None:
        """Submits, however often before; the operation stays the same."""
        try:
            self.sender.ledger.submit(self.command, self.sender.actor, op=self.op)
            self.error = ""
        except MoyaiError as error:
            self.error = f"{type(error).__name__}: {error}"
        self.answered = time.monotonic()


class Load:
    """All attempts of all threads."""

    def __init__(self, senders: Sequence[Sender], rate: float = RATE) -> None:
        self.attempts: list[Attempt] = []
        self._senders, self._rate = senders, rate
        self._stop = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Sends while the block runs; afterwards every attempt must have got an answer in time."""
        pool = ThreadPoolExecutor(MOST_AT_ONCE)
        clock = threading.Thread(target=self._send, args=(pool,))
        clock.start()
        try:
            yield
        finally:
            self._stop.set()
            clock.join()
        stopped = time.monotonic()
        pool.shutdown(wait=True)
        assert time.monotonic() - stopped < LONGEST_ANSWER_SECONDS
        assert [attempt.op for attempt in self.attempts if not attempt.answered] == [], "these were never answered"

    def acknowledged(self, after: float = 0.0) -> list[Attempt]:
        """Attempts that were told they are recorded, later than a monotonic time."""
        return [attempt for attempt in self.attempts if not attempt.error and attempt.answered > after]

    def send_again(self) -> list[Attempt]:
        """Sends those again that were not acknowledged, under the same operations; gives them back."""
        lost = [attempt for attempt in self.attempts if attempt.error]
        for attempt in lost:
            attempt.send()
        return lost

    def longest_gap(self) -> float:
        """Seconds between two acknowledgements that followed each other."""
        times = sorted(attempt.answered for attempt in self.acknowledged())
        return max((later - earlier for earlier, later in zip(times, times[1:])), default=0.0)

    def _send(self, pool: ThreadPoolExecutor) -> None:
        for sender in itertools.cycle(self._senders):
            if self._stop.wait(1 / self._rate):
                return
            attempt = Attempt(sender, RegisterNeed((NeedLine(ulid(), sender.site, sender.item, 1),)))
            self.attempts.append(attempt)
            pool.submit(attempt.send)


def recorded(transactions: Iterable[Transaction]) -> Counter[str]:
    """How many valid transactions each operation has."""
    return Counter(transaction.event.payload["op"] for transaction in transactions
                   if transaction.valid and transaction.event is not None)
