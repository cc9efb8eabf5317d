"""A consortium with the contracts on its channel: the same questions for the ledger in memory and for a real one.

Three municipalities, each with one administrator whose key its console confirmed. Refusals are raised as Refused,
as the client does.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from moyai_client.actor_key import ActorKey
from moyai_client.blocks import Transaction
from moyai_client.errors import Invalidated, Refused
from moyai_client.ledger import Prepared, Receipt
from moyai_contracts.api import Actor, Command

HACHIOJI, OSHIMA, NANAO = "132012", "133612", "172022"
CODES = (HACHIOJI, OSHIMA, NANAO)


class Access(Protocol):
    """One service's way to the ledger: the part of `moyai_client.Ledger` that the suite uses."""

    def evaluate(self, name: str, args: dict[str, Any]) -> Any: ...

    def prepare(self, command: Command, actor: Actor | None = None, *, op: str | None = None, scope: str | None = None,
                signers: Sequence[ActorKey] = ()) -> Prepared: ...

    def finish(self, envelope: bytes, transaction_id: str) -> Receipt: ...

    def submit(self, command: Command, actor: Actor | None = None, *, op: str | None = None, scope: str | None = None,
               signers: Sequence[ActorKey] = ()) -> Receipt: ...


@dataclass(frozen=True)
class Submission:
    """A command with all that goes with it; `op` is the same however often it is sent."""

    code6: str
    service: str
    command: Command
    op: str
    actor: Actor | None = None
    keys: Sequence[ActorKey] = field(default=(), repr=False)
    scope: str | None = None


class Channel(Protocol):
    """The channel; municipalities are named by their codes, services as in certificates."""

    @property
    def now(self) -> int:
        """UTC seconds that the next transaction will carry, within a second or two."""

    def access(self, code6: str, service: str) -> Access:
        """A service's way to the ledger; its own peer has all blocks that the suite knows of."""

    def administrator(self, code6: str) -> tuple[Actor, ActorKey]:
        """The municipality's administrator and the confirmed key."""

    def transactions(self, first_block: int = 0) -> list[Transaction]:
        """All transactions from a block on, valid or not, in the order of the chain."""

    @property
    def height(self) -> int:
        """Number of blocks."""


def send(channel: Channel, submission: Submission) -> Receipt:
    """Records a command, afresh where it lost a race."""
    access = channel.access(submission.code6, submission.service)
    return access.submit(submission.command, submission.actor, op=submission.op, scope=submission.scope,
                         signers=submission.keys)


def race(channel: Channel, submissions: Sequence[Submission]) -> list[Receipt | Refused]:
    """What becomes of commands that are all endorsed before the first one is committed, in their order.

    Whoever lost to a write conflict sends the same command again.
    """
    prepared = [channel.access(each.code6, each.service).prepare(
        each.command, each.actor, op=each.op, scope=each.scope, signers=each.keys) for each in submissions]
    return [_settle(channel, each, ready) for each, ready in zip(submissions, prepared, strict=True)]


def _settle(channel: Channel, submission: Submission, prepared: Prepared) -> Receipt | Refused:
    try:
        return channel.access(submission.code6, submission.service).finish(
            prepared.envelope, prepared.transaction_id)
    except Invalidated:
        pass  # as the client does: endorse afresh below
    try:
        return send(channel, submission)
    except Refused as refusal:
        return refusal
