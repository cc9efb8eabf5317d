"""How the municipalities join: LEDGER.md §3.1 "Bootstrap", step by step, each step left out where it is done already.

The first one registers and is active at once; each later one registers as pending and is admitted by the members'
votes. Every municipality ends with one administrator whose key its console has confirmed.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from moyai_contracts.api import Actor
from moyai_contracts.api.directory import (
    AccountLine, ActivateMunicipality, ConfirmKey, OpenAccount, RegisterKey, RegisterMunicipality)

from moyai_client.directory.accounts import new_account_id
from moyai_client.directory.console import ADMINISTRATOR, Console
from moyai_client.directory.votes import vote
from moyai_client.errors import MoyaiError

Tell = Callable[[str], None]


def bootstrap(consoles: Sequence[Console], tell: Tell) -> None:
    """Brings all municipalities of the consoles into the consortium, in their order; `tell` hears what happened."""
    for number, console in enumerate(consoles):
        level(consoles)
        register(console, tell)
        make_administrator(console, tell)
        admit(console, consoles[:number], tell)


def register(console: Console, tell: Tell) -> None:
    """Registers the console's own municipality."""
    profile = console.profile
    if console.document("municipality", code6=console.code6) is None:
        console.stand(RegisterMunicipality(profile.municipality, profile.name, profile.msp_id))
        tell(f"{console.code6} {profile.name}: registered as {_municipality(console)['status']}")


def make_administrator(console: Console, tell: Tell) -> None:
    """Opens the municipality's first administrator account and registers and confirms its key.

    Id and key are stored before they are sent, so that an interrupted bootstrap goes on with the same ones.
    """
    account_id = console.accounts().get(ADMINISTRATOR)
    if account_id is None:
        account_id = new_account_id()
        console.remember(ADMINISTRATOR, account_id)
    if console.document("account", account_id=account_id) is None:
        console.stand(OpenAccount((AccountLine(account_id, (ADMINISTRATOR,), console.code6, "institution"),)))
        tell(f"{console.code6} {console.profile.name}: administrator account {account_id} opened")
    key = console.key_of(account_id)
    on_ledger = console.document("key", account_id=account_id, key_id=key.key_id)
    if on_ledger is None:
        console.ledger.submit(RegisterKey(key.public), Actor(account_id, ADMINISTRATOR, console.code6))
        tell(f"{console.code6} {console.profile.name}: administrator's key {key.key_id} registered")
    if on_ledger is None or on_ledger["grade"] != "confirmed":
        console.stand(ConfirmKey(account_id, key.key_id))
        tell(f"{console.code6} {console.profile.name}: administrator's key {key.key_id} confirmed")


def admit(console: Console, members: Sequence[Console], tell: Tell) -> None:
    """Lets all members vote for a pending municipality and the first of them activate it."""
    name = f"{console.code6} {console.profile.name}"
    if _municipality(console)["status"] == "pending":
        level([*members, console])
        for member in members:
            if vote(member, "municipality", console.code6):
                tell(f"{name}: {member.profile.name} votes yes")
        level(members)
        members[0].act(ActivateMunicipality(console.code6))
        level([*members, console])
    tell(f"{name}: {_municipality(console)['status']}")


def level(consoles: Sequence[Console]) -> None:
    """Waits until the peers of all consoles stand at the same block: each one's gateway asks its own peer first."""
    height = max(console.ledger.height() for console in consoles)
    for console in consoles:
        if not console.ledger.catch_up(height):
            raise MoyaiError(f"the peer of {console.code6} {console.profile.name} does not reach block {height - 1}")


def _municipality(console: Console) -> dict[str, Any]:
    document = console.document("municipality", code6=console.code6)
    if document is None:
        raise MoyaiError(f"municipality {console.code6} is not on the ledger")
    return document
