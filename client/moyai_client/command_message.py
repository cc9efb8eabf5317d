"""From a command to the one canonical JSON text that goes to the chaincode, signed by the actors' keys."""
from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from moyai_contracts.api import Actor, Command, canonical
from moyai_contracts.api.command import compose, signing_bytes

from moyai_client.actor_key import ActorKey


def command_text(command: Command, actor: Actor | None, *, op: str, scope: str | None = None,
                 signers: Sequence[ActorKey] = (), signed_at: int | None = None,
                 proof: Sequence[Mapping[str, Any]] = ()) -> bytes:
    """Canonical JSON of the command; `signed_at` in UTC seconds, now where it is left out.

    `proof`: entries that a device signed already, over exactly this command; then nobody else signs.
    """
    message = compose(command, op=op, actor=actor, scope=scope)
    if proof:
        message["proof"] = [dict(entry) for entry in proof]
        return canonical.encode(message)
    if signers:
        moment = int(time.time()) if signed_at is None else signed_at
        account = actor.account if actor else None
        message["proof"] = [key.proof(moment, account) for key in signers]
        unsigned = signing_bytes(command.transaction, message)
        for entry, key in zip(message["proof"], signers, strict=True):
            entry["sig"] = key.sign(unsigned)
    return canonical.encode(message)
