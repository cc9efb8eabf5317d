"""What the suite asks of a channel, so that the ledger in memory and a real one answer the same questions."""
from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Mapping, Protocol, Sequence

from moyai_shim import Creator
from moyai_shim.memory import Endorsed, MemoryLedger, make_creator
from moyai_shim.memory.block import VALID
from tests.contract.shim_contract import ShimContract

PAIR = "pair"
"""Private collection of the first two organisations; either may endorse, only members read and write."""
CHANNEL = "moyai"


@dataclass(frozen=True)
class Outcome:
    """A contract's answer; `code` is the validation code, "" where nothing was committed."""

    tx_id: str
    status: int
    message: str
    payload: bytes
    code: str = ""

    @property
    def result(self) -> Any:
        """Result of a function that succeeded."""
        assert self.status == 200, self
        assert self.code in ("", VALID), self
        return json.loads(self.payload)


@dataclass(frozen=True)
class Record:
    """A transaction as it stands in its block."""

    code: str
    event: tuple[str, dict[str, Any]] | None
    writes: dict[str, bytes | None]


@dataclass(frozen=True)
class Pending:
    """An endorsed transaction; `envelope` is the channel's own."""

    outcome: Outcome
    envelope: Any


class Channel(Protocol):
    """One channel of three organisations with `ShimContract` on it. Organisations are numbered 0, 1, 2."""

    organisations: Sequence[str]

    def creator(self, organisation: int) -> Creator:
        """Who signs for an organisation."""

    def now(self) -> int:
        """Time that transactions claim, UTC seconds."""

    def evaluate(
        self, function: str, *args: str | bytes, organisation: int = 0, transient: Mapping[str, bytes] | None = None
    ) -> Outcome:
        """Answer of the organisation's own peer."""

    def endorse(
        self,
        function: str,
        *args: str | bytes,
        organisation: int = 0,
        transient: Mapping[str, bytes] | None = None,
        endorsers: Sequence[int] | None = None,
    ) -> Pending:
        """Have a transaction endorsed, by the peers of `endorsers` or by as many as are needed."""

    def commit(self, pending: Pending) -> str:
        """Validation code, once all peers have committed it."""

    def transaction(self, tx_id: str) -> Record:
        """A committed transaction."""


class MemoryChannel:
    """The ledger in memory as a Channel."""

    organisations = ("Org1MSP", "Org2MSP", "Org3MSP")

    def __init__(self) -> None:
        self.ledger = MemoryLedger(
            ShimContract(),
            organisations=self.organisations,
            collections={PAIR: frozenset(self.organisations[:2])},
            channel_id=CHANNEL,
        )

    def creator(self, organisation: int) -> Creator:
        return make_creator(self.organisations[organisation], "webui")

    def now(self) -> int:
        return self.ledger.now

    def evaluate(
        self, function: str, *args: str | bytes, organisation: int = 0, transient: Mapping[str, bytes] | None = None
    ) -> Outcome:
        endorsers = [self.organisations[organisation]]
        return _outcome(self._endorse(organisation, function, args, transient, endorsers))

    def endorse(
        self,
        function: str,
        *args: str | bytes,
        organisation: int = 0,
        transient: Mapping[str, bytes] | None = None,
        endorsers: Sequence[int] | None = None,
    ) -> Pending:
        names = None if endorsers is None else [self.organisations[number] for number in endorsers]
        endorsed = self._endorse(organisation, function, args, transient, names)
        return Pending(_outcome(endorsed), endorsed)

    def commit(self, pending: Pending) -> str:
        return self.ledger.commit([pending.envelope])[0]

    def transaction(self, tx_id: str) -> Record:
        (found,) = [tx for block in self.ledger.blocks for tx in block.transactions if tx.tx_id == tx_id]
        event = (found.event.name, json.loads(found.event.payload)) if found.event else None
        return Record(found.code, event, dict(found.writes))

    def _endorse(
        self,
        organisation: int,
        function: str,
        args: Sequence[str | bytes],
        transient: Mapping[str, bytes] | None,
        endorsers: Sequence[str] | None,
    ) -> Endorsed:
        return self.ledger.endorse(
            self.creator(organisation), [function, *args], transient=transient, endorsers=endorsers
        )


def submit(channel: Channel, function: str, *args: str | bytes, **options: Any) -> Outcome:
    """Endorse and commit; a refused transaction is not committed."""
    pending = channel.endorse(function, *args, **options)
    found = pending.outcome
    if found.status >= 400:
        return found
    return Outcome(found.tx_id, found.status, found.message, found.payload, channel.commit(pending))


def _outcome(endorsed: Endorsed) -> Outcome:
    response = endorsed.response
    return Outcome(endorsed.tx_id, response.status, response.message, response.payload)
