"""A municipality's console: its identity on the network and the officials' keys that are kept beside it."""
from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from moyai_contracts.api import Actor, Command

from moyai_client.actor_key import ActorKey
from moyai_client.errors import ProfileError, Refused
from moyai_client.ledger import Ledger, Receipt
from moyai_client.profile import Profile

ADMINISTRATOR = "A"
ACCOUNTS_FILE = "accounts.json"


@dataclass(frozen=True)
class Console:
    """One console; `keys` is the folder with `<account_id>.pem` of each official and accounts.json."""

    profile: Profile
    ledger: Ledger
    keys: Path

    @classmethod
    def open(cls, path: Path) -> Console:
        """The console of a profile file. Raises ProfileError where the profile is not a console's."""
        profile = Profile.load(path)
        if profile.service != "console" or profile.actor_keys is None:
            raise ProfileError(f"{path} is not the profile of a console")
        return cls(profile, Ledger.open(profile), profile.actor_keys)

    @property
    def code6(self) -> str:
        """The municipality's code."""
        return self.profile.municipality

    def accounts(self) -> dict[str, str]:
        """Role → account id of the officials whose keys are kept here."""
        try:
            return dict(json.loads((self.keys / ACCOUNTS_FILE).read_text("utf-8")))
        except FileNotFoundError:
            return {}

    def remember(self, role: str, account_id: str) -> None:
        """Records an official's account id, whole or not at all."""
        self.keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.keys / f"{ACCOUNTS_FILE}.new"
        draft.write_text(json.dumps(self.accounts() | {role: account_id}, indent=1, sort_keys=True) + "\n", "utf-8")
        draft.chmod(0o600)
        os.replace(draft, self.keys / ACCOUNTS_FILE)

    def administrator(self) -> tuple[Actor, ActorKey]:
        """The administrator whose key is kept here. Raises ProfileError where there is none yet."""
        account_id = self.accounts().get(ADMINISTRATOR)
        if account_id is None:
            raise ProfileError(f"{self.keys} holds no administrator of {self.code6}; run the bootstrap first")
        return Actor(account_id, ADMINISTRATOR, self.code6), ActorKey.load(self.keys, account_id)

    def key_of(self, account_id: str) -> ActorKey:
        """The key kept here for an account, made and stored at the first call."""
        if not (self.keys / f"{account_id}.pem").exists():
            ActorKey.generate(account_id).save(self.keys)
        return ActorKey.load(self.keys, account_id)

    def act(self, command: Command, *, op: str | None = None) -> Receipt:
        """Submits as the administrator, signed by the administrator's key."""
        actor, key = self.administrator()
        return self.ledger.submit(command, actor, op=op, signers=(key,))

    def stand(self, command: Command, *, op: str | None = None) -> Receipt:
        """Submits as the console itself, without an account."""
        return self.ledger.submit(command, None, op=op)

    def document(self, kind: str, /, **key: Any) -> dict[str, Any] | None:
        """A document of the context `directory` as it stands on the ledger, None where there is none."""
        try:
            return self.ledger.evaluate(f"directory.get_{kind}", key)
        except Refused as refusal:
            if refusal.code == "not_found":
                return None
            raise


def console_profiles(state: Path) -> list[Path]:
    """Profile files of all consoles below a state folder, in the order of the consortium's definition."""
    paths = {Profile.load(path).municipality: path for path in sorted(state.glob("network/*/profiles/console.json"))}
    return [paths[code6] for code6 in _definition_order([Profile.load(path) for path in paths.values()])]


def open_consoles(state: Path) -> list[Console]:
    """All consoles below a state folder. Raises ProfileError where there is none."""
    paths = console_profiles(state)
    if not paths:
        raise ProfileError(f"{state} holds no console profile; has the network been brought up?")
    return [Console.open(path) for path in paths]


def _definition_order(profiles: Sequence[Profile]) -> list[str]:
    """Each profile names the other municipalities in order; together they give the order of all."""
    before: dict[str, set[str]] = {profile.municipality: set() for profile in profiles}
    for profile in profiles:
        others = [entry.municipality for entry in profile.gateways[1:] if entry.municipality in before]
        for earlier, later in zip(others, others[1:]):
            before[later].add(earlier)
    try:
        return list(TopologicalSorter(before).static_order())
    except CycleError as error:
        raise ProfileError("the profiles name the municipalities in contradictory orders") from error
