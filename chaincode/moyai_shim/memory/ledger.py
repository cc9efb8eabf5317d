"""One channel with one chaincode, in memory."""
from __future__ import annotations

import hashlib
import threading
from typing import AbstractSet, Iterable, Mapping, Sequence

from moyai_shim.creator import Creator
from moyai_shim.execution import execute
from moyai_shim.memory.block import DUPLICATE_TXID, Block, CommittedTransaction
from moyai_shim.memory.simulation import Endorsed, Simulator
from moyai_shim.memory.state import State
from moyai_shim.memory.validation import BlockValidator
from moyai_shim.response import Response
from moyai_shim.stub import Contract
from moyai_shim.transaction import DEFAULT_TOTAL_QUERY_LIMIT, Invocation, Transaction

DEFAULT_ORGANISATIONS = ("Org1MSP", "Org2MSP", "Org3MSP")
DEFAULT_NOW = 1_704_790_800
"""2024-01-09 09:00:00 UTC."""


class MemoryLedger:
    """Runs a contract with Fabric's semantics.

    Each endorsement sees the state after the last block. Own writes are unseen; `commit` checks endorsement policies
    and read versions of each transaction in turn and keeps invalid ones, marked, in the block. `organisations` are
    those whose majority endorses by default, `collections` the members of each private collection (any one of which
    may endorse). Transaction ids follow from `seed` and a counter; `now` is the claimed time of transactions without
    one of their own, and the caller moves it. Safe to use from several threads.
    """

    def __init__(
        self,
        contract: Contract,
        *,
        organisations: Sequence[str] = DEFAULT_ORGANISATIONS,
        collections: Mapping[str, AbstractSet[str]] | None = None,
        channel_id: str = "moyai",
        seed: str = "",
        now: int = DEFAULT_NOW,
        total_query_limit: int = DEFAULT_TOTAL_QUERY_LIMIT,
    ) -> None:
        self.now = now
        self.blocks: list[Block] = []
        self._contract = contract
        self._organisations = frozenset(organisations)
        self._collections = dict(collections or {})
        self._channel_id = channel_id
        self._seed = seed
        self._total_query_limit = total_query_limit
        self._state = State()
        self._proposals = 0
        self._committed: set[str] = set()
        self._lock = threading.RLock()

    @property
    def state(self) -> dict[str, bytes]:
        """Copy of the public state."""
        return self._state.public()

    def endorse(
        self,
        creator: Creator,
        args: Sequence[str | bytes],
        *,
        at: int | None = None,
        transient: Mapping[str, bytes] | None = None,
        tx_id: str | None = None,
        endorsers: Iterable[str] | None = None,
    ) -> Endorsed:
        """Simulate one transaction at the peers of `endorsers` (MSP ids; default: as many as are needed)."""
        with self._lock:
            invocation = Invocation(
                tx_id=tx_id or self._next_tx_id(),
                channel_id=self._channel_id,
                args=tuple(arg.encode() if isinstance(arg, str) else arg for arg in args),
                at=self.now if at is None else at,
                creator=creator,
                transient=dict(transient or {}),
            )
            # The gateway finds endorsers that hold the data and satisfy the policies: then no peer lacks anything.
            at_peers = frozenset() if endorsers is None else frozenset(endorsers)
            simulator = Simulator(self._state, invocation, self._collections, at_peers, self._total_query_limit)
            outcome = execute(self._contract, Transaction(invocation, simulator, self._total_query_limit))
            signers = at_peers or self._organisations
            rw = simulator.read_write_set
            return Endorsed(invocation, outcome.response, outcome.event, rw, signers, outcome.error)

    def commit(self, endorsed: Sequence[Endorsed]) -> list[str]:
        """Make one block of these transactions, in this order; returns their validation codes.

        ValueError if one of them was refused by the contract: peers do not endorse an answer of 400 or more.
        """
        if any(transaction.response.is_error for transaction in endorsed):
            raise ValueError("a refused transaction cannot be committed")
        with self._lock:
            number = len(self.blocks) + 1
            validator = BlockValidator(self._state, number, self._collections, self._is_majority)
            codes = [self._process(validator, transaction) for transaction in endorsed]
            self.blocks.append(Block(number, tuple(map(_record, endorsed, codes))))
            return codes

    def submit(
        self,
        creator: Creator,
        args: Sequence[str | bytes],
        *,
        at: int | None = None,
        transient: Mapping[str, bytes] | None = None,
        endorsers: Iterable[str] | None = None,
    ) -> tuple[Response, str]:
        """Endorse and commit in a block of its own: answer and validation code, "" if refused and not committed."""
        endorsed = self.endorse(creator, args, at=at, transient=transient, endorsers=endorsers)
        if endorsed.response.is_error:
            return endorsed.response, ""
        return endorsed.response, self.commit([endorsed])[0]

    def evaluate(
        self,
        creator: Creator,
        args: Sequence[str | bytes],
        *,
        at: int | None = None,
        transient: Mapping[str, bytes] | None = None,
    ) -> Response:
        """Answer of the contract; nothing is committed."""
        return self.endorse(creator, args, at=at, transient=transient).response

    def _process(self, validator: BlockValidator, endorsed: Endorsed) -> str:
        if endorsed.tx_id in self._committed:
            return DUPLICATE_TXID
        self._committed.add(endorsed.tx_id)
        return validator.process(endorsed)

    def _is_majority(self, endorsers: AbstractSet[str]) -> bool:
        return len(endorsers & self._organisations) * 2 > len(self._organisations)

    def _next_tx_id(self) -> str:
        self._proposals += 1
        return hashlib.sha256(f"{self._seed}:{self._proposals}".encode()).hexdigest()


def _record(endorsed: Endorsed, code: str) -> CommittedTransaction:
    invocation = endorsed.invocation
    return CommittedTransaction(
        tx_id=endorsed.tx_id,
        code=code,
        event=endorsed.event,
        writes=endorsed.writes,
        at=invocation.at,
        creator=invocation.creator,
        args=invocation.args,
    )
