"""Waiting for a condition, with a deadline and what to say when it is over."""
from __future__ import annotations

from typing import Callable, TypeVar

from moyai_client.retry import wait_until

from moyai_network.errors import NetworkError

T = TypeVar("T")


def wait_for(condition: Callable[[], T], *, seconds: float, failure: Callable[[], str], interval: float = 0.05) -> T:
    """The first truthy answer of `condition`; NetworkError with the text of `failure` when it takes longer.

    An error `condition` raises ends the waiting at once.
    """
    answer = wait_until(condition, seconds, interval)
    if not answer:
        raise NetworkError(failure())
    return answer
