"""Who is simulated: homes with devices and accounts, in a file, so that the next run goes on with the same ones."""
from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from moyai_client.directory import new_account_id
from moyai_contracts.api.identifiers import CROCKFORD
from ulid import ULID

LINES_A_COMMAND = 100
"""Accounts that one command opens."""


@dataclass(frozen=True)
class Household:
    """A home's device and its owner's account; `op` registers the device on the ledger.

    `is_resident`: the account is somebody's who is there already.
    """

    device_id: str
    account: str
    op: str
    is_resident: bool = False

    def with_new_device(self) -> Household:
        """The same account with another device: what was enrolled and lost its key is one no more."""
        return replace(self, device_id=_new_device_id(), op=str(ULID()))


@dataclass(frozen=True)
class Roster:
    """`start`: UTC seconds of the first reading. `legs`: the number of the last reading of each run so far.

    `seed` decides over homes and faults, None is a world without faults. `duplicates`: readings that had come twice in
    this municipality before the first run. `openings`: operations that open the accounts, LINES_A_COMMAND each.
    """

    start: int
    seed: int | None
    duplicates: int
    legs: tuple[int, ...]
    openings: tuple[str, ...]
    households: tuple[Household, ...]

    @classmethod
    def new(cls, homes: int, start: int, seed: int | None, duplicates: int, resident: str = "") -> Roster:
        """So many homes with fresh ids, the first one of the account `resident` if any; nothing simulated yet."""
        owners = [resident] * bool(resident) + [new_account_id() for _ in range(homes - bool(resident))]
        households = tuple(Household(_new_device_id(), owner, str(ULID()), owner == resident) for owner in owners)
        openings = tuple(str(ULID()) for _ in range(0, homes, LINES_A_COMMAND))
        return cls(start, seed, duplicates, (), openings, households)

    @classmethod
    def load(cls, path: Path) -> Roster | None:
        """The roster of a file, None where there is none."""
        try:
            content = json.loads(path.read_text("ascii"))
        except FileNotFoundError:
            return None
        households = tuple(Household(**household) for household in content.pop("households"))
        lists = {name: tuple(content.pop(name)) for name in ("legs", "openings")}
        return cls(**content, **lists, households=households)

    def save(self, path: Path) -> None:
        """Writes the file whole or not at all, before anything that it names is made."""
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(asdict(self), indent=1) + "\n", "ascii")
        os.replace(draft, path)

    def until(self, last: int) -> Roster:
        """With one more leg up to reading number `last`, if that goes beyond what was begun before."""
        return self if self.legs and last <= self.legs[-1] else replace(self, legs=(*self.legs, last))

    def replaced(self, place: int, household: Household) -> Roster:
        """With another household at a place."""
        return replace(self, households=(*self.households[:place], household, *self.households[place + 1:]))


def _new_device_id() -> str:
    return "".join(secrets.choice(CROCKFORD) for _ in range(26))
