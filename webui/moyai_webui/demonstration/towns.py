"""The municipalities of a running consortium with the accounts that the demonstration acts through."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from moyai_client.directory.console import Console, open_consoles
from moyai_client.errors import ProfileError
from moyai_client.ledger import Ledger
from moyai_client.profile import Profile
from moyai_contracts.api import Actor

from moyai_webui.demonstration.load import Town

ACCOUNTS_FILE = "accounts.json"
ROLES = ("A", "C")


def open_towns(state: Path) -> dict[str, Town]:
    """Every municipality below a state folder by its code, the founder first.

    Raises ProfileError where the network or the demonstration accounts are not there yet.
    """
    accounts = _accounts(state / ACCOUNTS_FILE)
    return {console.code6: _town(console, accounts) for console in open_consoles(state)}


def _town(console: Console, accounts: list[dict[str, Any]]) -> Town:
    path = console.profile.actor_keys
    own = [entry for entry in accounts if entry["municipality"] == console.code6]
    actors = {role: _actor(own, role, console.code6) for role in ROLES}
    assert path is not None  # a console has keys, or it would not have been opened
    return Town(Ledger.open(Profile.load(path.parent / "profiles" / "webui.json")), console, actors)


def _actor(accounts: list[dict[str, Any]], role: str, code6: str) -> Actor:
    for entry in accounts:
        if role in entry["roles"] and entry["office"].partition("/")[0] == code6:
            return Actor(entry["account"], role, entry["office"])
    raise ProfileError(f"{code6} has no demonstration account in the role {role}; run moyai webui prepare first")


def _accounts(path: Path) -> list[dict[str, Any]]:
    try:
        content: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ProfileError(f"{path} does not exist; run make up first") from None
    return content
