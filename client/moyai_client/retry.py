"""The one table that says what is asked again, how often, and after how long."""
from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from moyai_client.errors import EndorsementsDiffer, Invalidated, NotSent, OutcomeUnknown

Result = TypeVar("Result")


@dataclass(frozen=True)
class Retry:
    """At most `attempts` calls in all, a random pause of `shortest` to `longest` seconds between them."""

    attempts: int
    shortest: float
    longest: float


ONCE = Retry(1, 0.0, 0.0)

RETRIES: dict[type[Exception], Retry] = {
    Invalidated: Retry(5, 0.02, 0.2),        # a conflict: the next look either succeeds or is refused with figures
    NotSent: Retry(4, 0.1, 0.6),             # busy, starting or away: nothing was sent, so asking again is harmless
    OutcomeUnknown: Retry(4, 0.1, 0.5),      # the same signed bytes: they commit at most once
    ConnectionError: Retry(10**9, 0.2, 1.0),  # a lost stream of blocks is opened again for as long as it is wanted
}


def plan_for(error: Exception) -> Retry:
    """The table's row for an error; what the table does not name, or names as lasting, is not asked again."""
    if isinstance(error, NotSent) and not error.temporary:
        return ONCE
    return next((row for kind, row in RETRIES.items() if isinstance(error, kind)), ONCE)


def pause(row: Retry, stop: threading.Event | None = None) -> None:
    """Waits one random pause of a row; a set `stop` ends it early."""
    (stop or threading.Event()).wait(random.uniform(row.shortest, row.longest))


def wait_until(condition: Callable[[], Result], seconds: float, interval: float = 0.05) -> Result:
    """The first truthy answer of a condition asked every `interval` seconds; its last one after `seconds`."""
    never = threading.Event()
    end = time.monotonic() + seconds
    while not (answer := condition()) and time.monotonic() < end:
        never.wait(interval)
    return answer


def persist(action: Callable[[], Result], *kinds: type[Exception]) -> Result:
    """Runs an action, again after an error of these kinds as the table allows; then the last error is raised.

    A disagreement of the peers that lasts ends in the refusal that one of them gave, where one did.
    """
    failures: Counter[Retry] = Counter()
    while True:
        try:
            return action()
        except kinds as error:
            row = plan_for(error)
            failures[row] += 1
            if failures[row] >= row.attempts:
                if isinstance(error, EndorsementsDiffer) and error.refusal is not None:
                    raise error.refusal from error
                raise
            pause(row)
