"""Client of the ledger: `Ledger.open(Profile.load(path))`."""
from __future__ import annotations

from moyai_client.actor_key import ActorKey
from moyai_client.blocks import Block, Event, Transaction
from moyai_client.errors import BrokenChain, Invalidated, MoyaiError, NotSent, OutcomeUnknown, ProfileError, Refused
from moyai_client.ledger import Ledger, Prepared, Receipt
from moyai_client.profile import Profile

__all__ = ["ActorKey", "Block", "BrokenChain", "Event", "Invalidated", "Ledger", "MoyaiError", "NotSent",
           "OutcomeUnknown", "Prepared", "Profile", "ProfileError", "Receipt", "Refused", "Transaction"]
