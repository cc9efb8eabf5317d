"""Run a contract so that whatever happens becomes an answer."""
from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

from moyai_shim.errors import ShimError
from moyai_shim.response import ERROR, Response
from moyai_shim.stub import Contract
from moyai_shim.transaction import Event, Transaction

_RUNTIME = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Outcome:
    """Answer of a contract, its event, and what it raised if it did."""

    response: Response
    event: Event | None = None
    error: BaseException | None = None


def execute(contract: Contract, transaction: Transaction) -> Outcome:
    """Invoke the contract and hand its writes to the peer unless it refused. Never raises."""
    try:
        response = contract.invoke(transaction)
        if not isinstance(response, Response):
            raise TypeError("a contract returns a Response")
        if response.is_error:
            return Outcome(response)
        transaction.flush()
        return Outcome(response, transaction.event)
    except (Exception, SystemExit) as error:  # whatever is raised, the peer waits for an answer
        return failure(error)


def failure(error: BaseException) -> Outcome:
    """Answer for an exception: its class, and the text only where it is the runtime's own (others may hold values)."""
    name = type(error).__name__
    text = f"{name}: {error}" if isinstance(error, ShimError) else name
    return Outcome(Response(ERROR, text), error=error)


def place_of(error: BaseException) -> str:
    """Class of an exception and the contract's line that met it, without any value: fit for a log."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).parent != _RUNTIME]
    frame = (own or frames or [None])[-1]
    where = f"{Path(frame.filename).name}:{frame.lineno}" if frame else "?"
    return f"{type(error).__name__}@{where}"
