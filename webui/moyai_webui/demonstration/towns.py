"""The municipalities of a running consortium with the accounts that the demonstration acts through."""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from moyai_client.directory import Console, open_consoles
from moyai_client.errors import ProfileError
from moyai_client.ledger import Ledger
from moyai_client.profile import Profile
from moyai_contracts.api import Actor

from moyai_webui.demonstration.load import Town
from moyai_webui.demonstration.steps import ADMINISTRATOR, CLERK
from moyai_webui.preparation import ACCOUNTS_FILE, AccountsFile, DemonstrationAccount, settings_of


def open_towns(state: Path) -> dict[str, Town]:
    """Every municipality below a state folder by its code, the founder first.

    Raises ProfileError or CannotPrepare where the network or the demonstration accounts are not there yet.
    """
    accounts = AccountsFile(state / ACCOUNTS_FILE).entries()
    return {console.code6: _town(state, console, accounts) for console in open_consoles(state)}


def _town(state: Path, console: Console, accounts: Sequence[DemonstrationAccount]) -> Town:
    ledger = Ledger.open(Profile.load(settings_of(state, console.code6).profile))
    actors = {entry.roles[0]: Actor(entry.account, entry.roles[0], entry.office) for entry in accounts
              if entry.municipality == console.code6}
    if not {ADMINISTRATOR, CLERK} <= actors.keys():
        raise ProfileError(f"{console.code6} has no demonstration accounts; run 'make up' first")
    return Town(ledger, console, actors)
