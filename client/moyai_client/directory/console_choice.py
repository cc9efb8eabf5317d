"""Which console a command line speaks for, and how its commands tell what they did."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from moyai_client.directory.console import Console, console_profiles
from moyai_client.errors import ProfileError
from moyai_client.ledger import Receipt
from moyai_client.profile import Profile


@dataclass(frozen=True)
class ConsoleChoice:
    """Which console a command line speaks for."""

    state: Path
    code6: str | None
    profile: Path | None

    def open(self) -> Console:
        """The chosen console; where only one is below the state folder it need not be named."""
        if self.profile is not None:
            return Console.open(self.profile)
        found = {Profile.load(path).municipality: path for path in console_profiles(self.state)}
        if self.code6 is None and len(found) != 1:
            raise ProfileError(f"say with --as which console to use; {self.state} holds {', '.join(found) or 'none'}")
        path = found.get(self.code6 or next(iter(found)))
        if path is None:
            raise ProfileError(f"{self.state} holds no console of {self.code6}")
        return Console.open(path)


def with_console(command: Callable[..., None]) -> Callable[..., None]:
    """Passes the chosen console as the first argument."""
    @wraps(command)
    def run(choice: ConsoleChoice, **arguments: Any) -> None:
        command(choice.open(), **arguments)

    return click.pass_obj(run)


def tell(receipt: Receipt, what: str) -> None:
    """Prints what a command did and where it stands."""
    where = "as recorded before" if receipt.replayed else f"in block {receipt.block_number}"
    click.echo(f"{what} ({where}, transaction {receipt.tx_id})")
