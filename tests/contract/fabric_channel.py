"""The suite's channel on a real network."""
from __future__ import annotations

import time
from functools import cache
from pathlib import Path

from moyai_client.actor_key import ActorKey
from moyai_client.blocks import Transaction
from moyai_client.directory.bootstrap import bootstrap
from moyai_client.directory.console import Console, open_consoles
from moyai_client.ledger import Ledger
from moyai_client.profile import Profile
from moyai_contracts.api import Actor


class FabricChannel:
    """The network whose profiles lie below a state folder; the ledger may have a history."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._consoles: dict[str, Console] = {console.code6: console for console in open_consoles(state)}
        self._ledger = cache(self._open)

    def bootstrap(self) -> FabricChannel:
        """Lets those municipalities join that have not yet."""
        bootstrap(list(self._consoles.values()), lambda line: None)
        return self

    @property
    def now(self) -> int:
        return int(time.time())

    @property
    def height(self) -> int:
        return max(console.ledger.height() for console in self._consoles.values())

    def access(self, code6: str, service: str) -> Ledger:
        ledger = self._ledger(code6, service)
        height = self.height
        assert ledger.catch_up(height), f"the peer of {code6} does not reach block {height - 1}"
        return ledger

    def administrator(self, code6: str) -> tuple[Actor, ActorKey]:
        return self._consoles[code6].administrator()

    def transactions(self, first_block: int = 0) -> list[Transaction]:
        ledger = next(iter(self._consoles.values())).ledger
        blocks = ledger.blocks(first_block, last=self.height - 1)
        return [transaction for block in blocks for transaction in block.transactions]

    def close(self) -> None:
        """Closes all connections."""
        for console in self._consoles.values():
            console.ledger.close()

    def _open(self, code6: str, service: str) -> Ledger:
        if service == "console":
            return self._consoles[code6].ledger
        return Ledger.open(Profile.load(self._state / "network" / code6 / "profiles" / f"{service}.json"))
