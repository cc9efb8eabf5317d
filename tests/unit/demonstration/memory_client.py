"""The client's ledger over a chain in memory: the same commands, answers and errors, without a network."""
from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moyai_client.actor_key import ActorKey
from moyai_client.command_message import command_text
from moyai_client.errors import Refused
from moyai_client.ledger import Receipt
from moyai_client.profile import Profile
from moyai_contracts.api import Actor, Command, canonical
from moyai_shim import Creator, Response
from moyai_shim.memory import MemoryLedger

_operations = itertools.count(1)


@dataclass(frozen=True)
class MemoryClient:
    """What `moyai_client.ledger.Ledger` offers, for one service of one municipality."""

    memory: MemoryLedger
    creator: Creator
    profile: Profile

    def submit(self, command: Command, actor: Actor | None = None, *, op: str | None = None,
               signers: Sequence[ActorKey] = (), at_height: int | None = None) -> Receipt:
        """Records a command in a block of its own."""
        text = command_text(command, actor, op=op or f"{next(_operations):026}", signers=signers,
                            signed_at=self.memory.now)
        arguments = [command.transaction.encode(), text]
        result = canonical.decode(_payload(self.memory.evaluate(self.creator, arguments)))
        if result.get("replayed"):
            return Receipt("", None, result, True)
        answer, code = self.memory.submit(self.creator, arguments)
        _payload(answer)
        assert code == "VALID"
        last = self.memory.blocks[-1]
        return Receipt(last.transactions[0].tx_id, last.number, result, False)

    def evaluate(self, name: str, args: dict[str, Any]) -> Any:
        """The answer of a query."""
        return canonical.decode(_payload(self.memory.evaluate(self.creator, [name.encode(), canonical.encode(args)])))

    def height(self) -> int:
        """Number of blocks."""
        return len(self.memory.blocks) + 1

    def catch_up(self, height: int) -> bool:
        """There is only one peer."""
        return self.height() >= height


def profile(code6: str, name: str, msp_id: str, service: str, folder: Path) -> Profile:
    """A profile whose files nobody reads."""
    return Profile("moyai", "moyai", code6, name, msp_id, service, folder / "certificate.pem", folder / "key.pem", (),
                   folder / code6)


def _payload(answer: Response) -> bytes:
    if answer.is_error:
        refusal = json.loads(answer.message)
        raise Refused(refusal["code"], refusal["params"], answer.status)
    return answer.payload
