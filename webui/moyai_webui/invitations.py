"""Links that the municipality mails to people: to choose a password, to confirm an address."""
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from moyai_webui.home import User
from moyai_webui.identity import Identity

INVITATION, RESET, CONFIRMATION, DROPPED = "invitation", "reset", "confirmation", "dropped"
LASTS = {INVITATION: timedelta(days=7), RESET: timedelta(hours=1), CONFIRMATION: timedelta(hours=24)}
PATHS = {INVITATION: "/set_password", RESET: "/set_password", CONFIRMATION: "/confirm_address"}
MOST_A_DAY = 5
"""So many mails one address gets: somebody who types another's address must not fill it."""
PASSWORD = "password"
"""Invitation and reset are one kind of link: a newer one ends the older."""


def write_to(user: User, kind: str, identity: Identity, now: datetime, **content: Any) -> bool:
    """Mails a link of a kind to a person; False where the address got enough mails today."""
    if identity.mails.count(user.mail, now - timedelta(days=1)) >= MOST_A_DAY:
        return False
    if kind in LASTS:
        secret = identity.tickets.issue(ticket_kind(kind), user.user_id, now, LASTS[kind])
        content |= {"path": f"{PATHS[kind]}?ticket={secret}", "expires": (now + LASTS[kind]).isoformat()}
    identity.mails.put(kind, user.user_id, user.mail, now, content | {"name": user.name} if user.name else content)
    return True


def ticket_kind(kind: str) -> str:
    return CONFIRMATION if kind == CONFIRMATION else PASSWORD
