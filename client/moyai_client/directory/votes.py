"""Voting on what needs a majority of the municipalities."""
from __future__ import annotations

from moyai_contracts.api.directory import CastVote, vote_hash

from moyai_client.directory.console import Console
from moyai_client.errors import MoyaiError

KEY_NAMES = {"municipality": "code6", "item": "item_code"}


def vote(console: Console, kind: str, ref: str, choice: str = "yes") -> bool:
    """Casts the console's municipality's vote on a proposal as it stands now.

    `kind` is municipality or item, `ref` its code. False where the municipality has voted so already. Raises
    MoyaiError where there is no such proposal, Refused.
    """
    document = console.document(kind, **{KEY_NAMES[kind]: ref})
    if document is None:
        raise MoyaiError(f"there is no {kind} {ref} to vote on")
    content = vote_hash(document)
    earlier = console.document("vote", kind=kind, ref=ref, hash=content, code6=console.code6)
    if earlier is not None and earlier["choice"] == choice:
        return False
    console.act(CastVote(kind, ref, content, choice))
    return True
