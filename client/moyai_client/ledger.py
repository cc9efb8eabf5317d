"""The ledger as the rest of Moyai sees it: commands in, receipts, documents and blocks out. No protobuf, no gRPC."""
from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from moyai_contracts.api import Actor, Command, canonical
from ulid import ULID

from moyai_client.actor_key import ActorKey
from moyai_client.block_stream import BlockStream
from moyai_client.blocks import VALID, Block
from moyai_client.command_message import command_text
from moyai_client.contexts import Context
from moyai_client.errors import Invalidated, NotSent, OutcomeUnknown, Refused
from moyai_client.gateway import Gateway
from moyai_client.identity import Identity
from moyai_client.lanes import Lanes
from moyai_client.profile import Profile
from moyai_client.proof.certificates import Authorities
from moyai_client.proof.fetch import fetch_authorities, fetch_transaction_proof
from moyai_client.proof.files import TransactionProof
from moyai_client.proposal import result_in
from moyai_client.retry import persist, wait_until
from moyai_client.transport import Transport

# What a peer that is behind may say about a record that the projection shows already.
SEEN_TOO_EARLY = frozenset({"not_found", "wrong_state"})
CATCH_UP_SECONDS = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Prepared:
    """An endorsed command, ready to be stored and sent; one that is `replayed` is done already and is not sent."""

    transaction_id: str
    envelope: bytes
    result: dict[str, Any]

    @property
    def replayed(self) -> bool:
        """Whether the same command was recorded before; `result` is then the earlier one."""
        return bool(self.result.get("replayed", False))


@dataclass(frozen=True)
class Receipt:
    """A command that is on the ledger; without a block number where an earlier transaction recorded it."""

    tx_id: str
    block_number: int | None
    result: dict[str, Any]
    replayed: bool


class Ledger:
    """One service's access to the ledger; share one among all threads, before or after a fork."""

    def __init__(self, profile: Profile, identity: Identity) -> None:
        self.profile = profile
        self.identity = identity
        self._transport = Transport(profile.gateways)
        self._gateway = Gateway(self._transport, identity, profile.channel)
        self._stream = BlockStream(self._transport, identity, profile.own_gateway, profile.channel, profile.chaincode)
        self._lanes = Lanes()
        self.directory = Context(self, "directory")
        self.relief = Context(self, "relief")
        self.devices = Context(self, "devices")
        self.evidence = Context(self, "evidence")

    @classmethod
    def open(cls, profile: Profile) -> Ledger:
        """Reads the profile's identity; connects to nobody yet. Raises ProfileError."""
        return cls(profile, Identity.load(profile.msp_id, profile.certificate, profile.private_key))

    def evaluate(self, name: str, args: dict[str, Any]) -> Any:
        """The answer of a read-only transaction to one JSON object. Raises Refused or NotSent."""
        arguments = (name.encode(), canonical.encode(args))
        answer = persist(lambda: self._gateway.evaluate(self.profile.chaincode, arguments), NotSent)
        return canonical.decode(answer)

    def prepare(self, command: Command, actor: Actor | None = None, *, op: str | None = None,
                scope: str | None = None, signers: Sequence[ActorKey] = (), at_height: int | None = None,
                proof: Sequence[Mapping[str, Any]] = ()) -> Prepared:
        """Has a command endorsed; nothing is recorded yet. Raises Refused, NotSent or Invalidated.

        `op` is the command's ULID, a fresh one where it is left out. `at_height`: number of blocks the caller has
        seen; a record that is missing or in another state is looked for once more when the own peer has them too.
        `proof`: signatures that a device made over this very command.
        """
        arguments = _arguments(command, actor, op, scope, signers, proof)
        return persist(lambda: self._endorse(arguments, at_height), NotSent, Invalidated)

    def finish(self, envelope: bytes, transaction_id: str) -> Receipt:
        """Sends a prepared envelope and waits for its commit; on doubt sends the same bytes again.

        Harmless however often it is called with one envelope. Raises Invalidated, or OutcomeUnknown when patience
        ends.
        """
        return persist(lambda: self._send(envelope, transaction_id), OutcomeUnknown)

    def submit(self, command: Command, actor: Actor | None = None, *, op: str | None = None,
               scope: str | None = None, signers: Sequence[ActorKey] = (), lane: str | None = None,
               at_height: int | None = None, envelope_store: Callable[[Prepared], None] | None = None) -> Receipt:
        """Records a command: prepare and finish, afresh under the same `op` when it lost a race in a block.

        `lane` names a contended key: commands of this process that share it go one after the other.
        `envelope_store` is called before anything is sent, so that a crash leaves no doubt. Raises Refused, NotSent,
        OutcomeUnknown, or Invalidated when the retries are used up.
        """
        arguments = _arguments(command, actor, op, scope, signers)

        def attempt() -> Receipt:
            prepared = self._endorse(arguments, at_height)
            if prepared.replayed:
                return Receipt(prepared.transaction_id, None, prepared.result, True)
            if envelope_store is not None:
                envelope_store(prepared)
            return self.finish(prepared.envelope, prepared.transaction_id)

        with self.lane(lane):
            return persist(attempt, NotSent, Invalidated)

    def lane(self, key: str | None) -> AbstractContextManager[None]:
        """The lane of a contended key, for callers of the two-step form."""
        return self._lanes.hold(key)

    def blocks(self, start: int, *, stop: threading.Event | None = None, last: int | None = None) -> Iterator[Block]:
        """Whole blocks from number `start` on, live, until `stop` is set, or up to block `last`.

        A lost connection to the own peer is opened again. Raises BrokenChain, or NotSent where the peer refuses.
        """
        return self._stream.follow(start, stop, last)

    def prove(self, transaction_id: str) -> TransactionProof:
        """The proof of a valid transaction, for anybody to check offline. Raises NotSent or NotProven."""
        return fetch_transaction_proof(self._transport, self._gateway, self.identity, self.profile.gateways,
                                       self.profile.channel, transaction_id)

    def authorities(self) -> Authorities:
        """The municipalities' certificate authorities, on which every proof rests. Raises NotSent."""
        return Authorities.named(fetch_authorities(self._gateway, self.profile.channel))

    def height(self) -> int:
        """The number of blocks that the own peer has. Raises NotSent where it is away."""
        return self._gateway.height(self.profile.own_gateway)

    def catch_up(self, height: int, seconds: float = CATCH_UP_SECONDS) -> bool:
        """Waits until the own peer has `height` blocks; False where it has not by then. Raises NotSent."""
        return wait_until(lambda: self.height() >= height, seconds)

    def close(self) -> None:
        """Closes the connections of this process."""
        self._transport.close()

    def _endorse(self, arguments: Sequence[bytes], at_height: int | None) -> Prepared:
        try:
            endorsed = self._gateway.endorse(self.profile.chaincode, arguments)
        except Refused as refusal:
            if at_height is None or refusal.code not in SEEN_TOO_EARLY:
                raise
            self._catch_up_if_possible(at_height)
            endorsed = self._gateway.endorse(self.profile.chaincode, arguments)
        return Prepared(endorsed.transaction_id, endorsed.envelope, canonical.decode(endorsed.result))

    def _catch_up_if_possible(self, height: int) -> None:
        """Where the own peer is away or slow, the others' view has to do."""
        try:
            self.catch_up(height)
        except NotSent as error:
            log.warning("the own peer cannot tell its height: %s", error)

    def _send(self, envelope: bytes, transaction_id: str) -> Receipt:
        trouble = self._gateway.submit(envelope, transaction_id)
        committed = self._gateway.commit_status(transaction_id)
        if committed is None:
            raise OutcomeUnknown(transaction_id, envelope, trouble or "not committed in time")
        if committed.code != VALID:
            raise Invalidated(committed.code, transaction_id)
        return Receipt(transaction_id, committed.block_number, canonical.decode(result_in(envelope)), False)


def _arguments(command: Command, actor: Actor | None, op: str | None, scope: str | None,
               signers: Sequence[ActorKey], proof: Sequence[Mapping[str, Any]] = ()) -> tuple[bytes, bytes]:
    """Function and command; the same bytes for every attempt."""
    text = command_text(command, actor, op=op or str(ULID()), scope=scope, signers=signers, proof=proof)
    return command.transaction.encode(), text
