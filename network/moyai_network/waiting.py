"""Waiting for a condition, with a deadline: the one place where this package lets time pass."""
from __future__ import annotations

import threading
import time
from typing import Callable, TypeVar

from moyai_network.errors import NetworkError

T = TypeVar("T")


def wait_for(condition: Callable[[], T], *, seconds: float, failure: Callable[[], str], interval: float = 0.05) -> T:
    """The first truthy answer of `condition`; NetworkError with the text of `failure` when it takes longer.

    An error `condition` raises ends the waiting at once.
    """
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise NetworkError(failure())
        pause.wait(interval)
    return answer
