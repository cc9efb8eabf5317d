"""The actor's account gets a key."""
from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric import ec

from moyai_contracts import keys
from moyai_contracts.api.command import ROLES
from moyai_contracts.api.directory import RegisterKey
from moyai_contracts.api.refusals import Refusal
from moyai_contracts.transaction import Transaction
from moyai_contracts.use_case import ACTIVE, PENDING, use_case


@use_case(RegisterKey, admitted=(PENDING, ACTIVE), roles="".join(ROLES))
def register_key(tx: Transaction, command: RegisterKey) -> None:
    """Of grade `self` until another confirms it. Refuses: `bad_argument` (no point of the curve), `id_reused`."""
    public = bytes.fromhex(command.public)
    _require_point(public)
    key_id = hashlib.sha256(public).hexdigest()[:16]
    key = keys.actor_key(tx.by, key_id)
    tx.new([key])
    tx.create(key, {"public": command.public, "grade": "self", "status": "active"})
    tx.emit(account_id=tx.by, key_id=key_id)


def _require_point(public: bytes) -> None:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    except ValueError as error:
        raise Refusal("bad_argument", field="public") from error
