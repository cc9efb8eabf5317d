"""The suite's channel on the ledger in memory."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ulid import ULID

from moyai_client.actor_key import ActorKey
from moyai_client.blocks import Event, Transaction
from moyai_client.command_message import command_text
from moyai_client.directory.bootstrap import bootstrap
from moyai_client.directory.console import Console
from moyai_client.errors import Invalidated, Refused
from moyai_client.ledger import Prepared, Receipt
from moyai_client.profile import Profile
from moyai_contracts.api import Actor, Command, canonical
from moyai_contracts.contract import MoyaiContract
from moyai_shim import Response
from moyai_shim.memory import CommittedTransaction, Endorsed, MemoryLedger, make_creator
from tests.contract.channel import CODES, HACHIOJI, NANAO, OSHIMA

MSP_IDS = {HACHIOJI: "HachiojiMSP", OSHIMA: "OshimaMSP", NANAO: "NanaoMSP"}
NAMES = {HACHIOJI: "八王子市", OSHIMA: "大島町", NANAO: "七尾市"}
NODE_ADMIN = "admin"
ATTEMPTS = 5


class MemoryChannel:
    """A fresh ledger in memory; `folder` keeps the consoles' keys."""

    def __init__(self, folder: Path) -> None:
        self.ledger = MemoryLedger(MoyaiContract(), organisations=tuple(MSP_IDS.values()))
        self.endorsed: dict[str, Endorsed] = {}
        self._consoles = {code6: self._console(code6, folder / code6) for code6 in CODES}

    def bootstrap(self) -> MemoryChannel:
        """Lets the three municipalities join, exactly as the consoles do it."""
        bootstrap(list(self._consoles.values()), lambda line: None)
        return self

    @property
    def now(self) -> int:
        return self.ledger.now

    @property
    def height(self) -> int:
        return len(self.ledger.blocks) + 1

    def advance(self, seconds: int) -> None:
        """Lets time pass."""
        self.ledger.now += seconds

    def access(self, code6: str, service: str) -> MemoryAccess:
        return MemoryAccess(self, MSP_IDS[code6], service)

    def administrator(self, code6: str) -> tuple[Actor, ActorKey]:
        return self._consoles[code6].administrator()

    def transactions(self, first_block: int = 0) -> list[Transaction]:
        return [_plain(number, transaction) for block in self.ledger.blocks if block.number >= first_block
                for number, transaction in enumerate(block.transactions)]

    def _console(self, code6: str, folder: Path) -> Console:
        nowhere = Path("unused")
        profile = Profile("moyai", "moyai", code6, NAMES[code6], MSP_IDS[code6], "console", nowhere, nowhere, (),
                          folder)
        return Console(profile, self.access(code6, "console"), folder)  # type: ignore[arg-type]


class MemoryAccess:
    """What `moyai_client.Ledger` offers, for one service; `admin` stands for a node administrator."""

    def __init__(self, channel: MemoryChannel, msp_id: str, service: str, *, certificate: str = "") -> None:
        self._channel = channel
        is_admin = service == NODE_ADMIN
        self.creator = make_creator(msp_id, None if is_admin else service, admin=is_admin, name=certificate)

    def evaluate(self, name: str, args: dict[str, Any]) -> Any:
        return canonical.decode(_result(self.endorse_raw(name, canonical.encode(args))))

    def prepare(self, command: Command, actor: Actor | None = None, *, op: str | None = None, scope: str | None = None,
                signers: Sequence[ActorKey] = (), proof: Sequence[Mapping[str, Any]] = ()) -> Prepared:
        text = command_text(command, actor, op=op or str(ULID()), scope=scope, signers=signers,
                            signed_at=self._channel.now, proof=proof)
        endorsed = self.endorse_raw(command.transaction, text)
        result = canonical.decode(_result(endorsed))
        self._channel.endorsed[endorsed.tx_id] = endorsed
        return Prepared(endorsed.tx_id, endorsed.tx_id.encode(), result)

    def finish(self, envelope: bytes, transaction_id: str) -> Receipt:
        endorsed = self._channel.endorsed[envelope.decode()]
        (code,) = self._channel.ledger.commit([endorsed])
        if code != "VALID":
            raise Invalidated(code, transaction_id)
        result = canonical.decode(endorsed.response.payload)
        return Receipt(transaction_id, len(self._channel.ledger.blocks), result, False)

    def submit(self, command: Command, actor: Actor | None = None, *, op: str | None = None, scope: str | None = None,
               signers: Sequence[ActorKey] = ()) -> Receipt:
        op = op or str(ULID())
        for attempt in range(ATTEMPTS):
            prepared = self.prepare(command, actor, op=op, scope=scope, signers=signers)
            if prepared.replayed:
                return Receipt(prepared.transaction_id, None, prepared.result, True)
            try:
                return self.finish(prepared.envelope, prepared.transaction_id)
            except Invalidated:
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError("every attempt returns or raises")

    def height(self) -> int:
        """Number of blocks; all peers are one here."""
        return self._channel.height

    def catch_up(self, height: int) -> bool:
        """There is nobody to wait for."""
        return self.height() >= height

    def endorse_raw(self, *arguments: str | bytes) -> Endorsed:
        """Arguments as they are, whatever they are; an exception in the contract is raised here."""
        endorsed = self._channel.ledger.endorse(self.creator, list(arguments))
        if endorsed.error is not None:
            raise endorsed.error
        return endorsed


def refused(response: Response) -> Refused:
    """The refusal in an answer."""
    answer = json.loads(response.message)
    return Refused(answer["code"], answer["params"], response.status)


def _result(endorsed: Endorsed) -> bytes:
    if endorsed.response.is_error:
        raise refused(endorsed.response)
    return endorsed.response.payload


def _plain(number: int, transaction: CommittedTransaction) -> Transaction:
    function, *arguments = transaction.args
    event = transaction.event
    return Transaction(
        tx_id=transaction.tx_id, number_in_block=number, valid=transaction.is_valid, code=transaction.code,
        timestamp=transaction.at, msp_id=transaction.creator.msp_id, function=function.decode(), arguments=arguments,
        event=Event(event.name, canonical.decode(event.payload)) if event else None,
        writes=list(transaction.writes.items()))
