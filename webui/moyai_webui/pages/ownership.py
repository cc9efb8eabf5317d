"""Whose record it is: what decides which buttons a person sees. The contract decides it again."""
from __future__ import annotations

from moyai_webui.accounts import SignedIn
from moyai_webui.pages.serving import settings
from moyai_webui.rows import Party, Place


def is_sender(me: SignedIn, sender: Party) -> bool:
    """The supporter itself, or an official of the home where the office is the sender."""
    if sender.account == me.account:
        return True
    officials = bool({"A", "C"} & set(me.roles))
    return officials and sender.official and sender.home == settings().municipality


def is_receiver(me: SignedIn, place: Place) -> bool:
    """An official of the place's municipality, or the clerk of this very site."""
    if place.code != settings().municipality or not {"A", "C", "S"} & set(me.roles):
        return False
    return me.site_id in ("", place.site_id)
